package de.contactsync.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.contactsync.app.CrmModule;
import de.contactsync.crm.CrmSettings;
import de.contactsync.crm.CrmTimeouts;
import de.contactsync.http.Network;
import de.contactsync.model.DeliveryTarget;
import de.contactsync.model.TenantNames;
import de.contactsync.outbox.DeliveryTargets;
import de.contactsync.persistence.Database;
import de.contactsync.persistence.RunStore;
import de.contactsync.persistence.SecretKeys;
import de.contactsync.persistence.SecretVault;
import de.contactsync.persistence.TestDatabase;
import de.contactsync.resilience.TestBreakers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With a test account first and the live one afterwards, on one database, records of others were once overwritten. */
class CrmTargetTest {

    private final TestDatabase test = TestDatabase.create(TestDatabase.Kind.SQLITE);
    private final Database database = test.open();

    @TempDir
    Path folder;

    @AfterEach
    void close() throws Exception {
        test.close();
    }

    private CrmSettings settings(String... more) throws Exception {
        Properties given = new Properties();
        given.setProperty("jtl.oauth.client-id", "id");
        given.setProperty("jtl.oauth.client-secret", "secret");
        given.setProperty("contacts.sinks", "database,crm");
        given.setProperty("contacts.crm.token", "t0ken");
        for (String line : more) {
            given.setProperty(line.split("=", 2)[0], line.split("=", 2)[1]);
        }
        Files.writeString(folder.resolve("application.properties"), "");
        return Settings.load(folder, Map.of(), given).crm().orElseThrow();
    }

    private void start(CrmSettings settings) throws Exception {
        RunStore runs = test.closing(new RunStore(database, Clock.systemUTC()));
        try (CrmModule house = new CrmModule(
                settings,
                TenantNames.only(null),
                CrmTimeouts.DEFAULT,
                Network.DIRECT,
                database,
                new SecretVault(test.settings(), SecretKeys.NONE),
                runs,
                TestBreakers.create(),
                Clock.systemUTC())) {
            house.requireKnownTarget();
        }
    }

