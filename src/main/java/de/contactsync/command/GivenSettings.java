package de.contactsync.command;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is set, and where: {@code application.properties} of the working directory, over it environment variables, over
 * them system properties. Whether a value is possible is the matter of {@link Settings}.
 */
final class GivenSettings {

    static final String FILE = "application.properties";

    private static final Logger LOG = LoggerFactory.getLogger(GivenSettings.class);

    /** Servers of Camel's own, which would listen everywhere and answer everybody. */
    private static final Pattern SERVER = Pattern.compile("(?i)camel[._](management|server)[._-].*");
    /** What Kubernetes puts into the environment for services that happen to be called jtl or contacts. */
    private static final Pattern SERVICE_LINK =
            Pattern.compile(".*_(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT(_\\d+_(TCP|UDP)(_.*)?)?)");

    /** @param origin for messages: the file, the environment or the command line */
    record Value(String text, String origin) {}

    private final Map<Setting, Value> values = new EnumMap<>(Setting.class);
    private final Map<String, String> camel = new TreeMap<>();
    private final List<String> problems = new ArrayList<>();

    private GivenSettings() {}

    static GivenSettings read(Path workingDirectory, Map<String, String> environment, Properties system) {
        GivenSettings given = new GivenSettings();
        given.read(workingDirectory.resolve(FILE));
        given.readEnvironment(environment);
        given.readSystem(system);
        return given;
    }

    static GivenSettings builtIn(Map<Setting, String> values) {
        GivenSettings given = new GivenSettings();
        values.forEach((setting, text) -> given.values.put(setting, new Value(text, "built in")));
        return given;
    }

    /** These, but for some that are as given here. */
    GivenSettings with(Map<Setting, String> others) {
        GivenSettings given = builtIn(others);
        values.forEach(given.values::putIfAbsent);
        given.camel.putAll(camel);
        given.problems.addAll(problems);
        return given;
    }

    /** Null when not set. */
    Value value(Setting setting) {
        return values.get(setting);
    }

    /** Keys of Camel. */
    Map<String, String> camel() {
        return Map.copyOf(camel);
    }

    /** Keys that are none, and files that cannot be read. */
    List<String> problems() {
        return problems;
    }

    private void read(Path path) {
        if (!Files.exists(path)) {
            return;
        }
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(path, StandardCharsets.UTF_8)) {
            properties.load(reader);
        } catch (CharacterCodingException e) {
            problems.add(FILE + " cannot be read: it is not in UTF-8");
        } catch (IOException | IllegalArgumentException e) {
            problems.add(FILE + " cannot be read: " + e.getMessage());
        }
        new TreeMap<>(properties).forEach((key, text) -> put((String) key, (String) text, FILE));
        if (values.keySet().stream().anyMatch(Setting::isSecret) && othersMayRead(path)) {
            LOG.warn("{} holds secrets and can be read by every user of this machine: chmod o-r {}", FILE,
                    path.toAbsolutePath());
        }
    }

    /** False where the file system knows no such permissions. */
    private static boolean othersMayRead(Path path) {
        try {
            return Files.getPosixFilePermissions(path).contains(PosixFilePermission.OTHERS_READ);
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }

    private void readEnvironment(Map<String, String> environment) {
        new TreeMap<>(environment).forEach((name, text) -> {
            if (SERVER.matcher(name).matches()) {
                refuseServer(name, "environment");
            } else if (name.startsWith("JTL_") || name.startsWith("CONTACTS_")) {
                Setting.ofEnvironment(name).ifPresentOrElse(
                        setting -> values.put(setting, new Value(text, "environment variable " + name)),
                        () -> {
                            if (!SERVICE_LINK.matcher(name).matches()) {
                                unknown(name, Setting.nearest(name.toLowerCase(Locale.ROOT).replace('_', '.'))
                                        .environmentName(), "environment");
                            }
                        });
            }
        });
    }

    private void readSystem(Properties system) {
        for (String key : new TreeSet<>(system.stringPropertyNames())) {
            put(key, system.getProperty(key), "-D" + key);
        }
    }

    private void put(String key, String text, String origin) {
        if (SERVER.matcher(key).matches()) {
            refuseServer(key, origin);
        } else if (key.startsWith("camel.")) {
            camel.put(key, text);
        } else if (key.startsWith("jtl.") || key.startsWith("contacts.")) {
            Setting.of(key).ifPresentOrElse(
                    setting -> values.put(setting, new Value(text, origin)),
                    () -> unknown(key, Setting.nearest(key).key(), origin));
        }
    }

    private void refuseServer(String key, String origin) {
        problems.add(key + " (" + origin + ") is not taken: health and metrics are on contacts.status.host and"
                + " contacts.status.port, and nothing else of Camel listens");
    }

    private void unknown(String key, String nearest, String origin) {
        problems.add(key + " (" + origin + ") is no key of ours: did you mean " + nearest + "?");
    }
}
