package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How files come into the inbox while {@code run} watches it. */
@OnBothRuntimes
class InboxIT {

    private static final Duration LONG = Duration.ofSeconds(90);

    @TempDir
    Path folder;

    private JtlSimulator jtl;
    private Product product;
    private Path inbox;
    private Tables tables;

    @BeforeEach
    void start() throws IOException {
        jtl = JtlSimulator.start(SimulatorOptions.builder().countKeys(true).build());
        product = Product.in(folder.resolve("work")).against(jtl);
        // A name that would break a URI if it were put into one as it is.
        inbox = Files.createDirectories(product.folder().resolve("in box & 100% + more"));
        product.with("contacts.file.directory", inbox);
        tables = Tables.of(product);
    }

    @AfterEach
    void stop() {
        product.close();
        jtl.close();
    }

    @Test
    void a_file_that_is_copied_slowly_is_not_read_before_it_is_complete() throws Exception {
        KeyFiles file = KeyFiles.good(51, 500);
        RunningProduct runningProduct = watching("contacts.file.settle", "2s");
        Path keys = inbox.resolve("slow.csv");
        writeInPieces(keys, file.text().getBytes(StandardCharsets.UTF_8), 12, Duration.ofMillis(300));
        assertThat(tables.runs()).as("nothing begins while it grows").isEmpty();

        await().atMost(LONG).until(() -> Files.exists(inbox.resolve(".done/slow.csv")));
        assertThat(tables.rows("SELECT total, stored FROM import_run")).containsExactly(List.of("500", "500"));
        assertThat(jtl.askedAgain()).isEmpty();
        ImportCommandIT.assertNoStackTrace(runningProduct);
    }

    @Test
    void a_file_renamed_into_the_folder_is_read_within_a_few_seconds() throws IOException {
        RunningProduct runningProduct = watching("contacts.file.settle", "1h");
        Path draft = KeyFiles.good(52, 500).write(folder.resolve("renamed.csv.part"));
        Files.setLastModifiedTime(draft, FileTime.from(Instant.now().minusSeconds(10)));
        Files.move(draft, inbox.resolve("renamed.csv"), StandardCopyOption.ATOMIC_MOVE);
        await().atMost(Duration.ofSeconds(20)).until(() -> Files.exists(inbox.resolve(".done/renamed.csv")));
        assertThat(tables.rows("SELECT total, stored FROM import_run")).containsExactly(List.of("500", "500"));
        ImportCommandIT.assertNoStackTrace(runningProduct);
    }

    @Test
    void an_unreadable_file_moves_to_failed_with_the_reason_and_the_next_one_is_read() throws IOException {
        RunningProduct runningProduct = watching("contacts.file.settle", "500ms");
        Files.writeString(inbox.resolve("prose.csv"), "Liebe Kollegen,\n");
        KeyFiles.good(53, 10).write(inbox.resolve("keys.csv"));
        await().atMost(LONG)
                .until(() -> Files.exists(inbox.resolve(".done/keys.csv"))
                        && Files.exists(inbox.resolve(".failed/prose.csv")));
        assertThat(inbox.resolve(".failed/prose.csv.error.txt")).content().contains("Liebe Kollegen", "customerId");
        assertThat(tables.runs()).hasSize(1);
        ImportCommandIT.assertNoStackTrace(runningProduct);
    }

    /** Once, it went to .failed for good. */
    @Test
    void a_file_that_may_not_be_read_stays_and_is_read_once_it_may() throws IOException {
        RunningProduct runningProduct = product.heedingPermissions()
                .with("contacts.file.settle", "300ms")
                .start("run");
        await().atMost(LONG).until(() -> runningProduct.stderr().contains("Watching"));
        Path locked = KeyFiles.good(54, 10).write(inbox.resolve("locked.csv"));
        Files.setPosixFilePermissions(locked, Set.of());
        await().atMost(LONG).until(() -> runningProduct.stderr().contains("chmod or chown"));
        assertThat(locked).exists();

        Files.setPosixFilePermissions(locked, Set.of(PosixFilePermission.OWNER_READ));
        await().atMost(LONG).until(() -> Files.exists(inbox.resolve(".done/locked.csv")));
        assertThat(tables.rows("SELECT stored FROM import_run")).containsExactly(List.of("10"));
    }

    private RunningProduct watching(String key, String value) throws IOException {
        RunningProduct runningProduct = product.with(key, value).start("run");
        await().atMost(LONG).until(() -> runningProduct.stderr().contains("Watching"));
        return runningProduct;
    }

    private static void writeInPieces(Path file, byte[] content, int pieces, Duration pause) throws Exception {
        ScheduledExecutorService writer = Executors.newSingleThreadScheduledExecutor();
        CountDownLatch left = new CountDownLatch(pieces);
        try {
            writer.scheduleAtFixedRate(
                    () -> {
                        int piece = pieces - (int) left.getCount();
                        int from = content.length * piece / pieces;
                        int to = content.length * (piece + 1) / pieces;
                        try {
                            Files.write(
                                    file,
                                    Arrays.copyOfRange(content, from, to),
                                    StandardOpenOption.CREATE,
                                    StandardOpenOption.APPEND);
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                        left.countDown();
                        if (left.getCount() == 0) {
                            writer.shutdown();
                        }
                    },
                    0,
                    pause.toMillis(),
                    TimeUnit.MILLISECONDS);
            assertThat(left.await(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            writer.shutdownNow();
        }
    }
}
