package de.contactsync.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import de.contactsync.crm.CrmAudit.Difference;
import de.contactsync.crm.CrmAudit.Finding;
import de.contactsync.crm.CrmAudit.Verdict;
import de.contactsync.crm.rest.DirectusApi;
import de.contactsync.crm.rest.EspoCrmApi;
import de.contactsync.crm.rest.OdooApi;
import de.contactsync.crm.rest.OdooJsonRpcApi;
import de.contactsync.crm.rest.OpenCrxApi;
import de.contactsync.crm.rest.RestApiFixture;
import de.contactsync.crm.rest.RestCrmServer;
import de.contactsync.crm.rest.RestCrmServer.Api;
import de.contactsync.crm.rest.SuiteCrmV8Api;
import de.contactsync.crm.rest.TrytonApi;
import de.contactsync.crm.rest.TwentyApi;
import de.contactsync.crm.rest.WeclappApi;
import de.contactsync.model.ContactKey;
import de.contactsync.model.CustomerContact;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryBatch;
import de.contactsync.model.DeliveryReport;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.KeyEntry;
import de.contactsync.outbox.Outbox;
import de.contactsync.persistence.ChunkFixture;
import de.contactsync.persistence.ChunkStore;
import de.contactsync.persistence.RunLease;
import de.contactsync.persistence.RunStore;
import de.contactsync.persistence.SettableClock;
import de.contactsync.persistence.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The settings of {@code examples/crm-rest} against doubles of their CRMs, from the table of deliveries to the last
 * call. A process that is killed leaves in that table what it had when it last wrote to it.
 */
@Tag("slow")
class RestExamplesTest {

    /** More by {@code -Dcrm.examples.contacts=500}. */
    private static final int CONTACTS = Integer.getInteger("crm.examples.contacts", 12);

    private static final int KILLS = 5;

    /** Behind those of the example; the grants for tokens of others are tested elsewhere. */
    private static final String BEARER =
            "contacts.crm.rest.auth=bearer\ncontacts.crm.oauth.token-endpoint=\ncontacts.crm.oauth.scope=\n"
                    + "contacts.crm.oauth.client-auth=\ncontacts.crm.oauth.parameters=\n";

    enum Example {
        DIRECTUS(DirectusApi::new, "/jtl_contact_id", "/last_name", ""),
        ESPOCRM(EspoCrmApi::new, "/cJtlContactId", "/lastName", ""),
        TWENTY(TwentyApi::new, "/jtlContactId", "/name/lastName", ""),
        WECLAPP(WeclappApi::new, "/customAttributes/0/stringValue", "/lastName", ""),
        ODOO(OdooApi::new, "/ref", "/name", ""),
        PIPEDRIVE(RestApiFixture.Pipedrive::new, "/custom_fields/" + RestApiFixture.Pipedrive.FIELD, "/name", ""),
        DATAVERSE(RestApiFixture.Dataverse::new, null, "/lastname", BEARER),
        ZOHO(
                RestApiFixture.Zoho::new,
                "/JTL_Contact_Id",
                "/Last_Name",
                BEARER + "contacts.crm.rest.auth-header=Authorization: Zoho-oauthtoken {token}\n"
                        + "contacts.crm.rest.auth=header\n"),
        TRYTON(
                TrytonApi::new,
                "/key",
                "/name",
                "contacts.crm.token=\ncontacts.crm.rest.username=anna\ncontacts.crm.rest.password=s3cr3t\n"),
        OPENCRX(
                OpenCrxApi::new,
                "/userString0",
                "/lastName",
                "contacts.crm.token=\ncontacts.crm.rest.username=anna\ncontacts.crm.rest.password=s3cr3t\n"),
        ODOO_JSONRPC(OdooJsonRpcApi::new, "/ref", "/name", "contacts.crm.token=\ncontacts.crm.rest.password=s3cr3t\n"),
        SUITECRM_V8(SuiteCrmV8Api::new, "/jtl_contact_id_c", "/last_name", BEARER),
        SUITECRM(
                RestApiFixture.SuiteCrm::new,
                "/jtl_contact_id_c",
                "/last_name",
                "contacts.crm.token=\ncontacts.crm.rest.username=anna\ncontacts.crm.rest.password=s3cr3t\n");

