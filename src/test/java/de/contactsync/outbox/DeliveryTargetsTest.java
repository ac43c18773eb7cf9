package de.contactsync.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.model.DeliveryTarget;
import de.contactsync.persistence.TestDatabase;
import java.time.Clock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DeliveryTargetsTest {

    private static final DeliveryTarget TEST = new DeliveryTarget("hubspot", "https://api.hubapi.com", "1", null);
    private static final DeliveryTarget LIVE = new DeliveryTarget("hubspot", "https://api.hubapi.com", "2", null);

    private TestDatabase test;

    private DeliveryTargets targets(TestDatabase.Kind kind) {
        test = TestDatabase.create(kind);
        return new DeliveryTargets(test.open(), Clock.systemUTC());
    }

    @AfterEach
    void close() throws Exception {
        test.close();
    }

    @ParameterizedTest
    @EnumSource
    void the_first_target_is_taken_and_no_other_takes_its_place(TestDatabase.Kind kind) {
        DeliveryTargets targets = targets(kind);
        assertThat(targets.of("crm")).isNull();
        assertThat(targets.adopt("crm", TEST)).isEqualTo(TEST);
        assertThat(targets.adopt("crm", LIVE)).isEqualTo(TEST);
        assertThat(targets.adopt("other", LIVE)).isEqualTo(LIVE);
        assertThat(targets.of("crm")).isEqualTo(TEST);
    }

    @ParameterizedTest
    @EnumSource
    void an_account_that_is_known_only_later_is_written_down_then(TestDatabase.Kind kind) {
        DeliveryTargets targets = targets(kind);
        targets.adopt("crm", new DeliveryTarget("hubspot", "https://api.hubapi.com", null, null));
        targets.adopt("crm", TEST);
        assertThat(targets.of("crm")).isEqualTo(TEST);
    }

    @ParameterizedTest
    @EnumSource
    void the_mapping_is_that_by_which_all_were_sent_and_full_is_done_once(TestDatabase.Kind kind) {
        DeliveryTargets targets = targets(kind);
        targets.adopt("crm", TEST);
        assertThat(targets.mapping("crm")).isNull();
        assertThat(targets.mapping("crm", "a")).isEqualTo("a");
        assertThat(targets.mapping("crm", "b")).isEqualTo("a");
        targets.setMapping("crm", "b");
        assertThat(targets.mapping("crm")).isEqualTo("b");

        assertThat(targets.isFullDue("crm")).isTrue();
        targets.setFull("crm", true);
        assertThat(targets.isFullDue("crm")).isFalse();
        targets.setFull("crm", false);
        assertThat(targets.isFullDue("crm")).isTrue();
    }

    /** Those of addresses that another record has were not looked for by any test, and could have stayed open. */
    @ParameterizedTest
    @EnumSource
    void the_open_letters_of_a_forgotten_target_are_discarded_and_no_others(TestDatabase.Kind kind) throws Exception {
        DeliveryTargets targets = targets(kind);
        targets.adopt("crm", TEST);
        String[] stages = {
            "sink:crm",
            "sink:crm:company",
            "sink:crm:email",
            "sink:crm:phone",
            "sink:crms:phone",
            "sink:other:email",
            "jtl"
        };
        for (String stage : stages) {
            for (String state : new String[] {"open", "replayed"}) {
                test.execute("INSERT INTO dead_letter (source, position, stage, reason, attempts, first_failed_at,"
                        + " last_failed_at, state) VALUES ('crm', '1', '" + stage + "', 'sink-rejected', 1,"
                        + " '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z', '" + state + "')");
            }
        }

        targets.forget("crm", true);
        assertThat(test.rows("SELECT stage FROM dead_letter WHERE state = 'discarded'"))
                .as("the same target under another address")
                .isEmpty();
        targets.adopt("crm", TEST);
        targets.forget("crm", false);

        assertThat(test.rows("SELECT stage FROM dead_letter WHERE state = 'discarded' ORDER BY id"))
                .containsExactly("sink:crm", "sink:crm:company", "sink:crm:email", "sink:crm:phone");
        assertThat(test.rows("SELECT stage FROM dead_letter WHERE state = 'open' ORDER BY id"))
                .containsExactly("sink:crms:phone", "sink:other:email", "jtl");
    }

    @ParameterizedTest
    @EnumSource
    void what_is_forgotten_is_that_of_one_sink(TestDatabase.Kind kind) {
        DeliveryTargets targets = targets(kind);
        targets.adopt("crm", TEST);
        targets.adopt("other", TEST);
        for (String sink : new String[] {"crm", "other"}) {
            test.execute(
                    "INSERT INTO delivery (sink, tenant_id, customer_id, contact_id, state, pending_since) VALUES ('"
                            + sink
                            + "', '00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000001',"
                            + " '00000000-0000-0000-0000-000000000001', 'delivered', '2026-01-01T00:00:00.000Z')");
        }
        assertThat(targets.forget("nobody", false)).isEqualTo(-1);
        assertThat(targets.forget("crm", true)).isZero();
        assertThat(targets.adopt("crm", LIVE)).isEqualTo(LIVE);
        assertThat(targets.forget("crm", false)).isEqualTo(1);
        assertThat(targets.of("crm")).isNull();
        assertThat(targets.of("other")).isEqualTo(TEST);
        assertThat(targets.forget("other", false)).isEqualTo(1);
    }
}
