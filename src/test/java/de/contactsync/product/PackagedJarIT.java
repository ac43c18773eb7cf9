package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the jar holds and what it leaves out. That each feature works with what is left is what the other tests of this
 * package show: files, queues, Kafka, keys over HTTP, schedules, both databases, each CRM, routes of users, alerts, the
 * doors to JTL, health and metrics are started from it.
 */
class PackagedJarIT {

    private static final Path JAR = Path.of(System.getProperty("product.jar"));
    private static final long MOST_BYTES = 57_000_000;

    private static final List<String> NATIVES = List.of(
            "org/sqlite/native/Linux/x86_64/libsqlitejdbc.so",
            "org/sqlite/native/Linux/aarch64/libsqlitejdbc.so",
            "org/sqlite/native/Mac/x86_64/libsqlitejdbc.dylib",
            "org/sqlite/native/Mac/aarch64/libsqlitejdbc.dylib",
            "org/sqlite/native/Windows/x86_64/sqlitejdbc.dll",
            "org/xerial/snappy/native/Linux/x86_64/libsnappyjava.so",
            "org/xerial/snappy/native/Linux/aarch64/libsnappyjava.so",
            "org/xerial/snappy/native/Windows/x86_64/snappyjava.dll");

    private static final List<String> LEFT_OUT = List.of(
            "org/jgroups/",
            "org/apache/commons/dbcp2/",
            "org/apache/commons/io/",
            "org/flywaydb/database/cockroachdb/",
            "org/sqlite/native/FreeBSD/",
            "org/sqlite/native/Linux-Musl/",
            "org/xerial/snappy/native/AIX/",
            "linux/s390x/");

    @BeforeAll
    static void holdsTheLibraries() throws IOException {
        try (JarFile jar = new JarFile(JAR.toFile())) {
            assumeTrue(
                    jar.getManifest().getMainAttributes().getValue(Attributes.Name.CLASS_PATH) == null,
                    "the libraries are in it");
        }
    }

    @Test
    void it_holds_the_natives_of_usual_platforms_and_no_others_and_stays_small() throws IOException {
        try (JarFile jar = new JarFile(JAR.toFile())) {
            Set<String> names = jar.stream().map(entry -> entry.getName()).collect(Collectors.toSet());

            assertThat(names).containsAll(NATIVES);
            assertThat(names)
                    .filteredOn(name -> name.matches("(linux|darwin|win)/(amd64|x86_64|aarch64)/libzstd-jni-.*"))
                    .hasSize(5);
            assertThat(names).noneMatch(name -> LEFT_OUT.stream().anyMatch(name::startsWith));
            assertThat(Files.size(JAR)).isLessThan(MOST_BYTES);
        }
    }

    @Test
    void a_logback_file_of_the_user_takes_the_place_of_the_built_in_log(@TempDir Path folder) throws Exception {
        Path configuration = Files.writeString(folder.resolve("log.xml"), """
                <configuration>
                  <appender name="mine" class="ch.qos.logback.core.FileAppender">
                    <file>mine.log</file>
                    <encoder><pattern>mine: %msg%n</pattern></encoder>
                  </appender>
                  <root level="INFO"><appender-ref ref="mine"/></root>
                </configuration>
                """);
        try (Product product = Product.in(folder).jvm("-Dlogback.configurationFile=" + configuration)) {
            assertThat(product.start("demo").exitCode()).isZero();
        }

        assertThat(folder.resolve("mine.log")).content().contains("mine: Contacts are mapped for the CRM by");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "snappy", "lz4", "zstd"})
    void it_reads_and_writes_kafka_records_in_each_compression(String name) throws Exception {
        byte[] content = "customerId;contactId;".repeat(10_000).getBytes(StandardCharsets.UTF_8);
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {JAR.toUri().toURL()}, ClassLoader.getPlatformClassLoader())) {
            String kafka = "org.apache.kafka.common.";
            Class<?> type = loader.loadClass(kafka + "record.internal.CompressionType");
            Class<?> compressionType = loader.loadClass(kafka + "compress.Compression");
            Class<?> buffer = loader.loadClass(kafka + "utils.internals.ByteBufferOutputStream");
            Class<?> supplier = loader.loadClass(kafka + "utils.internals.BufferSupplier");
            Object builder = compressionType
                    .getMethod("of", type)
                    .invoke(null, type.getMethod("forName", String.class).invoke(null, name));
            Object compression = builder.getClass().getMethod("build").invoke(builder);
            OutputStream compressed =
                    (OutputStream) buffer.getConstructor(int.class).newInstance(1024);
            byte magic = 2;
            try (OutputStream out = (OutputStream) compressionType
                    .getMethod("wrapForOutput", buffer, byte.class)
                    .invoke(compression, compressed, magic)) {
                out.write(content);
            }
            ByteBuffer bytes = (ByteBuffer) buffer.getMethod("buffer").invoke(compressed);
            bytes.flip();

            assertThat(bytes.remaining()).isLessThan(content.length / 2);
            try (InputStream in = (InputStream) compressionType
                    .getMethod("wrapForInput", ByteBuffer.class, byte.class, supplier)
                    .invoke(
                            compression,
                            bytes,
                            magic,
                            supplier.getField("NO_CACHING").get(null))) {
                assertThat(in.readAllBytes()).isEqualTo(content);
            }
        }
    }
}
