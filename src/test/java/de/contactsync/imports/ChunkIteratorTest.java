package de.contactsync.imports;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.imports.RunSummary.End;
import de.contactsync.model.ContactKey;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.RunChunk;
import de.contactsync.persistence.Run;
import de.contactsync.resilience.Breaker;
import de.contactsync.resilience.Outage;
import de.contactsync.resilience.OutageException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChunkIteratorTest {

    /** Three chunks of 4: duplicates within the first, of the first in the second, and a whole chunk of them. */
    private static final int[] KEYS = {1, 2, 1, 1, 2, 3, 901, 1, 3, 3, 2, 901};

    @TempDir
    Path inbox;

    private ImportFixture fixture;

    @BeforeEach
    void open() {
        fixture = new ImportFixture(inbox, 4, ImportFixture.TENANT);
    }

    @AfterEach
    void close() throws Exception {
        fixture.close();
    }

    private static Run counted(Run run, long total, long stored, long notFound, long invalid, long duplicates) {
        return new Run(
                run.id(),
                "file",
                run.fileName(),
                run.fileHash(),
                run.chunkSize(),
                total,
                total,
                stored,
                notFound,
                0,
                invalid,
                0,
                duplicates,
                Run.State.FINISHED,
                null,
                null);
    }

    @Test
    void a_key_that_comes_again_is_counted_as_duplicate_and_never_asked_again() throws Exception {
        RunSummary summary = fixture.pass(fixture.drop("keys.csv", ImportFixture.csv(KEYS)));

        assertThat(summary.end()).isEqualTo(End.FINISHED);
        assertThat(summary.run()).isEqualTo(counted(summary.run(), 12, 3, 1, 0, 8));
        assertThat(fixture.asked).hasSize(4).doesNotHaveDuplicates();
    }

    @Test
    void a_resume_counts_the_same_and_asks_only_what_is_not_done() throws Exception {
        Path file = fixture.drop("keys.csv", ImportFixture.csv(KEYS));
        RunExecution first = fixture.open(file);
        first.next();
        fixture.commit(first.next());
        fixture.coordinator.halt(first, new ProcessingHaltedException("JTL is out of reach"));
        assertThat(first.hasNext()).isFalse();
        RunSummary halted = fixture.coordinator.finish(first);
        assertThat(halted.end()).isEqualTo(End.HALTED);
        assertThat(halted.run().state()).isEqualTo(Run.State.HALTED);
        assertThat(fixture.asked).hasSize(2);

        fixture.restart();
        RunSummary summary = fixture.pass(file);

        assertThat(summary.end()).isEqualTo(End.FINISHED);
        assertThat(summary.resumed()).isEqualTo(4);
        assertThat(summary.run()).isEqualTo(counted(summary.run(), 12, 3, 1, 0, 8));
        assertThat(fixture.asked).hasSize(4).doesNotHaveDuplicates();
        assertThat(fixture.test.count("import_run")).isEqualTo(1);
    }

    /** Once, each outage had all keys read and compared anew: with ten millions that took minutes. */
    @Test
    void after_an_outage_reading_resumes_with_the_chunks_that_were_in_flight() throws Exception {
        Path file = fixture.drop(
                "keys.csv", ImportFixture.csv(KEYS) + ImportFixture.line(4) + "\n" + ImportFixture.line(1) + "\n");
        RunExecution first = fixture.open(file);
        RunChunk inFlight = first.next();
        fixture.commit(first.next());
        assertThat(first.hasNext()).as("read and not handed out").isTrue();
        fixture.coordinator.halt(first, outage(fixture));
        assertThat(fixture.coordinator.finish(first).end()).isEqualTo(End.HALTED);

        RunExecution second = fixture.open(file);

        assertThat(((ChunkIterator) second).records())
                .as("nothing is read again")
                .isEqualTo(12);
        RunChunk again = second.next();
        assertThat(again).isEqualTo(inFlight);
        fixture.commit(again);
        fixture.work(second);
        RunSummary summary = fixture.coordinator.finish(second);
        assertThat(summary.end()).isEqualTo(End.FINISHED);
        assertThat(summary.run()).isEqualTo(counted(summary.run(), 14, 4, 1, 0, 9));
        assertThat(fixture.asked).hasSize(5).doesNotHaveDuplicates();
    }

    /** Once, such a file was read to its end at each outage, for keys of other tenants that it cannot have. */
    @Test
    void during_a_tenants_outage_a_file_without_a_tenant_column_is_read_no_further() throws Exception {
        StringBuilder csv = new StringBuilder(ImportFixture.csv());
        for (int number = 1; number <= 100; number++) {
            csv.append(ImportFixture.line(number)).append('\n');
        }
        Path file = fixture.drop("keys.csv", csv.toString());
        ChunkIterator first = (ChunkIterator) fixture.open(file);
        first.next();
        Breaker breaker = fixture.breakers.forTenant("JTL for a tenant");

        fixture.coordinator.halt(first, breaker.open(breaker.now(), Outage.Kind.PASSING, "JTL is out of reach"));

        assertThat(first.hasNext()).isFalse();
        assertThat(first.records()).isEqualTo(4);
        RunSummary summary = fixture.coordinator.finish(first);
        assertThat(summary.end()).isEqualTo(End.HALTED);
        assertThat(summary.outage()).as("waited for").isNotNull();
    }

    @Test
    @Tag("slow")
    void what_was_in_flight_long_ago_is_read_again_from_the_first() throws Exception {
        StringBuilder csv = new StringBuilder(ImportFixture.csv());
        for (int i = 1; i <= 40_000; i++) {
            csv.append(ImportFixture.customer(1))
                    .append(';')
                    .append(ImportFixture.contact(i))
                    .append('\n');
        }
        try (ImportFixture large = new ImportFixture(inbox, 2_500, ImportFixture.TENANT)) {
            Path file = large.drop("keys.csv", csv.toString());
            RunExecution first = large.open(file);
            first.next();
            while (first.hasNext()) {
                large.commit(first.next());
            }
            large.coordinator.halt(first, outage(large));
            large.coordinator.finish(first);

            RunExecution second = large.open(file);

            assertThat(((ChunkIterator) second).records()).isZero();
            large.work(second);
            assertThat(large.coordinator.finish(second).run().stored()).isEqualTo(40_000);
        }
    }

    private static OutageException outage(ImportFixture fixture) {
        Breaker breaker = fixture.breakers.forAll("JTL");
        return breaker.open(breaker.now(), Outage.Kind.PASSING, "JTL is out of reach");
    }

    @Test
    void the_same_file_gives_the_same_chunks_each_time() throws Exception {
        Path file = fixture.drop("keys.csv", ImportFixture.csv(KEYS) + "no key\n" + ImportFixture.line(4) + "\n");

        List<RunChunk> once = chunks(file);
        fixture.restart();

        assertThat(chunks(file)).isEqualTo(once);
        assertThat(once).extracting(RunChunk::number).containsExactly(0, 1, 2, 3);
        assertThat(once).extracting(RunChunk::size).containsExactly(4, 4, 4, 2);
        assertThat(once).extracting(RunChunk::duplicates).containsExactly(2, 2, 4, 0);
    }

    private List<RunChunk> chunks(Path file) throws Exception {
        RunExecution execution = fixture.open(file);
        List<RunChunk> chunks = new ArrayList<>();
        execution.forEachRemaining(chunks::add);
        fixture.coordinator.halt(execution, new ProcessingHaltedException("only looking"));
        fixture.coordinator.finish(execution);
        return chunks;
    }

    @Test
    void seen_keys_distinguish_all_keys_and_spill_to_disk_without_losing_one() throws Exception {
        UUID a = new UUID(0, 0);
        UUID high = new UUID(1, 0);
        UUID low = new UUID(0, 1);
        List<ContactKey> different = List.of(
                new ContactKey(high, a, a),
                new ContactKey(low, a, a),
                new ContactKey(a, high, a),
                new ContactKey(a, low, a),
                new ContactKey(a, a, high),
                new ContactKey(a, a, low),
                new ContactKey(a, a, a));
        Random random = new Random(42);
        List<ContactKey> many = new ArrayList<>();
        for (int i = 0; i < 60_000; i++) {
            many.add(new ContactKey(null, new UUID(random.nextLong(), random.nextLong()), a));
        }
        try (DuplicateDetector seen = new DuplicateDetector()) {
            assertThat(seen.add(List.of())).isEmpty();
            assertThat(seen.add(different)).containsOnly(false);
            assertThat(seen.add(List.of(different.get(1), new ContactKey(low, low, low), different.get(1))))
                    .containsExactly(true, false, true);
            assertThat(seen.add(many)).containsOnly(false);
            assertThat(seen.add(many)).containsOnly(true);
        }
    }

    @Test
    void keys_of_chunks_that_are_done_are_seen_too_wherever_in_the_file_they_stand() throws Exception {
        Path file = fixture.drop("keys.csv", ImportFixture.csv(1, 2, 2, 3, 4, 1, 5, 6, 7, 4, 8, 9, 10, 9, 5, 1));
        RunExecution first = fixture.open(file);
        for (RunChunk chunk : (Iterable<RunChunk>) () -> first) {
            if (chunk.number() % 2 == 0) {
                fixture.commit(chunk);
            }
        }
        fixture.coordinator.halt(first, new ProcessingHaltedException("killed"));
        fixture.coordinator.finish(first);
        fixture.restart();

        RunSummary second = fixture.pass(file);

        assertThat(second.run()).isEqualTo(counted(second.run(), 16, 10, 0, 0, 6));
        assertThat(fixture.asked).hasSize(10).doesNotHaveDuplicates();
    }

    @Test
    void keys_that_are_skipped_are_seen_once_somebody_asks() throws Exception {
        List<ContactKey> keys = IntStream.range(0, 3_000)
                .mapToObj(i -> new ContactKey(null, new UUID(i * 7919 % 3_001, 0), new UUID(0, i)))
                .toList();
        try (DuplicateDetector seen = new DuplicateDetector()) {
            seen.skip(keys.subList(0, 1_000));
            seen.skip(keys.subList(500, 1_500));
            assertThat(seen.add(keys.subList(1_499, 1_501))).containsExactly(true, false);
            seen.skip(keys.subList(1_400, 2_000));
            seen.skip(List.of());
            assertThat(seen.add(keys.subList(0, 2_000))).containsOnly(true);
            assertThat(seen.add(keys.subList(2_000, 3_000))).containsOnly(false);
        }
    }

    @Test
    void a_key_without_tenant_is_invalid_where_none_is_configured_and_says_what_to_do() throws Exception {
        try (ImportFixture without = new ImportFixture(inbox, 4, null)) {
            RunSummary summary = without.pass(without.drop(
                    "keys.csv",
                    "tenantId,customerId,contactId\n,"
                            + ImportFixture.customer(1) + "," + ImportFixture.contact(1) + "\n" + ImportFixture.TENANT
                            + ","
                            + ImportFixture.customer(1) + ","
                            + ImportFixture.contact(1) + "\n"));

            assertThat(summary.run()).isEqualTo(counted(summary.run(), 2, 1, 0, 1, 0));
            assertThat(without.asked)
                    .containsExactly(
                            new ContactKey(ImportFixture.TENANT, ImportFixture.customer(1), ImportFixture.contact(1)));
            assertThat(without.test.one("SELECT position, reason, stage, raw_key, error_message FROM dead_letter"))
                    .startsWith(
                            "2|invalid-key|key|," + ImportFixture.customer(1) + "," + ImportFixture.contact(1) + "|")
                    .contains("jtl.tenant-id", "tenantId");
        }
    }

    @Test
    void a_tenant_in_the_file_counts_more_than_the_configured_one() throws Exception {
        UUID other = new UUID(7, 7);
        String ids = ImportFixture.customer(1) + "," + ImportFixture.contact(1) + "\n";
        fixture.pass(fixture.drop(
                "keys.csv",
                "tenantId,customerId,contactId\n," + ids + other + "," + ids + ImportFixture.TENANT + "," + ids));

        assertThat(fixture.asked).extracting(ContactKey::tenantId).containsExactly(ImportFixture.TENANT, other);
        assertThat(fixture.test.one("SELECT duplicates FROM import_run")).isEqualTo("1");
    }

    @Test
    void a_file_without_keys_is_a_finished_run_of_nothing() throws Exception {
        for (String content : List.of("", "customerId,contactId\n")) {
            RunSummary summary = fixture.pass(fixture.drop("keys.csv", content));

            assertThat(summary.end()).isEqualTo(End.FINISHED);
            assertThat(summary.run()).isEqualTo(counted(summary.run(), 0, 0, 0, 0, 0));
        }
    }

    @Test
    void a_file_in_which_nobody_finds_a_key_never_becomes_a_run() throws Exception {
        RunSummary summary = fixture.pass(fixture.drop("keys.csv", "name;city\nMeier;Köln\n"));

        assertThat(summary.end()).isEqualTo(End.UNREADABLE);
        assertThat(summary.run()).isNull();
        assertThat(summary.message()).contains("customerId");
        assertThat(fixture.test.count("import_run")).isZero();
    }

    @Test
    void of_a_file_that_breaks_off_what_could_be_read_is_kept() throws Exception {
        RunSummary summary = fixture.pass(brokenGzip());

        assertThat(summary.end()).isEqualTo(End.UNREADABLE);
        assertThat(summary.run().isReconciled()).isTrue();
        assertThat(summary.run().stored()).isPositive().isEqualTo(fixture.test.count("contact"));
        assertThat(fixture.asked).hasSize((int) summary.run().stored());
    }

    private Path brokenGzip() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            for (int i = 1; i <= 120; i++) {
                gzip.write((i == 1 ? ImportFixture.csv(1) : ImportFixture.line(i) + "\n")
                        .getBytes(StandardCharsets.UTF_8));
            }
        }
        return Files.write(inbox.resolve("keys.csv.gz"), Arrays.copyOf(bytes.toByteArray(), bytes.size() / 2));
    }

    @Test
    void a_file_that_changes_while_it_is_read_halts_and_its_new_content_is_a_new_run() throws Exception {
        Path file = fixture.drop("keys.csv", ImportFixture.csv(1, 2, 3, 4, 5));
        RunExecution execution = fixture.open(file);
        fixture.commit(execution.next());
        fixture.drop("keys.csv", ImportFixture.csv(1, 2, 3, 4, 5, 6));
        fixture.work(execution);

        RunSummary summary = fixture.coordinator.finish(execution);

        assertThat(summary.end()).isEqualTo(End.HALTED);
        assertThat(summary.message()).contains("appended to while it was read");
        fixture.restart();
        RunSummary again = fixture.pass(file);
        assertThat(again.end()).isEqualTo(End.FINISHED);
        assertThat(again.resumed()).isZero();
        assertThat(again.run().id()).isNotEqualTo(summary.run().id());
        assertThat(again.run().total()).isEqualTo(6);
    }

    @Test
    void a_file_that_is_taken_away_while_it_is_read_is_read_to_its_end() throws Exception {
        Path file = fixture.drop("keys.csv", ImportFixture.csv(1, 2));
        RunExecution execution = fixture.open(file);
        fixture.work(execution);
        Files.delete(file);

        assertThat(fixture.coordinator.finish(execution).end()).isEqualTo(End.FINISHED);
        assertThat(fixture.pass(file).end()).isEqualTo(End.BUSY);
    }

    @Test
    void stopping_ends_the_pass_behind_the_chunks_that_are_out() throws Exception {
        RunExecution execution = fixture.open(fixture.drop("keys.csv", ImportFixture.csv(1, 2, 3, 4, 5, 6, 7, 8, 9)));
        RunChunk out = execution.next();
        fixture.coordinator.stop();
        fixture.commit(out);

        assertThat(execution.hasNext()).isFalse();
        RunSummary summary = fixture.coordinator.finish(execution);
        assertThat(summary.end()).isEqualTo(End.HALTED);
        assertThat(summary.run().done()).isEqualTo(4);
        assertThat(fixture.coordinator.isPaused()).isTrue();
    }

    @Test
    void a_record_without_an_outcome_does_not_add_up() throws Exception {
        RunExecution execution = fixture.open(fixture.drop("keys.csv", ImportFixture.csv(1, 2, 3, 4, 5)));
        execution.next();
        fixture.work(execution);

        RunSummary summary = fixture.coordinator.finish(execution);

        assertThat(summary.end()).isEqualTo(End.UNBALANCED);
        assertThat(summary.message())
                .startsWith("accepted 5 = 1 stored + 0 not found + 0 rejected + 0 invalid + 0 failed + 0 duplicates,"
                        + " lost 4;")
                .contains(
                        "line 2 (" + ImportFixture.customer(1) + "/" + ImportFixture.contact(1) + "), line 3 (",
                        "line 5 (")
                .doesNotContain("line 6", "more", "differ");
    }

    @Test
    void what_comes_in_twice_is_invalid_twice() throws Exception {
        RunSummary summary = fixture.pass(fixture.drop("keys.csv", ImportFixture.csv(1) + "x;y\nx;y\n"));

        assertThat(summary.run()).isEqualTo(counted(summary.run(), 3, 1, 0, 2, 0));
        assertThat(fixture.test.rows("SELECT position FROM dead_letter ORDER BY id"))
                .containsExactly("3", "4");
    }
}