        private final Supplier<Api> api;
        private final String key;
        private final String name;
        private final String more;

        /** @param key where it stands in a record; null: it is the record's id */
        Example(Supplier<Api> api, String key, String name, String more) {
            this.api = api;
            this.key = key;
            this.name = name;
            this.more = more;
        }
    }

    @TempDir
    Path folder;

    private final SettableClock clock = new SettableClock("2026-03-01T10:00:00.250Z");
    private TestDatabase database;
    private RunStore runs;
    private Outbox outbox;
    private ChunkStore store;
    private long run;
    private int chunk;

    /** As a process that has just started, also after another was killed. */
    private void start() {
        clock.advance(Duration.ofMinutes(30));
        runs = database.closing(new RunStore(database.open(), clock));
        outbox = new Outbox(database.open(), "crm", runs, clock, true, 1);
        runs.addOutbox(outbox);
        store = new ChunkStore(database.open(), runs, clock, outbox);
        chunk = 0;
        run = ((RunLease.Granted) runs.claim("file", "keys.csv", "hash" + clock.instant(), 500))
                .run()
                .id();
    }

    private void found(int number, String lastName) {
        store.commit(ChunkFixture.found(
                run,
                chunk++,
                ChunkFixture.key(number),
                new CustomerContact(
                        "Einkauf",
                        "Herr",
                        "Jörg",
                        lastName,
                        "030 1234567",
                        "0171 7654321",
                        "c" + number + "@example.org",
                        null)));
    }

    private void notFound(int number) {
        store.commit(ChunkFixture.failed(
                run, chunk++, new KeyEntry.Valid(number, ChunkFixture.key(number)), ChunkFixture.notFound()));
    }

    private void send(RestCrmFixture station, boolean killed) {
        for (DeliveryBatch batch = claim(station); !batch.deliveries().isEmpty(); batch = claim(station)) {
            DeliveryReport report = station.sink.send(batch);
            assertThat(station.breakers.outages()).isEmpty();
            if (killed) {
                return;
            }
            outbox.recordResults(report);
        }
        assertThat(database.rows("SELECT error_message FROM dead_letter WHERE stage LIKE 'sink%'"))
                .isEmpty();
    }

    private DeliveryBatch claim(RestCrmFixture station) {
        DeliveryBatch batch = outbox.claim(station.sink.batchSize(), Duration.ZERO);
        return new DeliveryBatch(
                batch.deliveries(), System.nanoTime() + Duration.ofMinutes(1).toNanos());
    }

    @ParameterizedTest
    @EnumSource
    void each_contact_has_one_record_whatever_happens_in_between(Example example) throws Exception {
        try (TestDatabase sqlite = TestDatabase.create(TestDatabase.Kind.SQLITE);
                RestCrmServer crm = new RestCrmServer(example.api.get());
                RestCrmFixture station = RestCrmFixture.example(
                        folder,
                        crm,
                        example.name().toLowerCase(Locale.ROOT).replace('_', '-'),
                        "contacts.on-gone=delete\ncontacts.max-gone-share=100%\ncontacts.crm.rest.rate=\n"
                                + "contacts.crm.token=" + RestCrmServer.TOKEN + "\n" + example.more)) {
            database = sqlite;
            start();
            Map<String, String> expected = new TreeMap<>();
            IntStream.rangeClosed(1, CONTACTS).forEach(number -> {
                found(number, "Name" + number);
                expected.put(id(number), "Name" + number);
            });
            for (int kill = 1; kill <= KILLS; kill++) {
                send(station, true);
                start();
            }
            send(station, false);
            assertThat(records(example, crm)).as("all").containsExactlyEntriesOf(expected);

            int calls = crm.calls().size();
            IntStream.rangeClosed(1, CONTACTS).forEach(number -> found(number, "Name" + number));
            send(station, false);
            assertThat(crm.calls()).as("again").hasSize(calls);

            change(2, "Müller", expected);
            send(station, false);
            assertThat(records(example, crm)).as("a change").containsExactlyEntriesOf(expected);
            assertThat(crm.calls().subList(calls, crm.calls().size()).stream()
                            .filter(call -> String.valueOf(call.body()).contains("Müller")))
                    .as("that alone")
                    .hasSize(1);

            for (int kill = 1; kill <= KILLS; kill++) {
                change(3, "Schmidt" + kill, expected);
                change(CONTACTS + kill, "Neu", expected);
                send(station, true);
                start();
            }
            send(station, false);
            assertThat(records(example, crm)).as("killed").containsExactlyEntriesOf(expected);

            change(CONTACTS + KILLS + 1, "Ungewiss", expected);
            crm.cutAfter("POST");
            send(station, false);
            assertThat(records(example, crm)).as("an answer is lost").containsExactlyEntriesOf(expected);

            notFound(4);
            expected.remove(id(4));
            runs.finish(run, chunk);
            send(station, false);
            assertThat(records(example, crm)).as("gone").containsExactlyEntriesOf(expected);

            start();
            change(4, "Wieder", expected);
            send(station, false);
            assertThat(records(example, crm)).as("back").containsExactlyEntriesOf(expected);

            crm.records().forEach((id, record) -> {
                if (key(example, id, record).equals(id(5))) {
                    crm.remove(id);
                }
            });
            change(5, "Neuer", expected);
            send(station, false);
            assertThat(records(example, crm)).as("deleted by hand").containsExactlyEntriesOf(expected);
        }
    }

