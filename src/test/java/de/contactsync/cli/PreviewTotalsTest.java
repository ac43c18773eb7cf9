package de.contactsync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.crm.CrmFixture;
import de.contactsync.crm.CrmSettings;
import de.contactsync.crm.CrmSettings.Company;
import de.contactsync.crm.CrmSettings.Gone;
import de.contactsync.crm.hubspot.HubSpotSettings;
import de.contactsync.crm.hubspot.HubSpotSettings.EmailConflict;
import de.contactsync.crm.mapping.Mapping;
import de.contactsync.model.ContactKey;
import de.contactsync.model.CustomerContact;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryBatch;
import de.contactsync.model.DeliveryReport;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.Outcome;
import de.contactsync.outbox.DeliveryQueries;
import de.contactsync.outbox.Outbox;
import de.contactsync.persistence.ChunkFixture;
import de.contactsync.persistence.ChunkStore;
import de.contactsync.persistence.Database;
import de.contactsync.persistence.RunLease;
import de.contactsync.persistence.RunStore;
import de.contactsync.persistence.TestDatabase;
import de.contactsync.simulator.HubSpotOptions;
import de.contactsync.simulator.HubSpotSimulator;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a preview counts is what the import then does in the CRM, whatever was done before. */
@Tag("slow")
class PreviewTotalsTest {

    private static final int CONTACTS = 25;
    private static final int ROUNDS = 30;

    private final Random random = new Random(20261128);
    /** Of JTL, by number: the last name, empty for one that HubSpot takes not; those that are missing are gone. */
    private final Map<Integer, String> jtl = new TreeMap<>();

    private static CustomerContact contact(String lastName) {
        return lastName.isEmpty()
                ? new CustomerContact("Einkauf", null, null, null, null, null, null, null)
                : new CustomerContact(null, null, null, lastName, null, null, null, null);
    }

    private void change() {
        for (int number = 1; number <= CONTACTS; number++) {
            double dice = random.nextDouble();
            if (dice < 0.15) {
                jtl.remove(number);
            } else if (dice < 0.22) {
                jtl.put(number, "");
            } else if (dice < 0.45) {
                // Few names, so that one comes back that was sent, or refused, before.
                jtl.put(number, "Name " + random.nextInt(3));
            }
        }
    }

    private Outcome outcome(int number) {
        return jtl.containsKey(number) ? new Outcome.Found(contact(jtl.get(number))) : ChunkFixture.notFound();
    }

    /** What became of the deliveries of the file, as {@link PreviewTotals} counts them. */
    private Map<String, Long> done(
            List<Delivery> sent, List<DeliveryResult> results, List<Integer> file, Map<String, Integer> before) {
        Map<ContactKey, Integer> numbers = file.stream().collect(Collectors.toMap(ChunkFixture::key, number -> number));
        Map<String, Long> done = new TreeMap<>();
        for (int i = 0; i < sent.size(); i++) {
            Integer number = numbers.get(sent.get(i).key());
            if (number == null) {
                continue;
            }
            boolean unfit = results.get(i) instanceof DeliveryResult.Refused refused
                    && refused.why().httpStatus() == null;
            String what = sent.get(i).gone()
                    ? "remove"
                    : !jtl.containsKey(number)
                            ? "wait"
                            : unfit ? "unfit" : before.containsKey(Mapping.id(sent.get(i))) ? "update" : "create";
            done.merge(what, 1L, Long::sum);
        }
        return done;
    }

    private static Map<String, Long> predicted(PreviewTotals totals, Gone gone, double mostGone) {
        Map<String, Long> lines = totals.text(gone, mostGone, 0, false, false)
                .lines()
                .filter(line -> line.matches("  [a-z].*\\d"))
                .map(line -> line.strip().split(" {2,}"))
                .collect(Collectors.toMap(line -> line[0], line -> Long.parseLong(line[1].replace(",", ""))));
        Map<String, Long> predicted = new TreeMap<>();
        predicted.put("create", lines.get("create"));
        predicted.put("update", lines.get("update") + lines.get("send once more"));
        predicted.put("remove", lines.get(gone == Gone.FLAG ? "flag" : "delete"));
        predicted.put("wait", lines.get("wait already, sent as stored"));
        predicted.put("unfit", lines.get("refused by our own checks"));
        predicted.values().removeIf(count -> count == 0);
        return predicted;
    }