    @Test
    void another_address_is_refused_with_the_ways_out() throws Exception {
        DeliveryTargets targets = new DeliveryTargets(database, Clock.systemUTC());
        targets.adopt("crm", new DeliveryTarget("hubspot", "http://127.0.0.1:1", null, null));

        assertThatThrownBy(() -> start(settings()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContainingAll(
                        "hubspot at https://api.hubapi.com",
                        "belongs to hubspot at http://127.0.0.1:1",
                        "contacts.crm.name=NAME",
                        "crm forget-target crm",
                        "--keep-deliveries");

        start(settings("contacts.crm.name=live"));
        targets.forget("crm", false);
        start(settings());
    }

    @Test
    void where_the_account_decides_it_is_asked_for_first() throws Exception {
        new DeliveryTargets(database, Clock.systemUTC())
                .adopt("crm", new DeliveryTarget("hubspot", "http://127.0.0.1:1", "62515", null));
        start(settings());

        assertThatThrownBy(() -> start(settings(
                        "contacts.crm.kind=salesforce",
                        "contacts.crm.base-url=https://a.my.salesforce.com",
                        "contacts.crm.oauth.client-id=i",
                        "contacts.crm.oauth.client-secret=s")))
                .isInstanceOf(ConfigurationException.class);
    }

    /** The preview told what would be updated and deleted at a CRM into which no import would have started. */
    @Test
    void preview_and_import_judge_the_target_alike() throws Exception {
        DeliveryTarget known = new DeliveryTarget("hubspot", "http://127.0.0.1:1", null, null);
        CrmSettings settings = settings();

        assertThatThrownBy(() -> CrmModule.requireTarget(settings, known)).isInstanceOf(ConfigurationException.class);
        assertThat(CrmModule.requireTarget(settings, null)).isNull();
        assertThat(CrmModule.requireTarget(
                        settings, new DeliveryTarget("hubspot", "https://api.hubapi.com", "62515", null)))
                .isNull();
        assertThat(CrmModule.requireTarget(
                        settings, new DeliveryTarget("hubspot", "http://127.0.0.1:1", "62515", null)))
                .contains("an import starts only if", "62515");
    }

    private CrmSettings rpc(String database, String... more) throws Exception {
        return settings(Stream.concat(
                        Stream.of(
                                "contacts.crm.kind=rest",
                                "contacts.crm.base-url=http://127.0.0.1:1",
                                "contacts.crm.rest.mode=find-then-write",
                                "contacts.crm.rest.find=POST /rpc {\"key\": \"{key}\"}",
                                "contacts.crm.rest.create=POST /rpc {\"vals\": \"{record}\"}",
                                "contacts.crm.rest.update=POST /rpc {\"db\": \"" + database
                                        + "\", \"id\": \"{remoteId}\", \"vals\": \"{record}\"}",
                                "contacts.crm.rest.gone=MISSING"),
                        Stream.of(more))
                .toArray(String[]::new));
    }

    private void adopted(CrmSettings settings) {
        new DeliveryTargets(database, Clock.systemUTC()).adopt("crm", settings.target(null));
    }

    /** Records of strangers were overwritten by the ids of a test database that only the body named. */
    @Test
    void another_database_in_the_body_or_header_of_a_call_is_another_target() throws Exception {
        adopted(rpc("test", "contacts.crm.rest.headers=Prefer: x | X-Org: s3cr3t-org"));
        start(rpc("test", "contacts.crm.rest.headers=X-Org:  s3cr3t-org | Prefer: x", "contacts.crm.token=rotated"));

        assertThatThrownBy(() -> start(rpc("prod", "contacts.crm.rest.headers=Prefer: x | X-Org: s3cr3t-org")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContainingAll(
                        "contacts.crm.rest.update has changed",
                        "contacts.crm.name=NAME",
                        "crm forget-target crm",
                        "--keep-deliveries");
        assertThatThrownBy(() -> start(rpc("test", "contacts.crm.rest.headers=Prefer: x | X-Org: prod")))
                .hasMessageContaining("contacts.crm.rest.headers has changed")
                .hasMessageNotContaining("contacts.crm.rest.update");
        assertThatThrownBy(() -> start(rpc("test", "contacts.crm.rest.headers=Prefer: x")))
                .hasMessageContaining("contacts.crm.rest.headers");
        assertThat(test.rows("SELECT * FROM delivery_target").toString()).doesNotContain("s3cr3t-org");
    }

    /** Once, all contacts were created a second time, beside the records that had the former key. */
    @Test
    void another_key_of_the_records_is_another_target() throws Exception {
        adopted(rpc("test"));

        assertThatThrownBy(() -> start(rpc("test", "contacts.crm.rest.key=shop-{contactId}")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContainingAll("contacts.crm.rest.key has changed", "crm forget-target crm");
        assertThatThrownBy(() -> start(rpc("test", "contacts.crm.rest.key={contactId}")))
                .hasMessageContaining("contacts.crm.rest.key has changed");
    }

    @Test
    void the_call_that_deletes_may_come_later_and_is_remembered_while_it_is_away() throws Exception {
        String[] delete = {"contacts.on-gone=delete", "contacts.crm.rest.delete=POST /rpc {\"del\": \"{remoteId}\"}"};
        String[] other = {
            "contacts.on-gone=delete", "contacts.crm.rest.delete=POST /rpc {\"db\": \"prod\", \"del\": \"{remoteId}\"}"
        };
        adopted(rpc("test"));
        start(rpc("test", delete));
        adopted(rpc("test", delete));
        start(rpc("test"));
        adopted(rpc("test"));

        assertThatThrownBy(() -> start(rpc("test", other))).hasMessageContaining("contacts.crm.rest.delete");
    }

    @Test
    void a_target_that_was_written_down_without_its_calls_is_taken_over_once() throws Exception {
        adopted(rpc("test"));
        test.execute("UPDATE delivery_target SET calls = NULL");
        start(rpc("prod"));
        adopted(rpc("prod"));

        assertThatThrownBy(() -> start(rpc("test"))).hasMessageContaining("contacts.crm.rest.update");
    }

    @Test
    void the_name_is_one_that_no_other_sink_has() {
        assertThatThrownBy(() -> settings("contacts.crm.name=database")).hasMessageContaining("contacts.crm.name");
        assertThatThrownBy(() -> settings("contacts.crm.name=Test CRM")).hasMessageContaining("contacts.crm.name");
    }
}
