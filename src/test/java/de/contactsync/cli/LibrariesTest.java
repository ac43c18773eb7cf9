package de.contactsync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quartz.CronExpression;

class LibrariesTest {

    @TempDir
    Path folder;

    /** A whole Quartz in lib/ once found the few classes of it that the program brings, and missed the rest. */
    @Test
    void a_library_of_which_the_program_brings_a_part_is_taken_from_lib_where_it_stands_there() throws Exception {
        URL jar = jarWith(CronExpression.class).toUri().toURL();

        try (Libraries.Loader loader = new Libraries.Loader(new URL[] {jar}, List.of("org.quartz."))) {
            Class<?> own = loader.loadClass(CronExpression.class.getName());
            assertThat(own).isNotEqualTo(CronExpression.class);
            assertThat(own.getClassLoader()).isEqualTo(loader);
            assertThat(loader.loadClass(CronExpression.class.getName())).isEqualTo(own);
            assertThat(loader.loadClass("org.quartz.ValueSet").getClassLoader())
                    .as("stands in no jar of lib/")
                    .isEqualTo(CronExpression.class.getClassLoader());
        }
        try (Libraries.Loader loader = new Libraries.Loader(new URL[] {jar}, List.of())) {
            assertThat(loader.loadClass(CronExpression.class.getName())).isEqualTo(CronExpression.class);
        }
    }

    private Path jarWith(Class<?> type) throws IOException {
        String name = type.getName().replace('.', '/') + ".class";
        Path jar = folder.resolve("library.jar");
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
                InputStream in = type.getClassLoader().getResourceAsStream(name)) {
            out.putNextEntry(new JarEntry(name));
            in.transferTo(out);
        }
        return jar;
    }
}