    private static Map<String, Integer> keys(HubSpotSimulator hubSpot) {
        Map<String, Integer> keys = new TreeMap<>();
        hubSpot.records().values().forEach(record -> keys.put(record.get("jtl_contact_id"), 1));
        return keys;
    }

    @ParameterizedTest
    @EnumSource
    void the_totals_are_what_the_import_then_does(Gone gone) throws Exception {
        double mostGone = 0.2;
        try (TestDatabase test = TestDatabase.create(TestDatabase.Kind.SQLITE);
                HubSpotSimulator hubSpot = HubSpotSimulator.start(HubSpotOptions.standard())) {
            CrmSettings settings = new CrmSettings(
                    new HubSpotSettings("v3", hubSpot.token(), true, EmailConflict.DEAD_LETTER, Company.NONE),
                    URI.create(hubSpot.baseUrl()),
                    gone,
                    mostGone,
                    false);
            Database database = test.open();
            RunStore runs = test.closing(new RunStore(database, Clock.systemUTC()));
            Outbox outbox = new Outbox(database, "crm", runs, Clock.systemUTC(), gone != Gone.KEEP, mostGone);
            runs.addOutbox(outbox);
            ChunkStore store = new ChunkStore(database, runs, Clock.systemUTC(), outbox);
            DeliveryQueries deliveries = new DeliveryQueries(database, "crm");
            try (CrmFixture crm = new CrmFixture(hubSpot, settings)) {
                for (int round = 1; round <= ROUNDS; round++) {
                    change();
                    List<Integer> file = IntStream.rangeClosed(1, CONTACTS)
                            .filter(number -> random.nextDouble() < 0.8)
                            .boxed()
                            .toList();
                    boolean full = random.nextInt(6) == 0;
                    PreviewPlanner planner = new PreviewPlanner(crm.mapping, settings, full);
                    PreviewTotals totals = new PreviewTotals();
                    for (int number : file) {
                        ContactKey key = ChunkFixture.key(number);
                        totals.count(
                                planner.plan(
                                        new KeyEntry.Valid(number, key),
                                        outcome(number),
                                        deliveries.of(key).orElse(null),
                                        null,
                                        value -> false),
                                deliveries::elsewhere);
                    }

                    if (full) {
                        outbox.enqueueAll();
                    }
                    long run = ((RunLease.Granted) runs.claim("file", "keys" + round + ".csv", "hash" + round, 500))
                            .run()
                            .id();
                    int chunk = 0;
                    for (int number : file) {
                        store.commit(
                                outcome(number) instanceof Outcome.Failed failed
                                        ? ChunkFixture.failed(
                                                run,
                                                chunk++,
                                                new KeyEntry.Valid(number, ChunkFixture.key(number)),
                                                failed)
                                        : ChunkFixture.found(
                                                run, chunk++, ChunkFixture.key(number), contact(jtl.get(number))));
                    }
                    runs.finish(run, file.size());
                    if (random.nextInt(4) == 0) {
                        // Nothing is sent this time, as in an outage.
                        continue;
                    }
                    String refused = Mapping.id(
                            new Delivery(ChunkFixture.key(1 + random.nextInt(CONTACTS)), null, "h", null, false));
                    hubSpot.refuse(refused);
                    Map<String, Integer> before = keys(hubSpot);
                    List<Delivery> sent = new ArrayList<>();
                    List<DeliveryResult> results = new ArrayList<>();
                    for (DeliveryBatch batch = outbox.claim(100, Duration.ZERO);
                            !batch.deliveries().isEmpty();
                            batch = outbox.claim(100, Duration.ZERO)) {
                        DeliveryReport report = crm.sink.send(batch);
                        outbox.recordResults(report);
                        sent.addAll(batch.deliveries());
                        results.addAll(report.receipts());
                    }
                    hubSpot.permit(refused);

                    assertThat(done(sent, results, file, before))
                            .as("round " + round + (full ? ", full" : ""))
                            .isEqualTo(predicted(totals, gone, mostGone));
                    assertThat(new TreeSet<>(keys(hubSpot).keySet()))
                            .hasSameSizeAs(hubSpot.records().values());
                }
            }
        }
    }

