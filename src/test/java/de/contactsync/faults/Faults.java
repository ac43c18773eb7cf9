package de.contactsync.faults;

import de.contactsync.faults.agent.FailPoint;
import de.contactsync.faults.agent.FaultAgent;
import de.contactsync.faults.agent.SeededBug;
import de.contactsync.oauth.RefreshPerThread;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import net.bytebuddy.ByteBuddy;

/** Options of the JVM that let faults happen inside the product's process. */
final class Faults {

    private static final Path AGENT = Path.of(System.getProperty("product.jar")).resolveSibling("fault-agent.jar");

    static {
        try {
            write(AGENT);
        } catch (IOException | URISyntaxException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private Faults() {}

    static String at(FailPoint point) {
        return "-javaagent:" + AGENT + "=" + point.argument();
    }

    static String with(SeededBug bug) {
        return "-javaagent:" + AGENT + "=bug=" + bug;
    }

    static String with(SeededBug bug, FailPoint point) {
        return with(bug) + ";" + point.argument();
    }

    /** @param errorMillis file with the number of milliseconds by which the wall clock is wrong, may change */
    static String clock(Path errorMillis) {
        return "-javaagent:" + AGENT + "=clock=" + errorMillis;
    }

    /** The agent as a jar of its own, which finds Byte Buddy where this test has it. */
    private static void write(Path jar) throws IOException, URISyntaxException {
        Manifest manifest = new Manifest();
        Attributes attributes = manifest.getMainAttributes();
        attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        attributes.putValue("Premain-Class", FaultAgent.class.getName());
        attributes.putValue(
                "Class-Path",
                ByteBuddy.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toString());
        Path agent = Path.of(FaultAgent.class.getResource("FaultAgent.class").toURI());
        Path classes = agent.resolve("../../../../..").normalize();
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream entries = new JarOutputStream(out, manifest);
                Stream<Path> files = Files.list(agent.getParent())) {
            List<Path> all = new ArrayList<>(files.toList());
            all.add(Path.of(
                    RefreshPerThread.class.getResource("RefreshPerThread.class").toURI()));
            for (Path file : all) {
                entries.putNextEntry(new JarEntry(classes.relativize(file).toString()));
                Files.copy(file, entries);
            }
        }
    }
}