    /** The calls of these examples had nothing but ids and keys shown, so what people had changed counted as sent. */
    @ParameterizedTest
    @EnumSource(
            names = {"DIRECTUS", "ESPOCRM", "ODOO", "ODOO_JSONRPC", "SUITECRM_V8", "TRYTON", "TWENTY", "WECLAPP", "ZOHO"
            })
    void what_people_have_edited_is_found_by_an_audit(Example example) throws Exception {
        try (RestCrmServer crm = new RestCrmServer(example.api.get());
                RestCrmFixture station = RestCrmFixture.example(
                        folder,
                        crm,
                        example.name().toLowerCase(Locale.ROOT).replace('_', '-'),
                        "contacts.crm.rest.rate=\ncontacts.crm.token=" + RestCrmServer.TOKEN + "\n" + example.more)) {
            List<Delivery> delivered = IntStream.of(1, 2)
                    .mapToObj(number -> {
                        DeliveryResult result = station.send(RestCrmFixture.delivery(number, null, "Name"))
                                .get(0);
                        return RestCrmFixture.delivery(
                                number, null, "Name", ((DeliveryResult.Accepted) result).remoteId());
                    })
                    .toList();
            JsonPointer name = JsonPointer.compile(example.name);
            ObjectNode edited =
                    (ObjectNode) crm.records().get(delivered.get(0).remoteId()).at(name.head());
            edited.put(name.last().getMatchingProperty(), "Von Hand");

            List<Finding> findings = station.sink.audit().compare(delivered);

            assertThat(findings).extracting(Finding::verdict).containsExactly(Verdict.EDITED, Verdict.AS_SENT);
            assertThat(findings.get(0).differences())
                    .extracting(Difference::there)
                    .containsExactly("Von Hand");
        }
    }

    private void change(int number, String lastName, Map<String, String> expected) {
        found(number, lastName);
        expected.put(id(number), lastName);
    }

    private static String id(int number) {
        ContactKey key = ChunkFixture.key(number);
        return key.contactId().toString();
    }

    private static String key(Example example, String id, JsonNode record) {
        return example.key == null ? id : record.at(example.key).asText();
    }

    /** Last names by keys; of two records with one key both are in it. */
    private static Map<String, String> records(Example example, RestCrmServer crm) {
        Map<String, String> records = new TreeMap<>();
        crm.records().forEach((id, record) -> {
            String key = key(example, id, record).replaceFirst("^.*/", "");
            if (key.isEmpty()) {
                // SuiteCRM keeps what is deleted, without its fields here.
                return;
            }
            List<String> words = List.of(record.at(example.name).asText().split(" "));
            records.merge(key, words.get(words.size() - 1), (one, other) -> one + "+" + other);
        });
        return records;
    }
}