    /** It announced that they would be deleted. */
    @Test
    void what_moved_to_another_customer_is_not_counted_as_deleted() throws Exception {
        try (TestDatabase test = TestDatabase.create(TestDatabase.Kind.SQLITE);
                HubSpotSimulator hubSpot = HubSpotSimulator.start(HubSpotOptions.standard())) {
            CrmSettings settings = new CrmSettings(
                    new HubSpotSettings("v3", hubSpot.token(), true, EmailConflict.DEAD_LETTER, Company.NONE),
                    URI.create(hubSpot.baseUrl()),
                    Gone.DELETE,
                    1,
                    false);
            Database database = test.open();
            RunStore runs = test.closing(new RunStore(database, Clock.systemUTC()));
            Outbox outbox = new Outbox(database, "crm", runs, Clock.systemUTC(), true, 1);
            runs.addOutbox(outbox);
            ChunkStore store = new ChunkStore(database, runs, Clock.systemUTC(), outbox);
            DeliveryQueries deliveries = new DeliveryQueries(database, "crm");
            try (CrmFixture crm = new CrmFixture(hubSpot, settings)) {
                long first = run(runs, 1);
                for (int number = 1; number <= 4; number++) {
                    store.commit(ChunkFixture.found(first, number, ChunkFixture.key(number), contact("N" + number)));
                }
                // The third is known under both customers before.
                store.commit(ChunkFixture.found(first, 5, elsewhere(3), contact("N3")));
                runs.finish(first, 5);
                outbox.recordResults(crm.sink.send(outbox.claim(100, Duration.ZERO)));

                // The first moves, the second is gone, the third is left under the other, the fourth is gone.
                List<ContactKey> gone =
                        List.of(ChunkFixture.key(1), ChunkFixture.key(2), ChunkFixture.key(3), ChunkFixture.key(4));
                PreviewPlanner planner = new PreviewPlanner(crm.mapping, settings, false);
                PreviewTotals totals = new PreviewTotals();
                long second = run(runs, 2);
                for (ContactKey key : gone) {
                    totals.count(
                            planner.plan(
                                    new KeyEntry.Valid(1, key),
                                    ChunkFixture.notFound(),
                                    deliveries.of(key).orElse(null),
                                    null,
                                    value -> false),
                            deliveries::elsewhere);
                }
                totals.count(
                        planner.plan(
                                new KeyEntry.Valid(5, elsewhere(1)),
                                new Outcome.Found(contact("N1")),
                                deliveries.of(elsewhere(1)).orElse(null),
                                null,
                                value -> false),
                        deliveries::elsewhere);
                for (int i = 0; i < gone.size(); i++) {
                    store.commit(ChunkFixture.failed(
                            second, i, new KeyEntry.Valid(i, gone.get(i)), ChunkFixture.notFound()));
                }
                store.commit(ChunkFixture.found(second, 4, elsewhere(1), contact("N1")));
                runs.finish(second, 5);

                List<ContactKey> removed = outbox.claim(100, Duration.ZERO).deliveries().stream()
                        .filter(Delivery::gone)
                        .map(Delivery::key)
                        .toList();
                assertThat(removed).containsExactlyInAnyOrder(ChunkFixture.key(2), ChunkFixture.key(4));
                assertThat(predicted(totals, Gone.DELETE, 1)).containsEntry("remove", 2L);
            }
        }
    }

    private static long run(RunStore runs, int number) {
        return ((RunLease.Granted) runs.claim("file", "moved" + number + ".csv", "moved" + number, 500))
                .run()
                .id();
    }

    private static ContactKey elsewhere(int number) {
        ContactKey key = ChunkFixture.key(number);
        return new ContactKey(key.tenantId(), new UUID(0xC1, number), key.contactId());
    }
}
