package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What the jar holds and what it leaves out; that its features work is what the other tests of this package show. */
class PackagedJarIT {

    private static final Path JAR = Path.of(System.getProperty("product.jar"));
    private static final long MOST_BYTES = 62_000_000;

    private static final List<String> NATIVES = List.of(
            "org/sqlite/native/Linux/x86_64/libsqlitejdbc.so",
            "org/sqlite/native/Linux/aarch64/libsqlitejdbc.so",
            "org/sqlite/native/Linux-Musl/x86_64/libsqlitejdbc.so",
            "org/sqlite/native/Linux-Musl/aarch64/libsqlitejdbc.so",
            "org/sqlite/native/Mac/x86_64/libsqlitejdbc.dylib",
            "org/sqlite/native/Mac/aarch64/libsqlitejdbc.dylib",
            "org/sqlite/native/Windows/x86_64/sqlitejdbc.dll",
            "org/xerial/snappy/native/Linux/x86_64/libsnappyjava.so",
            "org/xerial/snappy/native/Linux/aarch64/libsnappyjava.so",
            "org/xerial/snappy/native/Windows/x86_64/snappyjava.dll",
            "net/jpountz/util/linux/amd64/liblz4-java.so",
            "net/jpountz/util/linux/aarch64/liblz4-java.so");

    private static final List<String> LEFT_OUT = List.of(
            "org/jgroups/",
            "org/apache/commons/dbcp2/",
            "org/flywaydb/database/cockroachdb/",
            "org/sqlite/native/FreeBSD/",
            "org/xerial/snappy/native/AIX/",
            "linux/s390x/");

    @Test
    void it_holds_the_natives_of_usual_platforms_and_no_others_and_stays_small() throws IOException {
        try (JarFile jar = new JarFile(JAR.toFile())) {
            assumeTrue(
                    jar.getManifest().getMainAttributes().getValue(Attributes.Name.CLASS_PATH) == null,
                    "the libraries are in it");
            Set<String> names = jar.stream().map(entry -> entry.getName()).collect(Collectors.toSet());

            assertThat(names).containsAll(NATIVES);
            assertThat(names)
                    .filteredOn(name -> name.matches("(linux|darwin|win)/(amd64|x86_64|aarch64)/libzstd-jni-.*"))
                    .hasSize(5);
            assertThat(names).noneMatch(name -> LEFT_OUT.stream().anyMatch(name::startsWith));
            assertThat(Files.size(JAR)).isLessThan(MOST_BYTES);
        }
    }
}
