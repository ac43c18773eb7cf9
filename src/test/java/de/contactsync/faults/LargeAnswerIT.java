package de.contactsync.faults;

import static de.contactsync.faults.HostileJtl.answer;
import static de.contactsync.faults.HostileJtl.raw;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import de.contactsync.product.KeyFiles;
import de.contactsync.product.Product;
import de.contactsync.product.RunningProduct;
import de.contactsync.product.Tables;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Answers that would fill the memory of a client without limits: as many at once as there may be calls in flight. */
class LargeAnswerIT {

    private static final Duration LONG = Duration.ofSeconds(120);
    private static final long GIGABYTE = 1L << 30;
    private static final long MOST_GROWTH = 16 << 20;
    private static final int HOSTILE_OF_EACH_KIND = 32;
    private static final int CALLS_IN_FLIGHT = 32;

    @TempDir
    Path folder;

    private final AtomicInteger held = new AtomicInteger();
    private final CountDownLatch release = new CountDownLatch(1);

    @Test
    void what_is_too_large_is_refused_at_the_cap_and_takes_no_memory() throws Exception {
        byte[] bomb = answer("200 OK", "Content-Encoding: gzip", bomb());
        assertThat(bomb.length).as("of 512 MB").isLessThan(600_000);
        byte[] deep = HostileJtl.json("{\"id\":\"x\",\"a\":" + "[".repeat(100_000));
        byte[] deepObjects = HostileJtl.json("{\"a\":".repeat(20_000) + "1" + "}".repeat(20_000));

        KeyFiles hostile = KeyFiles.good(Scale.SEED, 5 * HOSTILE_OF_EACH_KIND + 100);
        KeyFiles before = KeyFiles.good(Scale.SEED + 1, 500);
        KeyFiles after = KeyFiles.good(Scale.SEED + 2, 500);
        try (HostileJtl jtl = new HostileJtl();
                Product product = jtl.before(Product.in(folder.resolve("work")))) {
            List<KeyFiles.Key> keys = hostile.keys();
            for (int i = 0; i < HOSTILE_OF_EACH_KIND; i++) {
                jtl.answers(keys.get(5 * i), LargeAnswerIT::gigabyte);
                jtl.answers(keys.get(5 * i + 1), bomb);
                jtl.answers(keys.get(5 * i + 2), deep);
                jtl.answers(keys.get(5 * i + 3), deepObjects);
                jtl.answers(keys.get(5 * i + 4), this::tenMillionElements);
            }
            product.jvm("-Xmx64m").with("contacts.file.settle", "100ms");
            Path inbox = Files.createDirectories(product.folder().resolve("inbox"));
            RunningProduct runningProduct = product.start("run");
            before.write(inbox.resolve("before.csv"));
            awaitClosed(product, 1, runningProduct);
            long heapBefore = liveHeap(runningProduct);

            Files.move(hostile.write(folder.resolve("hostile.csv")), inbox.resolve("hostile.csv"));
            await().alias(runningProduct.toString()).atMost(LONG).until(() -> held.get() >= CALLS_IN_FLIGHT);
            // What has been sent may still be on its way at the first reading.
            long most =
                    Math.max(liveHeap(runningProduct), Math.max(liveHeap(runningProduct), liveHeap(runningProduct)));
            release.countDown();
            awaitClosed(product, 2, runningProduct);

            Tables tables = Tables.of(product);
            assertThat(tables.rows("SELECT reason, count(*) FROM dead_letter GROUP BY reason"))
                    .as(runningProduct.toString())
                    .containsExactly(List.of("contract-violation", "" + 5 * HOSTILE_OF_EACH_KIND));
            assertThat(tables.rows(
                            "SELECT total, stored, failed, state FROM import_run WHERE file_name = 'hostile.csv'"))
                    .containsExactly(List.of("" + hostile.records(), "100", "" + 5 * HOSTILE_OF_EACH_KIND, "finished"));
            assertThat(keys.subList(0, 5 * HOSTILE_OF_EACH_KIND))
                    .as("asked once each")
                    .allSatisfy(key -> assertThat(jtl.calls(key)).isEqualTo(1));
            System.out.printf(
                    "Live heap of %,d KiB before, %,d KiB with %d answers of nearly 128 KiB in flight%n",
                    heapBefore >> 10, most >> 10, CALLS_IN_FLIGHT);
            assertThat(most - heapBefore).as("growth of the live heap, bytes").isLessThan(MOST_GROWTH);

            int connections = jtl.connections();
            after.write(inbox.resolve("after.csv"));
            awaitClosed(product, 3, runningProduct);
            assertThat(tables.rows("SELECT stored, state FROM import_run WHERE file_name = 'after.csv'"))
                    .as(runningProduct.toString())
                    .containsExactly(List.of("500", "finished"));
            assertThat(jtl.connections() - connections)
                    .as("new connections of the pool")
                    .isLessThanOrEqualTo(32);
            assertThat(runningProduct.stderr()).doesNotContain("OutOfMemory", "Exception", "ERROR");
            runningProduct.terminate();
            assertThat(runningProduct.exitCode(Duration.ofSeconds(30))).isZero();
        }
    }

    private static void gigabyte(OutputStream out) throws IOException {
        out.write(raw("HTTP/1.1 200 OK\r\nContent-Length: " + GIGABYTE + "\r\n\r\n"));
        byte[] block = raw("x".repeat(1 << 16));
        for (long written = 0; written < GIGABYTE; written += block.length) {
            out.write(block);
        }
    }

    /**
     * Without its length in the head. Stops where one more byte would be too many, until memory has been measured, and
     * then sends the rest.
     */
    private void tenMillionElements(OutputStream out) throws IOException {
        out.write(raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"));
        chunk(out, "{\"a\":[" + "1,".repeat((128 * 1024 - 100) / 2));
        out.flush();
        hold();
        for (int elements = 0; elements < 10_000_000; elements += 10_000) {
            chunk(out, "1,".repeat(10_000));
        }
        chunk(out, "1]}");
        chunk(out, "");
    }

    private static void chunk(OutputStream out, String text) throws IOException {
        out.write(raw(Integer.toHexString(text.length()) + "\r\n" + text + "\r\n"));
    }

    private void hold() throws IOException {
        held.incrementAndGet();
        try {
            release.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    /** Some 512 KB that inflate to 512 MB. */
    private static byte[] bomb() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(bytes)) {
            byte[] megabyte = new byte[1 << 20];
            for (int i = 0; i < 512; i++) {
                gzip.write(megabyte);
            }
        }
        return bytes.toByteArray();
    }

    private static void awaitClosed(Product product, long runs, RunningProduct runningProduct) {
        await().alias(runningProduct.toString())
                .atMost(LONG)
                .until(() -> Tables.of(product).closed() == runs);
    }

    /** Bytes of all objects that somebody holds: the histogram collects garbage first. */
    private static long liveHeap(RunningProduct runningProduct) throws IOException {
        Process jcmd = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        Long.toString(runningProduct.pid()),
                        "GC.class_histogram")
                .redirectErrorStream(true)
                .start();
        try (InputStream in = jcmd.getInputStream()) {
            String histogram = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            Matcher total = Pattern.compile("(?m)^Total +\\d+ +(\\d+)").matcher(histogram);
            assertThat(total.find()).as(histogram).isTrue();
            return Long.parseLong(total.group(1));
        }
    }
}
