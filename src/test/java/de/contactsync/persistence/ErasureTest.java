package de.contactsync.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import de.contactsync.model.ContactKey;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.EnrichedChunk;
import de.contactsync.model.JtlId;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.Outcome;
import de.contactsync.outbox.OutboxFixture;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;

/** What is left of a person, and of old times. */
@ParameterizedClass
@EachDatabase
class ErasureTest extends OutboxFixture {

    /**
     * With -Dyear.keys=20000, say, the simulated year has runs of a real customer, on PostgreSQL alone. It says how far
     * it is, because it takes some time then, not a second.
     */
    private static final int KEYS_A_DAY = Integer.getInteger("year.keys", 20);

    private static final int KEYS_A_CHUNK = 500;
    private static final int LETTERS_A_DAY = Math.max(3, KEYS_A_DAY / 250);
    private static final ContactKey KEY = ChunkFixture.key(1);
    private static final Erasure.Person CONTACT = new Erasure.Person(ChunkFixture.TENANT, KEY.contactId(), null);

    private Erasure.Removed forget(Erasure.Person person) {
        Erasure erasure = new Erasure(database, clock);
        String hash = erasure.remember(person);
        Set<ContactKey> contacts = erasure.contacts(person);
        return erasure.remove(person, hash, contacts);
    }

    private void fill() {
        named(1, "Groß");
        named(2, "Klein");
        store.commit(ChunkFixture.failed(run, chunk++, new KeyEntry.Valid(1, KEY), ChunkFixture.notFound()));
        store.commit(
                ChunkFixture.failed(run, chunk++, new KeyEntry.Valid(2, ChunkFixture.key(2)), ChunkFixture.notFound()));
        store.commit(ChunkFixture.failed(
                run,
                chunk++,
                new KeyEntry.Invalid(
                        3, "Groß;" + KEY.contactId().toString().toUpperCase(Locale.ROOT), "too many cells"),
                ChunkFixture.invalid("too many cells")));
    }

    private boolean anythingNames(ContactKey key) {
        return test.everything().stream()
                        .anyMatch(row -> row.toLowerCase(Locale.ROOT)
                                .contains(key.contactId().toString()))
                || test.rows("SELECT * FROM forgotten")
                        .toString()
                        .contains(key.contactId().toString());
    }

    @Test
    void one_person_leaves_every_table_and_nobody_else_does() {
        fill();

        Erasure.Removed removed = forget(CONTACT);

        assertThat(removed)
                .extracting(Erasure.Removed::contacts, Erasure.Removed::deadLetters, Erasure.Removed::deliveries)
                .containsExactly(1L, 2L, 1L);
        assertThat(anythingNames(KEY)).isFalse();
        assertThat(test.rows("SELECT last_name FROM contact")).containsExactly("Klein");
        assertThat(test.count("dead_letter")).isEqualTo(1);
        assertThat(test.count("delivery")).isEqualTo(1);
        assertThat(removed.hash()).hasSize(64);
    }

    /** SQLite leaves deleted rows in its file and its log, where any editor shows them. */
    @Test
    void nothing_of_the_person_is_left_in_the_bytes_of_an_sqlite_file() throws Exception {
        assumeTrue(kind == TestDatabase.Kind.SQLITE, "docs/operations.md says what PostgreSQL's VACUUM does");
        String name = "Kanarienvogel".repeat(500);
        for (int i = 1; i < 40; i++) {
            named(i, i == 1 ? name : "Klein");
        }
        named(1, name + "s");
        store.commit(ChunkFixture.failed(
                run,
                chunk++,
                new KeyEntry.Invalid(3, "Kanarienvogel;" + KEY.contactId(), "too many cells"),
                ChunkFixture.invalid("too many cells")));
        assertThat(filesWith("Kanarienvogel")).isNotEmpty();

        forget(CONTACT);
        new Erasure(database, clock).overwriteRemoved();

        assertThat(filesWith("Kanarienvogel")).isEmpty();
        assertThat(filesWith(KEY.contactId().toString())).isEmpty();
        assertThat(test.count("contact")).isEqualTo(38);
    }

    private List<Path> filesWith(String text) throws IOException {
        Path file = DatabaseSettings.sqliteFile(test.settings().url());
        try (Stream<Path> files = Files.list(file.getParent())) {
            List<Path> found = new ArrayList<>();
            for (Path each : files.toList()) {
                if (new String(Files.readAllBytes(each), StandardCharsets.ISO_8859_1).contains(text)) {
                    found.add(each);
                }
            }
            return found;
        }
    }

