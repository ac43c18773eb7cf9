package de.contactsync.cli;

import de.contactsync.app.ExitCode;
import de.contactsync.config.ConfigurationException;
import de.contactsync.config.Settings;
import de.contactsync.crm.CrmSettings.Gone;
import de.contactsync.model.ContactKey;
import de.contactsync.model.JtlId;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.persistence.Database;
import de.contactsync.persistence.Erasure;
import de.contactsync.persistence.Erasure.EnqueuedRemovals;
import de.contactsync.persistence.Erasure.Person;
import de.contactsync.persistence.Erasure.Removed;
import de.contactsync.resilience.BreakerRegistry;
import de.contactsync.routes.RouteSinkSettings;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "forget",
        description = "Removes a person from the database, and stores nothing about them from then on.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class)
final class ForgetCommand implements Callable<Integer> {

    static final class Who {
        @Option(
                names = "--contact",
                required = true,
                paramLabel = "ID",
                description = "The contact's id: a uuid, or a number with API 1.")
        private String contact;

        @Option(
                names = "--customer",
                required = true,
                paramLabel = "ID",
                description = "All contacts of the customer with this id.")
        private String customer;
    }

    @ArgGroup(multiplicity = "1")
    private Who who;

    @Option(
            names = "--tenant",
            paramLabel = "T",
            description = "The tenant's id, or its name in the settings (default: jtl.tenant-id).")
    private String tenant;

    @Option(names = "--crm", description = "Also delete or flag the person in the CRM, as contacts.on-gone says.")
    private boolean crm;

    @Option(names = "--undo", description = "Lift the removal: later runs store the person again.")
    private boolean undo;

    private final Clock clock = Clock.systemUTC();

    @Override
    public Integer call() throws Exception {
        Settings settings = crm && !undo ? Settings.load() : Settings.loadWithoutCredentials();
        UUID tenantId = tenant(settings);
        JtlId.Kind ids = settings.file().tenants().kind(tenantId);
        Person person = new Person(tenantId, id("--contact", who.contact, ids), id("--customer", who.customer, ids));
        boolean kept = settings.crm().map(given -> given.gone() == Gone.KEEP).orElse(true)
                && settings.routeSinks().stream().noneMatch(RouteSinkSettings::removesGone);
        if (crm && !undo && kept) {
            throw new ConfigurationException(
                    List.of("--crm requires a CRM or a route in contacts.sinks, and contacts.on-gone=flag or"
                            + " contacts.on-gone=delete"));
        }
        BreakerRegistry breakers =
                new BreakerRegistry(clock, System::nanoTime, settings.jtl().refusalPause());
        try (Database database = Database.open(settings.database(), breakers, settings.maxWait())) {
            Erasure erasure = new Erasure(database, clock);
            return undo ? undo(erasure, person) : forget(settings, erasure, person);
        }
    }

    private static int undo(Erasure erasure, Person person) {
        System.out.println(
                erasure.undo(person)
                        ? "Lifted: later runs store the person again. Removed data does not come back by itself."
                        : "Nothing was changed: no person with this id was forgotten.");
        return ExitCode.ALL_STORED;
    }

    private int forget(Settings settings, Erasure erasure, Person person) throws Exception {
        String hash = erasure.remember(person);
        Set<ContactKey> contacts = erasure.contacts(person);
        long removedThere = 0;
        long notThere = 0;
        if (crm) {
            EnqueuedRemovals removals = erasure.enqueueRemovals(contacts);
            if (removals.records() > 0) {
                SyncCommand.run(settings, false);
            }
            long left = erasure.withSinks(contacts);
            if (left > 0) {
                System.err.println("The CRM still has " + count(left, "record", "records")
                        + " of the person, so nothing was removed here; nothing new is stored. Re-run the same command"
                        + " when the CRM accepts changes again.");
                return ExitCode.HALTED;
            }
            notThere = erasure.withoutRecord(contacts) - removals.before();
            removedThere = removals.records() - notThere;
        }
        Removed removed = erasure.remove(person, hash, contacts);
        try {
            erasure.overwriteRemoved();
        } catch (ProcessingHaltedException e) {
            System.err.println(
                    "The person was removed from the tables, but the database file may still contain deleted data,"
                            + " because it could not be rewritten: " + e.getMessage()
                            + ". Rewriting needs as much free disk space as the file has: free some space and re-run"
                            + " the same command.");
            return ExitCode.HALTED;
        }
        System.out.println("Forgotten at " + clock.instant() + ", receipt " + hash.substring(0, 16) + ": removed "
                + count(removed.contacts(), "contact", "contacts") + ", "
                + count(removed.deadLetters(), "dead letter", "dead letters") + " and the state of "
                + count(removed.deliveries(), "delivery", "deliveries")
                + (crm
                        ? "; " + count(removedThere, "record in the CRM was ", "records in the CRM were ")
                                + (settings.crm()
                                                .map(given -> given.gone() == Gone.DELETE)
                                                .orElse(false)
                                        ? "deleted"
                                        : settings.crm().isPresent() ? "flagged" : "passed to routes as gone")
                                + (notThere == 0
                                        ? ""
                                        : ", and " + count(notThere, "contact", "contacts")
                                                + " had no record there, or none of their own")
                        : "")
                + ". Key files, their reports and files written by contacts.sinks=file were not touched: remove"
                + " them yourself.");
        return ExitCode.ALL_STORED;
    }

    private static String count(long count, String one, String more) {
        return count + " " + (count == 1 ? one : more);
    }

    private UUID tenant(Settings settings) {
        UUID id = tenant == null
                ? settings.file().tenantId()
                : settings.file()
                        .tenants()
                        .id(tenant)
                        .or(() -> ContactKey.parseUuid(tenant))
                        .orElseThrow(() -> wrong("--tenant", tenant, JtlId.EXPECTED_TENANT));
        if (id == null) {
            throw new ConfigurationException(List.of("--tenant is missing: jtl.tenant-id is not set"));
        }
        return id;
    }

    private static UUID id(String option, String given, JtlId.Kind ids) {
        if (given == null) {
            return null;
        }
        UUID id = JtlId.parse(given).orElseThrow(() -> wrong(option, given, ids.expected()));
        if (ids != JtlId.Kind.ANY && JtlId.isNumber(id) != (ids == JtlId.Kind.NUMBER)) {
            throw wrong(option, given, ids.expected());
        }
        return id;
    }

    private static ConfigurationException wrong(String option, String given, String expected) {
        return new ConfigurationException(List.of(option + " is \"" + given + "\": " + expected));
    }
}
