package de.contactsync.config;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is set, and where: {@code application.properties} of the working directory, over it environment variables
 * ({@code NAME}, or {@code NAME_FILE} for a file with the value), over them system properties. Whether a value is
 * possible is the matter of {@link Settings}.
 */
final class PropertySources {

    static final String FILE = "application.properties";

    /** Servers of Camel's own, which would listen everywhere and answer everybody. */
    private static final Pattern SERVER = Pattern.compile("(?i)camel[._](management|server)[._-].*");
    /** What Kubernetes puts into the environment for services that happen to be called jtl or contacts. */
    private static final Pattern SERVICE_LINK =
            Pattern.compile(".*_(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT(_\\d+_(TCP|UDP)(_.*)?)?)");

    private static final Pattern OURS = Pattern.compile("(?s)(?i:jtl|contacts)([.\\h].*)?|(JTL|CONTACTS)_.*");

    private static final Pattern ENVIRONMENT_OF_OURS = Pattern.compile("(?s)(JTL|CONTACTS)_.*");

    private static final Pattern BATCH_SIZE = Pattern.compile("contacts\\.sink\\.([^.]+)\\.batch-size");
    private static final Pattern BATCH_SIZE_IN_ENVIRONMENT = Pattern.compile("CONTACTS_SINK_(\\w+)_BATCH_SIZE");

    private static final String IN_FILE = "_FILE";
    private static final long MOST_IN_FILE = 64 * 1024;

    /** @param origin for messages: the file, the environment or the command line */
    record Value(String text, String origin) {}

    private final Map<ConfigKey, Value> values = new EnumMap<>(ConfigKey.class);
    private final Map<String, String> camel = new TreeMap<>();
    private final Map<String, Value> batchSizes = new TreeMap<>();
    private final List<String> problems = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    private PropertySources() {}

    static PropertySources read(Path workingDirectory, Map<String, String> environment, Properties system) {
        PropertySources given = new PropertySources();
        given.read(workingDirectory.resolve(FILE));
        given.readEnvironment(environment);
        given.readSystem(system);
        if (!given.values.containsKey(ConfigKey.PROXY)) {
            StandardProxy.read(environment, system).forEach(given.values::putIfAbsent);
        }
        return given;
    }

    static PropertySources builtIn(Map<ConfigKey, String> values) {
        PropertySources given = new PropertySources();
        values.forEach((configKey, text) -> given.values.put(configKey, new Value(text, "built in")));
        return given;
    }

    /** These, but for some that are as given here. */
    PropertySources with(Map<ConfigKey, String> others) {
        PropertySources given = builtIn(others);
        values.forEach(given.values::putIfAbsent);
        given.camel.putAll(camel);
        given.problems.addAll(problems);
        return given;
    }

    /** Null when not set. */
    Value value(ConfigKey configKey) {
        return values.get(configKey);
    }

    /** Null when not set. */
    Value batchSizeOfSink(String sink) {
        return batchSizes.get(sink);
    }

    /** Values of {@code contacts.sink.NAME.batch-size} by their names. */
    Map<String, Value> sinksWithBatchSize() {
        return Map.copyOf(batchSizes);
    }

    /** Keys of Camel. */
    Map<String, String> camel() {
        return Map.copyOf(camel);
    }

    /** Unknown keys, and files that cannot be read. */
    List<String> problems() {
        return problems;
    }

    /** What works and should not stay so. */
    List<String> warnings() {
        return warnings;
    }

    private void read(Path path) {
        if (!Files.exists(path)) {
            return;
        }
        Properties properties = new Properties() {
            @Override
            public synchronized Object put(Object key, Object text) {
                Object before = super.put(key, text);
                if (before != null && !before.equals(text) && isOurs((String) key)) {
                    problems.add(key + " stands twice in " + FILE + ", with different values: delete one");
                }
                return before;
            }
        };
        try {
            properties.load(new StringReader(TextFile.read(path)));
        } catch (CharacterCodingException e) {
            problems.add(FILE + " cannot be read: it is not in UTF-8");
        } catch (IOException | IllegalArgumentException e) {
            problems.add(FILE + " cannot be read: " + e.getMessage());
        }
        new TreeMap<>(properties).forEach((key, text) -> put((String) key, (String) text, FILE));
        if (values.keySet().stream().anyMatch(ConfigKey::isSecret) && isReadableByOthers(path)) {
            warnings.add(FILE + " holds secrets and can be read by every user of this machine: chmod o-r "
                    + path.toAbsolutePath());
        }
    }

