package de.contactsync.imports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.contactsync.model.ContactKey;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.persistence.DatabaseSettings;
import de.contactsync.persistence.EachDatabase;
import de.contactsync.persistence.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;

@ParameterizedClass
@EachDatabase
class SqlKeyReaderTest {

    private static final UUID A = new UUID(0xA, 1);
    private static final UUID B = new UUID(0xB, 1);
    private static final UUID T = new UUID(0xC, 1);

    @Parameter
    TestDatabase.Kind kind;

    private TestDatabase test;

    @BeforeEach
    void create() {
        test = TestDatabase.create(kind);
        test.execute("CREATE TABLE person (customer_id VARCHAR(80), contact VARCHAR(80), tenant VARCHAR(80), name"
                + " VARCHAR(80))");
    }

    @AfterEach
    void close() throws Exception {
        test.close();
    }

    private List<KeyEntry> read(String query) {
        List<KeyEntry> entries = new ArrayList<>();
        try (SqlKeyReader keys = SqlKeyReader.open(new KeySelection.Sql(test.settings(), query))) {
            keys.forEachRemaining(entries::add);
        }
        return entries;
    }

    @Test
    void each_row_is_a_key_or_the_reason_why_it_is_none() {
        test.execute(
                "INSERT INTO person VALUES ('" + A + "', '" + B + "', NULL, 'Müller'), ('" + B + "', '" + A + "', '" + T
                        + "', 'Meier'), ('K4711', '" + A + "', NULL, 'Schulz'), (NULL, '" + A + "', NULL, 'Huber')");

        List<KeyEntry> entries =
                read("SELECT name, customer_id, contact AS \"Contact-ID\", tenant AS tenantId FROM person ORDER BY name"
                        + " DESC");

        assertThat(entries).hasSize(4);
        assertThat(entries.get(0)).isInstanceOfSatisfying(KeyEntry.Invalid.class, invalid -> {
            assertThat(invalid.position()).isEqualTo(1);
            assertThat(invalid.raw()).isEqualTo("K4711 " + A + " NULL");
            assertThat(invalid.problem()).startsWith("customerId is \"K4711\": expected a uuid");
        });
        assertThat(entries.get(1)).hasFieldOrPropertyWithValue("key", new ContactKey(null, A, B));
        assertThat(entries.get(2)).hasFieldOrPropertyWithValue("key", new ContactKey(T, B, A));
        assertThat(((KeyEntry.Invalid) entries.get(3)).problem()).isEqualTo("customerId is missing");
    }

    @Test
    void missing_columns_of_a_query_are_reported_with_those_it_returned() {
        assertThatThrownBy(() -> read("SELECT customer_id, name FROM person"))
                .isInstanceOf(ProcessingHaltedException.class)
                .hasMessageContaining("contacts.timer.sql.query")
                .hasMessageContaining("no column contactId among customer_id, name");
        assertThatThrownBy(() -> read("SELECT customer_id, contact AS contactId, contact AS contact_id FROM person"))
                .hasMessageContaining("more than one column contactId");
    }

    @Test
    void a_query_that_fails_is_named_with_what_to_check() {
        assertThatThrownBy(() -> read("SELECT a FROM nowhere"))
                .isInstanceOf(ProcessingHaltedException.class)
                .hasMessageContaining("nowhere")
                .hasMessageContaining("check contacts.timer.sql.query, .url, .username and .password");
        assertThatThrownBy(() -> SqlKeyReader.open(new KeySelection.Sql(
                        new DatabaseSettings("jdbc:postgresql://127.0.0.1:1/x", "me", "s3cr3t"), "SELECT 1")))
                .isInstanceOf(ProcessingHaltedException.class)
                .hasMessageNotContaining("s3cr3t");
    }

    @Test
    void rows_are_read_as_they_come_not_all_at_once() {
        // 300 bytes a row: 2 million of them would not fit.
        String series = kind == TestDatabase.Kind.POSTGRESQL
                ? "FROM generate_series(1, 2000000) AS n"
                : "FROM (WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 2000000) SELECT n"
                        + " FROM s)";
        String id = "'" + A + "'";
        try (SqlKeyReader keys = SqlKeyReader.open(new KeySelection.Sql(
                test.settings(),
                "SELECT " + id + " AS customerId, " + id + " AS contactId, '" + "x".repeat(300) + "' AS filler "
                        + series))) {
            long before = used();
            for (int i = 0; i < 100; i++) {
                keys.next();
            }
            assertThat(used() - before).isLessThan(50_000_000);
        }
    }

    private static long used() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