    @Test
    void a_later_run_says_forgotten_and_stores_nothing_until_that_is_undone() {
        fill();
        forget(CONTACT);

        EnrichedChunk end = store.commit(ChunkFixture.found(run, chunk++, 1, 2));

        assertThat(end.outcomes().get(0))
                .isInstanceOfSatisfying(
                        Outcome.Failed.class,
                        failed -> assertThat(failed.errorCode()).isEqualTo("forgotten"));
        assertThat(end.outcomes().get(1)).isInstanceOf(Outcome.Found.class);
        assertThat(anythingNames(KEY)).isFalse();
        assertThat(test.rows("SELECT position, reason, state FROM dead_letter WHERE error_code = 'forgotten'"))
                .containsExactly("1|rejected|discarded");
        store.commit(ChunkFixture.failed(run, chunk++, new KeyEntry.Valid(7, KEY), ChunkFixture.notFound()));
        assertThat(anythingNames(KEY)).isFalse();

        assertThat(new Erasure(database, clock).undo(CONTACT)).isTrue();
        assertThat(new Erasure(database, clock).undo(CONTACT)).isFalse();
        named(1, "Groß");
        assertThat(anythingNames(KEY)).isTrue();
    }

    /** A line that was no key became a dead letter with all that stood in it. */
    @Test
    void an_invalid_line_about_a_forgotten_contact_stores_nothing_until_undone() {
        Erasure.Person customer = new Erasure.Person(ChunkFixture.TENANT, null, KEY.customerId());
        forget(customer);
        String bare = KEY.customerId().toString().replace("-", "").toUpperCase(Locale.ROOT);
        KeyEntry bad = new KeyEntry.Invalid(1, "{" + bare + "} Groß", "contactId is not a uuid");
        String typeset = KEY.customerId().toString().replace('-', '–');
        KeyEntry badToo = new KeyEntry.Invalid(3, typeset + " Groß", "contactId is not a uuid");
        KeyEntry other = new KeyEntry.Invalid(2, ChunkFixture.key(2).customerId() + " x", "contactId is not a uuid");
        store.commit(ChunkFixture.failed(run, chunk++, bad, ChunkFixture.invalid("contactId is not a uuid")));
        store.commit(ChunkFixture.failed(run, chunk++, other, ChunkFixture.invalid("contactId is not a uuid")));
        store.commit(ChunkFixture.failed(run, chunk++, badToo, ChunkFixture.invalid("contactId is not a uuid")));

        assertThat(test.rows("SELECT error_code, raw_key, state FROM dead_letter ORDER BY id"))
                .containsExactly(
                        "forgotten|∅|discarded",
                        "∅|" + ChunkFixture.key(2).customerId() + " x|open",
                        "forgotten|∅|discarded");

        assertThat(new Erasure(database, clock).undo(customer)).isTrue();
        store.commit(ChunkFixture.failed(run, chunk++, bad, ChunkFixture.invalid("contactId is not a uuid")));
        assertThat(test.count("dead_letter WHERE raw_key LIKE '%Groß'")).isEqualTo(1);
    }

    /** The same number is a customer's, a contact's, another tenant's and the amount in another column. */
    @Test
    void a_number_that_was_forgotten_is_nobody_in_a_line_that_is_no_key() {
        ContactKey own = new ContactKey(ChunkFixture.TENANT, JtlId.of(5), JtlId.of(101));
        ContactKey alike = new ContactKey(ChunkFixture.TENANT, JtlId.of(101), JtlId.of(5));
        ContactKey ofAnother = new ContactKey(new UUID(7, 7), JtlId.of(5), JtlId.of(101));
        int position = 1;
        for (ContactKey key : List.of(own, alike, ofAnother)) {
            KeyEntry entry = new KeyEntry.Valid(position++, key);
            store.commit(ChunkFixture.failed(run, chunk++, entry, ChunkFixture.notFound()));
        }
        List<String> lines = List.of("101;abc", "abc;101", "101;", JtlId.of(101) + ";x", "north 5 101");
        position = noKeys(position, lines);

        assertThat(forget(new Erasure.Person(ChunkFixture.TENANT, JtlId.of(101), null))
                        .deadLetters())
                .isEqualTo(1);
        position = noKeys(position, lines);
        store.commit(ChunkFixture.failed(run, chunk++, new KeyEntry.Valid(position, own), ChunkFixture.notFound()));

        assertThat(test.count("dead_letter WHERE contact_id IS NOT NULL")).isEqualTo(2);
        assertThat(test.count("dead_letter WHERE raw_key IS NOT NULL AND state = 'open'"))
                .isEqualTo(2 * lines.size());
        assertThat(test.rows("SELECT position FROM dead_letter WHERE error_code = 'forgotten'"))
                .containsExactly(Integer.toString(position));
    }

    /** @return the position behind them */
    private int noKeys(int position, List<String> lines) {
        int next = position;
        for (String line : lines) {
            KeyEntry bad = new KeyEntry.Invalid(next++, line, "no key");
            store.commit(ChunkFixture.failed(run, chunk++, bad, ChunkFixture.invalid("no key")));
        }
        return next;
    }

    @Test
    void all_contacts_of_a_customer_are_forgotten_with_it() {
        fill();
        Erasure.Removed removed = forget(new Erasure.Person(ChunkFixture.TENANT, null, KEY.customerId()));

        assertThat(removed.contacts()).isEqualTo(1);
        named(1, "Groß");
        assertThat(test.rows("SELECT last_name FROM contact")).containsExactly("Klein");
    }

