package de.contactsync.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import de.contactsync.persistence.Run.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;

@ParameterizedClass
@EachDatabase
class TakeoverTest {

    private static final String ELSEWHERE = "elsewhere/1/1";

    @Parameter
    TestDatabase.Kind kind;

    private final SettableClock clock = new SettableClock("2026-03-01T10:00:00Z");
    /** Near the wrap-around, so that comparing readings without a difference shows. */
    private final AtomicLong nanoTime = new AtomicLong(Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(5));

    private TestDatabase test;
    private RunStore ours;

    @BeforeEach
    void open() {
        test = TestDatabase.create(kind);
        ours = test.closing(
                new RunStore(test.open(), clock, nanoTime::get, ProcessId.self().toString()));
    }

    @AfterEach
    void close() throws Exception {
        test.close();
    }

    /** A process whose heart has stopped, though it can still wake up and write. */
    private RunStore hungProcess(String owner) {
        RunStore runs = new RunStore(test.open(), clock, nanoTime::get, owner);
        runs.close();
        return runs;
    }

    private static RunLease claim(RunStore runs) {
        return runs.claim("file", "keys.csv", "hash", 100);
    }

    private static long granted(RunStore runs) {
        return ((RunLease.Granted) claim(runs)).run().id();
    }

    private void pass(Duration time) {
        nanoTime.addAndGet(time.toNanos());
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void the_run_of_a_process_that_is_gone_is_taken_over_at_once() throws Exception {
        Process child = new ProcessBuilder("cat").start();
        ProcessId processId = likeOurs(child.pid(), startTicks(child.pid()));
        long run = granted(hungProcess(processId.toString()));
        assertThat(processId.isGone()).isFalse();
        assertThat(claim(ours)).isEqualTo(new RunLease.Busy(processId.shown()));

        end(child);

        assertThat(processId.isGone()).isTrue();
        assertThat(granted(ours)).isEqualTo(run);
    }

    private static ProcessId likeOurs(long pid, String ticks) {
        String[] identity = ProcessId.self().identity().split(":");
        return new ProcessId("any-name", pid, String.join(":", identity[0], identity[1], identity[2], ticks, "random"));
    }

    /** The test's own way to the 22nd field of proc_pid_stat(5); {@code cat} has no blank in its name. */
    private static String startTicks(long pid) throws IOException {
        return Files.readString(Path.of("/proc/" + pid + "/stat")).split(" ")[21];
    }

    private static void end(Process child) throws IOException, InterruptedException {
        child.getOutputStream().close();
        assertThat(child.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void a_process_that_has_the_id_of_one_that_is_gone_is_not_taken_for_it() throws IOException {
        ProcessId self = ProcessId.self();
        long ticks = Long.parseLong(self.identity().split(":")[3]);

        assertThat(self.isGone()).isFalse();
        assertThat(likeOurs(self.pid(), Long.toString(ticks - 1)).isGone()).isTrue();
        assertThat(ProcessId.parse(self.toString())).isEqualTo(self);
    }

    /**
     * Its start in milliseconds since 1970 moved with the clock, so two living processes took a file from each other
     * forever.
     */
    @Test
    @EnabledOnOs(OS.LINUX)
    void no_step_of_the_clock_changes_who_a_process_is() throws Exception {
        ProcessId self = ProcessId.self();

        assertThat(self.identity())
                .doesNotContain(Long.toString(ProcessHandle.current()
                                .info()
                                .startInstant()
                                .orElseThrow()
                                .toEpochMilli()
                        / 10_000));
        assertThat(self.identity().split(":")[3]).isEqualTo(startTicks(self.pid()));
    }

    /** A host's name, a process id and even its start are alike on hosts that were cloned from one image. */
    @Test
    void a_process_of_another_boot_namespace_or_user_is_never_taken_for_gone() {
        String[] ours = ProcessId.self().identity().split(":");
        for (int differs = 0; differs < ours.length - 2; differs++) {
            String[] identity = ours.clone();
            identity[differs] += "0";
            assertThat(new ProcessId(ProcessId.self().host(), 999_999_999, String.join(":", identity)).isGone())
                    .isFalse();
        }
        assertThat(ProcessId.parse(ProcessId.self().host() + "/999999999/1772359200000")
                        .isGone())
                .isFalse();
    }

    @Test
    void a_heart_that_stands_still_for_long_enough_is_taken_for_dead() {
        long run = granted(hungProcess(ELSEWHERE));
        assertThat(claim(ours))
                .isEqualTo(new RunLease.Busy(ProcessId.parse(ELSEWHERE).shown()));

        pass(RunStore.SILENCE.minusMillis(1));
        assertThat(claim(ours))
                .isEqualTo(new RunLease.Busy(ProcessId.parse(ELSEWHERE).shown()));

        pass(Duration.ofMillis(1));
        assertThat(granted(ours)).isEqualTo(run);
    }

    @Test
    void a_heart_that_beats_keeps_its_run_however_long_it_takes() {
        granted(hungProcess(ELSEWHERE));
        for (int i = 0; i < 5; i++) {
            assertThat(claim(ours)).isInstanceOf(RunLease.Busy.class);
            pass(RunStore.SILENCE.minusMillis(1));
            test.execute("UPDATE import_run SET heartbeat = heartbeat + 1");
        }
        assertThat(claim(ours)).isInstanceOf(RunLease.Busy.class);
    }

    @Test
    void a_committed_chunk_is_a_sign_of_life() {
        RunStore other = hungProcess(ELSEWHERE);
        long run = granted(other);
        claim(ours);
        pass(RunStore.SILENCE);

        new ChunkStore(test.open(), other, clock).commit(ChunkFixture.found(run, 0, 1, 1));

        assertThat(claim(ours)).isInstanceOf(RunLease.Busy.class);
    }

    @Test
    void a_halted_run_waits_for_nobody() {
        RunStore other = hungProcess(ELSEWHERE);
        long run = granted(other);
        other.halt(run, "JTL is out of reach");

        assertThat(granted(ours)).isEqualTo(run);
        assertThat(ours.find(run).state()).isEqualTo(State.RUNNING);
    }

    @Test
    void who_lost_a_run_can_write_nothing_more_of_it() {
        RunStore other = hungProcess(ELSEWHERE);
        ChunkStore late = new ChunkStore(test.open(), other, clock);
        long run = granted(other);
        late.commit(ChunkFixture.found(run, 0, 1, 2));
        RunStore taker = hungProcess("a-third-host/7/c-3");
        claim(taker);
        pass(RunStore.SILENCE);
        assertThat(granted(taker)).isEqualTo(run);
        List<String> before = test.everything();
        String heartbeat = test.one("SELECT heartbeat FROM import_run");

        for (ThrowingCallable write : List.<ThrowingCallable>of(
                () -> late.commit(ChunkFixture.mixed(run, 1)),
                // One that is committed already: silence would have him ask for the rest of the file as well.
                () -> late.commit(ChunkFixture.found(run, 0, 1, 2)),
                () -> other.finish(run, 2),
                () -> other.finish(run, 99),
                () -> other.halt(run, "late"),
                () -> other.movingTo(run, "/late"),
                () -> other.close(run))) {
            assertThatThrownBy(write).isInstanceOf(RunLostException.class);
            assertThat(test.everything()).isEqualTo(before);
            assertThat(test.one("SELECT heartbeat FROM import_run")).isEqualTo(heartbeat);
        }
    }

    @Test
    void who_lost_a_run_does_not_take_the_end_another_gave_it_for_his_own() {
        RunStore other = hungProcess(ELSEWHERE);
        long run = granted(other);
        new ChunkStore(test.open(), other, clock).commit(ChunkFixture.found(run, 0, 1, 2));
        claim(ours);
        pass(RunStore.SILENCE);
        granted(ours);
        ours.finish(run, 2);

        assertThatThrownBy(() -> other.finish(run, 2)).isInstanceOf(RunLostException.class);
    }

    @Test
    @Tag("slow")
    void a_living_process_sends_heartbeats_until_its_runs_are_closed() {
        granted(ours);
        ours.finish(
                ((RunLease.Granted) ours.claim("file", "finished.csv", "hash", 100))
                        .run()
                        .id(),
                0);
        test.execute("UPDATE import_run SET heartbeat = 0");

        await().atMost(Duration.ofSeconds(60)).until(() -> test.count("import_run WHERE heartbeat > 0") == 2);
    }

    /** Once, it stayed open forever, and its dead letters beside those of the new content. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void a_run_of_replaced_content_is_closed_when_its_file_is_read_again() throws Exception {
        Process child = new ProcessBuilder("cat").start();
        RunStore killed =
                hungProcess(likeOurs(child.pid(), startTicks(child.pid())).toString());
        long before = granted(killed);
        killed.files().readsFile(before, new SourceFile("host:/in/keys.csv", null));
        long now = ((RunLease.Granted) ours.claim("file", "keys.csv", "other", 100))
                .run()
                .id();
        assertThat(ours.files().readsFile(now, new SourceFile("host:/in/keys.csv", null)))
                .as("its process lives")
                .isEmpty();
        end(child);

        assertThat(ours.files().readsFile(now, new SourceFile("host:/elsewhere/keys.csv", null)))
                .as("another file of that name")
                .isEmpty();
        assertThat(ours.files().readsFile(now, new SourceFile("host:/in/keys.csv", null)))
                .extracting(Run::id)
                .containsExactly(before);

        assertThat(ours.find(before).state()).isEqualTo(State.HALTED);
        assertThat(test.rows("SELECT id FROM import_run WHERE closed_at IS NULL"))
                .containsExactly("" + now);
    }
}
