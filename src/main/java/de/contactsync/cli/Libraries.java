package de.contactsync.cli;

import java.io.File;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Jars that users add: components and routes in the folder {@code lib} beside the program, or beside its jar where that
 * lies in such a folder itself. What the program brings wins over what they bring.
 */
final class Libraries {

    private static final Logger LOG = LoggerFactory.getLogger(Libraries.class);
    private static final String FOLDER = "lib";
    /** The program's own, on its class path already; see pom.xml. */
    private static final String EXTRAS = "jtl-contact-sync-extras-";

    private Libraries() {}

    /** Lets this thread, and those that it starts, find what is in them. */
    static void join() throws IOException {
        Path program = program();
        List<Path> jars = program == null ? List.of() : beside(program);
        if (!jars.isEmpty()) {
            LOG.info(
                    "With {} from {}",
                    jars.stream().map(jar -> jar.getFileName().toString()).toList(),
                    jars.get(0).getParent());
            // Open for as long as the program runs.
            Thread.currentThread()
                    .setContextClassLoader(new URLClassLoader(
                            FOLDER,
                            jars.stream().map(Libraries::url).toArray(URL[]::new),
                            Libraries.class.getClassLoader()));
        }
    }

    /**
     * The jar that the JVM was started with; null where it was started with a list of jars or folders. Not by the code
     * source of this class: that has no location when a class cache made at another path is mapped (JDK 25).
     */
    private static Path program() {
        Path jar = Path.of(System.getProperty("java.class.path").split(File.pathSeparator)[0]);
        return Files.isRegularFile(jar) ? jar : null;
    }

    /** In the order of their names. */
    static List<Path> beside(Path program) throws IOException {
        Path home = program.toAbsolutePath().getParent();
        Path folder = home.endsWith(FOLDER) ? home : home.resolve(FOLDER);
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().endsWith(".jar"))
                    .filter(file -> !file.equals(program.toAbsolutePath()))
                    .filter(file -> !file.getFileName().toString().startsWith(EXTRAS))
                    .sorted()
                    .toList();
        }
    }

    private static URL url(Path jar) {
        try {
            return jar.toUri().toURL();
        } catch (MalformedURLException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