    /** A chunk that had looked before the person was forgotten stored it behind the removal. */
    @Test
    void a_chunk_that_is_being_stored_meanwhile_does_not_bring_the_person_back() throws Exception {
        assumeTrue(kind == TestDatabase.Kind.POSTGRESQL, "SQLite has one writer at a time");
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try (Connection holder = test.connect()) {
            holder.setAutoCommit(false);
            // The last that a commit writes to.
            holder.createStatement().executeUpdate("UPDATE import_run SET heartbeat = heartbeat");
            Future<EnrichedChunk> commit = threads.submit(() -> store.commit(ChunkFixture.found(run, chunk, 1, 2)));
            await().atMost(Duration.ofSeconds(30)).until(() -> waiting("transactionid") == 1);
            Future<Erasure.Removed> forget = threads.submit(() -> forget(CONTACT));
            await().atMost(Duration.ofSeconds(30)).until(() -> forget.isDone() || waiting("advisory") == 1);
            holder.rollback();

            commit.get(30, TimeUnit.SECONDS);
            assertThat(forget.get(30, TimeUnit.SECONDS).contacts()).isEqualTo(1);
            assertThat(anythingNames(KEY)).isFalse();
            assertThat(test.count("contact")).isEqualTo(1);
        } finally {
            threads.shutdownNow();
        }
    }

    private long waiting(String lock) {
        return test.count("pg_locks WHERE NOT granted AND locktype = '" + lock + "'"
                + " AND pid IN (SELECT pid FROM pg_stat_activity WHERE datname = current_database())");
    }

    /** It waited for its turn, and went to the CRM with the next that was sent there. */
    @Test
    void what_a_sink_was_never_sent_of_the_person_is_not_sent_any_more() {
        named(1, "Groß");
        named(2, "Klein");

        assertThat(new Erasure(database, clock).enqueueRemovals(Set.of(KEY)).records())
                .isZero();

        assertThat(names(claim(100))).containsExactly("Klein");
    }

    @Test
    void records_that_a_sink_never_had_are_distinguished_from_removed_ones() {
        named(1, "Groß");
        named(2, "Klein");
        recordResults(claim(100), new DeliveryResult.Accepted("501"), new DeliveryResult.Accepted("502"));
        Set<ContactKey> both = Set.of(KEY, ChunkFixture.key(2));
        Erasure erasure = new Erasure(database, clock);
        assertThat(erasure.enqueueRemovals(both)).isEqualTo(new Erasure.EnqueuedRemovals(2, 0));

        recordResults(claim(100), new DeliveryResult.Accepted(null), new DeliveryResult.Absent());

        assertThat(erasure.withoutRecord(both)).isEqualTo(1);
        assertThat(erasure.enqueueRemovals(both)).as("once more").isEqualTo(new Erasure.EnqueuedRemovals(0, 1));
    }

    /** A year of daily runs kept all of their dead letters and themselves. */
    @Test
    @Tag("slow")
    void tables_stay_bounded_over_a_year_of_daily_runs() {
        assumeTrue(KEYS_A_DAY == 20 || kind == TestDatabase.Kind.POSTGRESQL, "the large one is for PostgreSQL");
        Retention retention = test.closing(new Retention(database, clock, Duration.ofDays(90), Duration.ofDays(30)));
        for (int day = 0; day < 365; day++) {
            long daily = ((RunLease.Granted) runs.claim("file", "daily.csv", "day " + day, KEYS_A_DAY))
                    .run()
                    .id();
            for (int done = 0; done < KEYS_A_DAY; done += KEYS_A_CHUNK) {
                int keys = Math.min(KEYS_A_CHUNK, KEYS_A_DAY - done);
                EnrichedChunk found = ChunkFixture.found(daily, done / KEYS_A_CHUNK, day + done, keys);
                List<Outcome> outcomes = new ArrayList<>(found.outcomes());
                if (done == 0) {
                    Collections.fill(outcomes.subList(0, LETTERS_A_DAY), ChunkFixture.notFound());
                }
                store.commit(new EnrichedChunk(found.chunk(), outcomes));
            }
            runs.finish(daily, KEYS_A_DAY);
            runs.close(daily);
            clock.advance(Duration.ofDays(1));
            if (day % 20 == 0) {
                retention.apply();
                sayHowFar(day);
            }
        }
        retention.apply();

        sayHowFar(365);
        assertThat(test.count("dead_letter")).isEqualTo(90 * LETTERS_A_DAY);
        assertThat(test.count("contact")).isLessThan(365 + KEYS_A_DAY);
        assertThat(test.count("import_run WHERE closed_at IS NOT NULL")).isEqualTo(90);
        assertThat(test.count("run_chunk")).isZero();
    }

    private void sayHowFar(int day) {
        if (KEYS_A_DAY > 20) {
            System.out.println(Instant.now() + ", day " + day + " of " + KEYS_A_DAY + " keys a day: "
                    + bytes() / 1_000_000 + " MB, " + test.count("dead_letter") + " dead letters, "
                    + test.count("import_run") + " runs");
        }
    }

    private long bytes() {
        return Long.parseLong(test.one(
                kind == TestDatabase.Kind.SQLITE
                        ? "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
                        : "SELECT pg_database_size(current_database())"));
    }
}
