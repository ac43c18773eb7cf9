package de.contactsync.cli;

import de.contactsync.app.CrmModule;
import de.contactsync.app.ExitCode;
import de.contactsync.config.ConfigurationException;
import de.contactsync.config.Settings;
import de.contactsync.crm.CrmSettings;
import de.contactsync.model.ContactKey;
import de.contactsync.model.CustomerContact;
import de.contactsync.model.Delivery;
import de.contactsync.model.JtlId;
import de.contactsync.outbox.ContactHistory;
import de.contactsync.outbox.DeliveryQueries;
import de.contactsync.persistence.Database;
import de.contactsync.persistence.Erasure;
import de.contactsync.resilience.BreakerRegistry;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "explain",
        description = "Shows the history of one contact, from JTL to each sink: when it was stored, what was sent,"
                + " what the sink answered. Shows no data of the contact, makes no calls and changes nothing.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class)
final class ExplainCommand implements Callable<Integer> {

    @Parameters(
            index = "0",
            paramLabel = "CUSTOMER",
            description =
                    "The customer's id (a uuid, or a number with API 1), or CUSTOMER/CONTACT as in an error report.")
    private String customer;

    @Parameters(index = "1", arity = "0..1", paramLabel = "CONTACT", description = "The contact's id.")
    private String contact;

    @Option(
            names = "--tenant",
            paramLabel = "T",
            description = "The tenant's id, or its name in the settings (default: jtl.tenant-id).")
    private String tenant;

    @Override
    public Integer call() throws Exception {
        Settings settings = Settings.loadWithoutCredentials();
        List<String> problems = new ArrayList<>();
        UUID tenantId = tenant == null ? settings.file().tenantId() : tenant(settings, problems);
        if (contact == null) {
            // The id of the contact is what is wrong where there is no slash.
            String[] ids = (customer + "/").split("/", -1);
            customer = ids[0];
            contact = ids[1];
        }
        JtlId.Kind ids = settings.file().tenants().kind(tenantId);
        UUID customerId = id("CUSTOMER", customer, ids, problems);
        UUID contactId = id("CONTACT", contact, ids, problems);
        if (tenantId == null && tenant == null) {
            problems.add("--tenant is missing: jtl.tenant-id is not set");
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        ContactKey key = new ContactKey(tenantId, customerId, contactId);
        JtlId.problem(key, ids).ifPresent(problem -> {
            throw new ConfigurationException(List.of(problem));
        });
        Clock clock = Clock.systemUTC();
        BreakerRegistry breakers =
                new BreakerRegistry(clock, System::nanoTime, settings.jtl().refusalPause());
        try (Database database = Database.openToRead(settings.database(), breakers)) {
            ContactHistory history = new ContactHistory(database);
            boolean forgotten =
                    !new Erasure(database, clock).among(List.of(key)).isEmpty();
            Explanation explanation = new Explanation(
                    forgotten,
                    history.stored(key),
                    history.deliveries(key),
                    history.deadLetters(key),
                    sent(settings, database, key));
            System.out.print(explanation.text());
            return explanation.isEmpty() ? ExitCode.DEAD_LETTERS : ExitCode.ALL_STORED;
        }
    }

    /** By the mapping as it is now, of a contact that is stored as it was accepted. */
    private static Map<String, List<String>> sent(Settings settings, Database database, ContactKey key) {
        // Without credentials there is no CRM to call, but what is set for it.
        CrmSettings crm = settings.sinks().contains("crm") ? settings.crmForPreview() : null;
        DeliveryQueries.Known known = crm == null
                ? null
                : new DeliveryQueries(database, crm.name()).of(key).orElse(null);
        if (known == null || known.accepted() == null) {
            return Map.of();
        }
        CustomerContact accepted = known.accepted();
        Map<String, String> fields = CrmModule.mapping(crm, settings.file().tenants())
                .map(
                        new Delivery(key, accepted, accepted.contentHash(), null, false),
                        crm.kind().nullHandling(),
                        crm.gone());
        return Map.of(
                crm.name(),
                fields.keySet().stream()
                        .filter(field -> !(known.lacksEmail() && crm.kind().isUnique(field)))
                        .toList());
    }

    private UUID tenant(Settings settings, List<String> problems) {
        return settings.file()
                .tenants()
                .id(tenant)
                .or(() -> ContactKey.parseUuid(tenant))
                .orElseGet(() -> wrong("--tenant", tenant, JtlId.EXPECTED_TENANT, problems));
    }

    private static UUID id(String what, String given, JtlId.Kind ids, List<String> problems) {
        return JtlId.parse(given).orElseGet(() -> wrong(what, given, ids.expected(), problems));
    }

    private static UUID wrong(String what, String given, String expected, List<String> problems) {
        problems.add(what + " is \"" + given + "\": " + expected);
        return null;
    }
}
