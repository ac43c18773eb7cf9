package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
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
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the jar holds, and what it leaves out or to the jar beside it. That each feature works with what is left is what the other tests of this
 * package show: files, queues, Kafka, keys over HTTP, schedules, both databases, each CRM, routes of users, alerts, the
 * doors to JTL, health and metrics are started from it.
 */
class PackagedJarIT {

    private static final Path JAR = Path.of(System.getProperty("product.jar"));
    private static final long MOST_BYTES = 45_000_000;

    private static final List<String> NATIVES = List.of(
            "org/sqlite/native/Linux/x86_64/libsqlitejdbc.so",
            "org/sqlite/native/Linux/aarch64/libsqlitejdbc.so",
            "org/xerial/snappy/native/Linux/x86_64/libsnappyjava.so",
            "org/xerial/snappy/native/Linux/aarch64/libsnappyjava.so");

    private static final List<String> NATIVES_APART = List.of(
            "org/sqlite/native/Mac/x86_64/libsqlitejdbc.dylib",
            "org/sqlite/native/Mac/aarch64/libsqlitejdbc.dylib",
            "org/sqlite/native/Windows/x86_64/sqlitejdbc.dll",
            "org/sqlite/native/Linux-Musl/x86_64/libsqlitejdbc.so",
            "org/sqlite/native/Linux-Musl/aarch64/libsqlitejdbc.so",
            "org/xerial/snappy/native/Mac/x86_64/libsnappyjava.dylib",
            "org/xerial/snappy/native/Mac/aarch64/libsnappyjava.dylib",
            "org/xerial/snappy/native/Windows/x86_64/snappyjava.dll");

    private static final List<String> LEFT_OUT = List.of(
            "org/jgroups/",
            "org/apache/commons/dbcp2/",
            "org/apache/commons/io/",
            "org/apache/kafka/shaded/",
            "org/flywaydb/database/cockroachdb/",
            "org/sqlite/native/FreeBSD/",
            "org/sqlite/native/Linux-Musl/",
            "org/xerial/snappy/native/AIX/",
            "linux/s390x/");

    @TempDir
    Path folder;

    @BeforeAll
    static void holdsTheLibraries() throws IOException {
        try (JarFile jar = new JarFile(JAR.toFile())) {
            assumeTrue(jar.getEntry("org/apache/camel/CamelContext.class") != null, "the libraries are in it");
        }
    }

    @Test
    void it_holds_the_natives_of_linux_and_no_others_and_stays_small() throws IOException {
        try (JarFile jar = new JarFile(JAR.toFile())) {
            Set<String> names = jar.stream().map(entry -> entry.getName()).collect(Collectors.toSet());

            assertThat(names).containsAll(NATIVES).doesNotContainAnyElementsOf(NATIVES_APART);
            assertThat(names)
                    .filteredOn(name -> name.matches("\\w+/\\w+/libzstd-jni-.*"))
                    .hasSize(2)
                    .allMatch(name -> name.matches("linux/(amd64|aarch64)/.*"));
            assertThat(names).noneMatch(name -> LEFT_OUT.stream().anyMatch(name::startsWith));
            assertThat(Files.size(JAR)).isLessThan(MOST_BYTES);
        }
    }

    @Test
    void a_logback_file_of_the_user_takes_the_place_of_the_built_in_log() throws Exception {
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

    @Test
    void what_other_systems_and_components_of_users_load_is_found_in_the_jar_beside_it() throws Exception {
        try (URLClassLoader loader = loader()) {
            assertThat(NATIVES_APART)
                    .allSatisfy(name -> assertThat(loader.getResource(name)).isNotNull());
            assertThat(List.of("darwin/x86_64", "darwin/aarch64", "win/amd64"))
                    .allSatisfy(system -> assertThat(zstd(loader, system)).isNotNull());
            // camel-kafka leaves on what Kafka's clients report about themselves.
            Class<?> reporter = loader.loadClass("org.apache.kafka.common.telemetry.internals.ClientTelemetryReporter");
            assertThat(reporter.getDeclaredMethods()).isNotEmpty();
        }
    }

    private static URL zstd(ClassLoader loader, String system) throws ReflectiveOperationException {
        String version = (String) loader.loadClass("com.github.luben.zstd.util.ZstdVersion")
                .getField("VERSION")
                .get(null);
        return loader.getResource(system + "/libzstd-jni-" + version + (system.startsWith("win") ? ".dll" : ".dylib"));
    }

    @Test
    void alone_on_another_system_it_names_the_jar_that_is_missing() throws IOException {
        try (Product product = Product.in(folder.resolve("work"))
                .withLibraries()
                .with("jtl.base-url", "http://127.0.0.1:9/erp")
                .with("jtl.tenant-id", Product.TENANT)
                .with("jtl.oauth.token-endpoint", "http://127.0.0.1:9/token")
                .with("jtl.oauth.client-id", "demo")
                .with("jtl.oauth.client-secret", "demo")
                .jvm("-Dos.name=Mac OS X")) {
            RunningProduct alone = product.start("import", KeyFiles.good(1, 1).write(folder.resolve("keys.csv")));

            assertThat(alone.exitCode(Duration.ofSeconds(90)))
                    .as(alone.toString())
                    .isEqualTo(3);
            assertThat(alone.stderr()).contains("Mac/x86_64", "jtl-contact-sync-extras-");
        }
    }

    @Test
    void what_libraries_throw_names_their_lines() throws Exception {
        try (URLClassLoader loader = loader()) {
            Class<?> type = loader.loadClass("org.apache.kafka.common.record.internal.CompressionType");

            assertThatThrownBy(() -> type.getMethod("forName", String.class).invoke(null, "none of them"))
                    .cause()
                    .satisfies(thrown -> assertThat(thrown.getStackTrace()[0].getLineNumber())
                            .isPositive());
        }
    }

    private static URLClassLoader loader() throws IOException {
        return new URLClassLoader(new URL[] {JAR.toUri().toURL()}, ClassLoader.getPlatformClassLoader());
    }

    /** Once, Logback's own default took its place: everything, tokens and contacts included, on stdout. */
    @Test
    void a_logback_file_that_does_not_exist_leaves_the_built_in_log(@TempDir Path folder) throws Exception {
        try (Product product = Product.in(folder).jvm("-Dlogback.configurationFile=/nonexistent.xml")) {
            RunningProduct demo = product.start("demo");

            assertThat(demo.exitCode()).isZero();
            assertThat(demo.stderr()).contains("WARN", "/nonexistent.xml (logback.configurationFile) does not exist");
            assertThat(demo.stdout() + demo.stderr()).doesNotContain("DEBUG");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "snappy", "lz4", "zstd"})
    void it_reads_and_writes_kafka_records_in_each_compression(String name) throws Exception {
        byte[] content = "customerId;contactId;".repeat(10_000).getBytes(StandardCharsets.UTF_8);
        try (URLClassLoader loader = loader()) {
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