    /** False where the file system knows no such permissions. */
    private static boolean isReadableByOthers(Path path) {
        try {
            return Files.getPosixFilePermissions(path).contains(PosixFilePermission.OTHERS_READ);
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }

    private void readEnvironment(Map<String, String> environment) {
        new TreeMap<>(environment).forEach((name, text) -> {
            Optional<ConfigKey> setting = SettingNames.ofEnvironment(name);
            Optional<ConfigKey> inFile = setting.isPresent() || !name.endsWith(IN_FILE)
                    ? Optional.empty()
                    : SettingNames.ofEnvironment(name.substring(0, name.length() - IN_FILE.length()));
            Matcher batchSize = BATCH_SIZE_IN_ENVIRONMENT.matcher(name);
            if (batchSize.matches()) {
                String sink = batchSize.group(1).toLowerCase(Locale.ROOT).replace('_', '-');
                batchSizes.put(sink, new Value(text, "environment variable " + name));
            } else if (SERVER.matcher(name).matches()) {
                refuseServer(name, "environment");
            } else if (setting.isPresent()) {
                // Docker Compose and others pass a variable that is not set as an empty one.
                if (!text.isBlank() || setting.get().emptyHasMeaning()) {
                    accept(setting.get(), text, "environment variable " + name);
                }
            } else if (inFile.isPresent()) {
                readFromFile(inFile.get(), name, text, environment);
            } else if (!SERVICE_LINK.matcher(name).matches()
                    && (ENVIRONMENT_OF_OURS.matcher(name).matches() || SettingNames.resemblesOne(name))) {
                unknown(name, SettingNames.nearest(name).environmentName(), "environment");
            }
        });
    }

    /** What Docker and Kubernetes give as a file, a secret above all. */
    private void readFromFile(ConfigKey configKey, String name, String path, Map<String, String> environment) {
        String direct = environment.get(configKey.environmentName());
        if (path.isBlank()) {
            return;
        }
        if (direct != null && !direct.isBlank()) {
            problems.add(name + " and " + configKey.environmentName() + " (environment) are both set: take one out");
            return;
        }
        try {
            Path file = Path.of(path.strip());
            if (Files.size(file) > MOST_IN_FILE) {
                problems.add(name + " (environment): " + file + " is longer than " + MOST_IN_FILE + " bytes");
                return;
            }
            String text = TextFile.read(file).strip();
            if (text.isEmpty() && !configKey.emptyHasMeaning()) {
                problems.add(name + " (environment): " + file + " is empty");
                return;
            }
            accept(configKey, text, "file " + file + " of environment variable " + name);
        } catch (CharacterCodingException e) {
            problems.add(name + " (environment): " + path + " is not in UTF-8");
        } catch (IOException | InvalidPathException e) {
            problems.add(name + " (environment): " + path + " cannot be read: " + reason(e));
        }
    }

    private void accept(ConfigKey configKey, String text, String origin) {
        UnseenCharacters.around(text)
                .ifPresent(unseen -> problems.add("the value of " + configKey.key() + " (" + origin + ") " + unseen
                        + ", which cannot be seen: type it anew"));
        values.put(configKey, new Value(UnseenCharacters.bare(text), origin));
    }

    private static String reason(Exception e) {
        return e instanceof NoSuchFileException
                ? "there is no such file"
                : e instanceof AccessDeniedException ? "permission denied" : String.valueOf(e.getMessage());
    }

    private void readSystem(Properties system) {
        for (String key : new TreeSet<>(system.stringPropertyNames())) {
            put(key, system.getProperty(key), "-D" + key);
        }
    }

    private void put(String key, String text, String origin) {
        Optional<ConfigKey> setting = SettingNames.ofKey(key);
        Matcher batchSize = BATCH_SIZE.matcher(key);
        if (batchSize.matches()) {
            batchSizes.put(batchSize.group(1), new Value(text, origin));
        } else if (SERVER.matcher(key).matches()) {
            refuseServer(key, origin);
        } else if (key.startsWith("camel.")) {
            camel.put(key, text);
        } else if (setting.isPresent()) {
            accept(setting.get(), text, origin);
        } else if (isOurs(key)) {
            unknown(key, nearest(key, text), origin);
        }
    }

    /**
     * Other keys are free for the routes of users, but for those that are one of ours with a slip of the pen, or as the
     * environment names it.
     */
    private static boolean isOurs(String key) {
        return OURS.matcher(key).matches() || SettingNames.resemblesOne(key);
    }

    /** With a blank in the key, what follows the blank is read as the value. */
    private static String nearest(String key, String text) {
        if (BATCH_SIZE_IN_ENVIRONMENT.matcher(key).matches()) {
            return key.toLowerCase(Locale.ROOT)
                    .replace("_batch_size", ".batch-size")
                    .replaceFirst("^(contacts)_(sink)_", "$1.$2.")
                    .replace('_', '-');
        }
        boolean cut = key.matches("(?i)jtl|contacts");
        return SettingNames.nearest(
                        cut ? key + "." + text.replaceFirst("\\s*[=:].*", "") : key.replaceFirst(IN_FILE + "$", ""))
                .key();
    }

    private void refuseServer(String key, String origin) {
        problems.add(key + " (" + origin + ") is not taken: health and metrics are on contacts.status.host and"
                + " contacts.status.port, and nothing else of Camel listens");
    }

    private void unknown(String key, String nearest, String origin) {
        problems.add("Unknown property " + UnseenCharacters.shown(key) + " (" + origin + "). "
                + UnseenCharacters.in(key)
                        .map(unseen -> "It holds " + unseen + ", which cannot be seen: type " + nearest + " anew.")
                        .orElse("Did you mean " + nearest + "?"));
    }
}
