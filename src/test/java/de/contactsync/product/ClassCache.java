package de.contactsync.product;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The classes of the packaged jar as an archive that the JVM maps (JEP 350), as the launcher keeps one: tests start
 * hundreds of processes, and most of the time of each is loading classes.
 */
final class ClassCache {

    private static final String QUIET = "-Xlog:cds*=off";

    private ClassCache() {}

    /**
     * Made beside the jar by the first test that asks.
     *
     * @param start Java and the options that every process gets
     * @return the options to add; none where the archive cannot be made
     */
    static synchronized List<String> options(Path jar, List<String> start) {
        if (!jar.endsWith("jtl-contact-sync.jar")) {
            // Quarkus has a class loader of its own, of which an archive holds nothing.
            return List.of();
        }
        Path archive = jar.resolveSibling("classes-" + Runtime.version().feature() + ".jsa");
        try {
            if (!Files.exists(archive) || isOlder(archive, jar)) {
                make(archive, jar, start);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Files.exists(archive) ? List.of("-XX:SharedArchiveFile=" + archive, QUIET) : List.of();
    }

    private static boolean isOlder(Path archive, Path jar) throws IOException {
        return Files.getLastModifiedTime(archive).compareTo(Files.getLastModifiedTime(jar)) < 0;
    }

    private static void make(Path archive, Path jar, List<String> start) throws IOException {
        Files.deleteIfExists(archive);
        Path made = archive.resolveSibling(
                archive.getFileName() + "." + ProcessHandle.current().pid());
        List<String> command = new ArrayList<>(start);
        command.addAll(List.of("-XX:ArchiveClassesAtExit=" + made, QUIET, "-jar", jar.toString(), "demo"));
        Process demo = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            if (demo.waitFor(5, TimeUnit.MINUTES) && demo.exitValue() == 0 && Files.exists(made)) {
                Files.move(made, archive, StandardCopyOption.ATOMIC_MOVE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            demo.destroyForcibly();
            Files.deleteIfExists(made);
        }
    }
}
