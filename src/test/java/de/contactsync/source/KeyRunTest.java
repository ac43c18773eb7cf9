package de.contactsync.source;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.contact.RunChunk;
import de.contactsync.contact.ContactKey;
import de.contactsync.contact.HaltException;
import de.contactsync.ledger.Run;
import de.contactsync.outage.Breaker;
import de.contactsync.outage.Outage;
import de.contactsync.outage.OutageException;
import de.contactsync.source.RunSummary.End;
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
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyRunTest {

    /** Three chunks of 4: duplicates within the first, of the first in the second, and a whole chunk of them. */
    private static final int[] KEYS = {1, 2, 1, 1, 2, 3, 901, 1, 3, 3, 2, 901};

    @TempDir
    Path inbox;

    private House house;

    @BeforeEach
    void open() {
        house = new House(inbox, 4, House.TENANT);
    }

    @AfterEach
    void close() throws Exception {
        house.close();
    }

    private static Run counted(Run run, long total, long stored, long notFound, long invalid, long duplicates) {
        return new Run(run.id(), "file", run.fileName(), run.fileHash(), run.chunkSize(), total, total, stored,
                notFound, 0, invalid, 0, duplicates, Run.State.FINISHED, null, null);
    }

    @Test
    void a_key_that_comes_again_is_counted_as_duplicate_and_never_asked_again() throws Exception {
        RunSummary summary = house.pass(house.drop("keys.csv", House.csv(KEYS)));

        assertThat(summary.end()).isEqualTo(End.FINISHED);
        assertThat(summary.run()).isEqualTo(counted(summary.run(), 12, 3, 1, 0, 8));
        assertThat(house.asked).hasSize(4).doesNotHaveDuplicates();
    }

    @Test
    void a_resume_counts_the_same_and_asks_only_what_is_not_done() throws Exception {
        Path file = house.drop("keys.csv", House.csv(KEYS));
        Pass first = house.open(file);
        first.next();
        house.commit(first.next());
        house.passes.halt(first, new HaltException("JTL is out of reach"));
        assertThat(first.hasNext()).isFalse();
        RunSummary halted = house.passes.finish(first);
        assertThat(halted.end()).isEqualTo(End.HALTED);
        assertThat(halted.run().state()).isEqualTo(Run.State.HALTED);
        assertThat(house.asked).hasSize(2);

        house.restart();
        RunSummary summary = house.pass(file);

        assertThat(summary.end()).isEqualTo(End.FINISHED);
        assertThat(summary.resumed()).isEqualTo(4);
        assertThat(summary.run()).isEqualTo(counted(summary.run(), 12, 3, 1, 0, 8));
        assertThat(house.asked).hasSize(4).doesNotHaveDuplicates();
        assertThat(house.test.count("import_run")).isEqualTo(1);
    }

    /** Once, each outage had all keys read and compared anew: with ten millions that took minutes. */
    @Test
    void behind_an_outage_reading_goes_on_where_it_stopped_with_what_was_in_flight() throws Exception {
        Path file = house.drop("keys.csv", House.csv(KEYS) + House.line(4) + "\n" + House.line(1) + "\n");
        Pass first = house.open(file);
        RunChunk inFlight = first.next();
        house.commit(first.next());
        assertThat(first.hasNext()).as("read and not handed out").isTrue();
        house.passes.halt(first, outage(house));
        assertThat(house.passes.finish(first).end()).isEqualTo(End.HALTED);

        Pass second = house.open(file);

        assertThat(((KeyRun) second).records()).as("nothing is read again").isEqualTo(12);
        RunChunk again = second.next();
        assertThat(again).isEqualTo(inFlight);
        house.commit(again);
        house.work(second);
        RunSummary summary = house.passes.finish(second);
        assertThat(summary.end()).isEqualTo(End.FINISHED);
        assertThat(summary.run()).isEqualTo(counted(summary.run(), 14, 4, 1, 0, 9));
        assertThat(house.asked).hasSize(5).doesNotHaveDuplicates();
    }

    @Test
    void what_was_in_flight_long_ago_is_read_again_from_the_first() throws Exception {
        StringBuilder csv = new StringBuilder(House.csv());
        for (int i = 1; i <= 40_000; i++) {
            csv.append(House.customer(1)).append(';').append(House.contact(i)).append('\n');
        }
        try (House large = new House(inbox, 2_500, House.TENANT)) {
            Path file = large.drop("keys.csv", csv.toString());
            Pass first = large.open(file);
            first.next();
            while (first.hasNext()) {
                large.commit(first.next());
            }
            large.passes.halt(first, outage(large));
            large.passes.finish(first);

            Pass second = large.open(file);

            assertThat(((KeyRun) second).records()).isZero();
            large.work(second);
            assertThat(large.passes.finish(second).run().stored()).isEqualTo(40_000);
        }
    }

    private static OutageException outage(House house) {
        Breaker breaker = house.breakers.forAll("JTL");
        return breaker.open(breaker.now(), Outage.Kind.PASSING, "JTL is out of reach");
    }

    @Test
    void the_same_file_gives_the_same_chunks_each_time() throws Exception {
        Path file = house.drop("keys.csv", House.csv(KEYS) + "no key\n" + House.line(4) + "\n");

        List<RunChunk> once = chunks(file);
        house.restart();

        assertThat(chunks(file)).isEqualTo(once);
        assertThat(once).extracting(RunChunk::number).containsExactly(0, 1, 2, 3);
        assertThat(once).extracting(RunChunk::size).containsExactly(4, 4, 4, 2);
        assertThat(once).extracting(RunChunk::duplicates).containsExactly(2, 2, 4, 0);
    }

    private List<RunChunk> chunks(Path file) throws Exception {
        Pass pass = house.open(file);
        List<RunChunk> chunks = new ArrayList<>();
        pass.forEachRemaining(chunks::add);
        house.passes.halt(pass, new HaltException("only looking"));
        house.passes.finish(pass);
        return chunks;
    }

    @Test
    void seen_keys_tell_every_key_from_every_other_and_spill_without_losing_one() throws Exception {
        UUID a = new UUID(0, 0);
        UUID high = new UUID(1, 0);
        UUID low = new UUID(0, 1);
        List<ContactKey> different = List.of(new ContactKey(high, a, a), new ContactKey(low, a, a),
                new ContactKey(a, high, a), new ContactKey(a, low, a), new ContactKey(a, a, high),
                new ContactKey(a, a, low), new ContactKey(a, a, a));
        Random random = new Random(42);
        List<ContactKey> many = new ArrayList<>();
        for (int i = 0; i < 60_000; i++) {
            many.add(new ContactKey(null, new UUID(random.nextLong(), random.nextLong()), a));
        }
        try (SeenKeys seen = new SeenKeys()) {
            assertThat(seen.add(List.of())).isEmpty();
            assertThat(seen.add(different)).containsOnly(false);
            assertThat(seen.add(List.of(different.get(1), new ContactKey(low, low, low), different.get(1))))
                    .containsExactly(true, false, true);
            assertThat(seen.add(many)).containsOnly(false);
            assertThat(seen.add(many)).containsOnly(true);
        }
    }

    @Test
    void a_key_without_tenant_is_invalid_where_none_is_configured_and_says_what_to_do() throws Exception {
        try (House without = new House(inbox, 4, null)) {
            RunSummary summary = without.pass(without.drop("keys.csv", "tenantId,customerId,contactId\n,"
                    + House.customer(1) + "," + House.contact(1) + "\n" + House.TENANT + "," + House.customer(1) + ","
                    + House.contact(1) + "\n"));

            assertThat(summary.run()).isEqualTo(counted(summary.run(), 2, 1, 0, 1, 0));
            assertThat(without.asked).containsExactly(
                    new ContactKey(House.TENANT, House.customer(1), House.contact(1)));
            assertThat(without.test.one("SELECT position, reason, stage, raw_key, error_message FROM dead_letter"))
                    .startsWith("2|invalid-key|key|" + House.customer(1) + " " + House.contact(1) + "|")
                    .contains("jtl.tenant-id", "tenantId");
        }
    }

    @Test
    void a_tenant_in_the_file_counts_more_than_the_configured_one() throws Exception {
        UUID other = new UUID(7, 7);
        String ids = House.customer(1) + "," + House.contact(1) + "\n";
        house.pass(house.drop("keys.csv",
                "tenantId,customerId,contactId\n," + ids + other + "," + ids + House.TENANT + "," + ids));

        assertThat(house.asked).extracting(ContactKey::tenantId).containsExactly(House.TENANT, other);
        assertThat(house.test.one("SELECT duplicates FROM import_run")).isEqualTo("1");
    }

    @Test
    void a_file_without_keys_is_a_finished_run_of_nothing() throws Exception {
        for (String content : List.of("", "customerId,contactId\n")) {
            RunSummary summary = house.pass(house.drop("keys.csv", content));

            assertThat(summary.end()).isEqualTo(End.FINISHED);
            assertThat(summary.run()).isEqualTo(counted(summary.run(), 0, 0, 0, 0, 0));
        }
    }

    @Test
    void a_file_in_which_nobody_finds_a_key_never_becomes_a_run() throws Exception {
        RunSummary summary = house.pass(house.drop("keys.csv", "name;city\nMeier;Köln\n"));

        assertThat(summary.end()).isEqualTo(End.UNREADABLE);
        assertThat(summary.run()).isNull();
        assertThat(summary.message()).contains("customerId");
        assertThat(house.test.count("import_run")).isZero();
    }

    @Test
    void of_a_file_that_breaks_off_what_could_be_read_is_kept() throws Exception {
        RunSummary summary = house.pass(brokenGzip());

        assertThat(summary.end()).isEqualTo(End.UNREADABLE);
        assertThat(summary.run().addsUp()).isTrue();
        assertThat(summary.run().stored()).isPositive().isEqualTo(house.test.count("contact"));
        assertThat(house.asked).hasSize((int) summary.run().stored());
    }

    private Path brokenGzip() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            for (int i = 1; i <= 120; i++) {
                gzip.write((i == 1 ? House.csv(1) : House.line(i) + "\n").getBytes(StandardCharsets.UTF_8));
            }
        }
        return Files.write(inbox.resolve("keys.csv.gz"), Arrays.copyOf(bytes.toByteArray(), bytes.size() / 2));
    }

    @Test
    void a_file_that_changes_while_it_is_read_halts_and_its_new_content_is_a_new_run() throws Exception {
        Path file = house.drop("keys.csv", House.csv(1, 2, 3, 4, 5));
        Pass pass = house.open(file);
        house.commit(pass.next());
        house.drop("keys.csv", House.csv(1, 2, 3, 4, 5, 6));
        house.work(pass);

        RunSummary summary = house.passes.finish(pass);

        assertThat(summary.end()).isEqualTo(End.HALTED);
        assertThat(summary.message()).contains("appended to while it was read");
        house.restart();
        RunSummary again = house.pass(file);
        assertThat(again.end()).isEqualTo(End.FINISHED);
        assertThat(again.resumed()).isZero();
        assertThat(again.run().id()).isNotEqualTo(summary.run().id());
        assertThat(again.run().total()).isEqualTo(6);
    }

    @Test
    void a_file_that_is_taken_away_while_it_is_read_is_read_to_its_end() throws Exception {
        Path file = house.drop("keys.csv", House.csv(1, 2));
        Pass pass = house.open(file);
        house.work(pass);
        Files.delete(file);

        assertThat(house.passes.finish(pass).end()).isEqualTo(End.FINISHED);
        assertThat(house.pass(file).end()).isEqualTo(End.BUSY);
    }

    @Test
    void stopping_ends_the_pass_behind_the_chunks_that_are_out() throws Exception {
        Pass pass = house.open(house.drop("keys.csv", House.csv(1, 2, 3, 4, 5, 6, 7, 8, 9)));
        RunChunk out = pass.next();
        house.passes.stop();
        house.commit(out);

        assertThat(pass.hasNext()).isFalse();
        RunSummary summary = house.passes.finish(pass);
        assertThat(summary.end()).isEqualTo(End.HALTED);
        assertThat(summary.run().done()).isEqualTo(4);
        assertThat(house.passes.isPaused()).isTrue();
    }

    @Test
    void a_record_without_an_outcome_does_not_add_up() throws Exception {
        Pass pass = house.open(house.drop("keys.csv", House.csv(1, 2, 3, 4, 5)));
        pass.next();
        house.work(pass);

        RunSummary summary = house.passes.finish(pass);

        assertThat(summary.end()).isEqualTo(End.UNBALANCED);
        assertThat(summary.message())
                .startsWith("accepted 5 = 1 stored + 0 not found + 0 rejected + 0 invalid + 0 failed + 0 duplicates, lost 4;")
                .contains("line 2 (" + House.customer(1) + "/" + House.contact(1) + "), line 3 (", "line 5 (")
                .doesNotContain("line 6", "more", "say otherwise");
    }

    @Test
    void what_comes_in_twice_is_invalid_twice() throws Exception {
        RunSummary summary = house.pass(house.drop("keys.csv", House.csv(1) + "x;y\nx;y\n"));

        assertThat(summary.run()).isEqualTo(counted(summary.run(), 3, 1, 0, 2, 0));
        assertThat(house.test.rows("SELECT position FROM dead_letter ORDER BY id")).containsExactly("3", "4");
    }
}
