package de.contactsync.config;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What is set, and where: {@code application.properties} of the working directory, over it
 * {@link EnvironmentVariables}, over them system properties. Whether a value is possible is the matter of
 * {@link Settings}.
 */
final class PropertySources {

    static final String FILE = "application.properties";

    private static final Pattern SERVER = Pattern.compile("(?i)camel[._](management|server)[._-].*");
    private static final Pattern OURS = Pattern.compile("(?s)(?i:jtl|contacts)([.\\h].*)?|(JTL|CONTACTS)_.*");

    private static final Pattern BATCH_SIZE = Pattern.compile("contacts\\.sink\\.([^.]+)\\.batch-size");

    /** @param origin for messages: the file, the environment or the command line */
    record Value(String text, String origin) {}

    private final Map<ConfigKey, Value> values = new EnumMap<>(ConfigKey.class);
    /** What tenants set for themselves, by their names. */
    private final Map<String, Map<ConfigKey, Value>> tenants = new TreeMap<>();
    /** Whose settings these are; null: those for all. */
    private String tenant;

    private final Map<String, String> camel = new TreeMap<>();
    private final Map<String, Value> batchSizes = new TreeMap<>();
    private final List<String> problems = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    private PropertySources() {}

    static PropertySources read(Path workingDirectory, Map<String, String> environment, Properties system) {
        PropertySources given = new PropertySources();
        given.read(workingDirectory.resolve(FILE));
        EnvironmentVariables.read(environment, given);
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
        given.tenant = tenant;
        given.tenants.putAll(tenants);
        return given;
    }

    /** As one of {@link #tenants} has them. */
    PropertySources ofTenant(String name) {
        Map<ConfigKey, Value> own = tenants.get(name);
        String ofAll = auth(values, ConfigKey.AUTH.defaultValue());
        String mine = auth(own, ofAll);
        PropertySources given = new PropertySources();
        given.tenant = name;
        values.forEach((setting, value) -> {
            if (TenantKey.isInherited(setting, own.keySet(), ofAll, mine, JtlSettingsParser.USES)) {
                given.values.put(setting, value);
            }
        });
        given.values.putAll(own);
        given.values.compute(
                ConfigKey.AUTH,
                (auth, value) ->
                        value == null || value.text().isBlank() ? new Value(mine, ConfigKey.AUTH.key()) : value);
        given.tenants.put(name, own);
        given.camel.putAll(camel);
        given.batchSizes.putAll(batchSizes);
        return given;
    }

    private static String auth(Map<ConfigKey, Value> values, String otherwise) {
        Value value = values.get(ConfigKey.AUTH);
        return value == null || value.text().isBlank()
                ? otherwise
                : value.text().strip();
    }

    /** Names of those that have settings of their own. */
    Set<String> tenants() {
        return tenants.keySet();
    }

    /** Null: these are the settings for all. */
    String tenant() {
        return tenant;
    }

    /** False where a tenant has it from the settings for all, of which it is reported what is wrong with them. */
    boolean isOwn(ConfigKey configKey) {
        return tenant == null
                || !configKey.key().startsWith("jtl.")
                || tenants.get(tenant).containsKey(configKey);
    }

    /** Null when not set. */
    Value value(ConfigKey configKey) {
        return values.get(configKey);
    }

    /** Values of {@code contacts.sink.NAME.batch-size} by their names. */
    Map<String, Value> batchSizesOfSinks() {
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
                    problems.add(key + " occurs twice in " + FILE + ", with different values: delete one");
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
        if (Stream.concat(Stream.of(values), tenants.values().stream())
                        .flatMap(set -> set.keySet().stream())
                        .anyMatch(ConfigKey::isSecret)
                && isReadableByOthers(path)) {
            warnings.add(FILE + " contains secrets and is readable by every user of this machine: chmod o-r "
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

    void accept(ConfigKey configKey, String text, String origin) {
        values.put(configKey, seen(configKey.key(), text, origin));
    }

    void accept(TenantKey key, String text, String origin) {
        String written = TenantKey.key(key.tenant(), key.setting());
        if (key.isOfTheProcess()) {
            problems.add(written + " (" + origin + "): " + key.setting().key()
                    + " applies to the whole process and cannot be set for one tenant: remove it");
        } else {
            tenants.computeIfAbsent(key.tenant(), name -> new EnumMap<>(ConfigKey.class))
                    .put(key.setting(), seen(written, text, origin));
        }
    }

    private Value seen(String key, String text, String origin) {
        UnseenCharacters.around(text)
                .ifPresent(unseen -> problems.add(
                        "the value of " + key + " (" + origin + ") " + unseen + ", which is invisible: type it again"));
        return new Value(UnseenCharacters.bare(text), origin);
    }

    private void readSystem(Properties system) {
        for (String key : new TreeSet<>(system.stringPropertyNames())) {
            put(key, system.getProperty(key), "-D" + key);
        }
    }

    void acceptBatchSize(String sink, String text, String origin) {
        batchSizes.put(sink, new Value(text, origin));
    }

    void problem(String problem) {
        problems.add(problem);
    }

    private void put(String key, String text, String origin) {
        if (TenantKey.resembles(key)) {
            // First, as there may be thousands of them.
            TenantKey.ofKey(key)
                    .ifPresentOrElse(
                            ofTenant -> accept(ofTenant, text, origin),
                            () -> unknown(key, TenantKey.nearest(key), origin));
            return;
        }
        Optional<ConfigKey> setting = SettingNames.ofKey(key);
        Matcher batchSize = BATCH_SIZE.matcher(key);
        if (batchSize.matches()) {
            acceptBatchSize(batchSize.group(1), text, origin);
        } else if (isServer(key)) {
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
        if (EnvironmentVariables.BATCH_SIZE.matcher(key).matches()) {
            return key.toLowerCase(Locale.ROOT)
                    .replace("_batch_size", ".batch-size")
                    .replaceFirst("^(contacts)_(sink)_", "$1.$2.")
                    .replace('_', '-');
        }
        boolean cut = key.matches("(?i)jtl|contacts");
        return SettingNames.nearest(
                        cut
                                ? key + "." + text.replaceFirst("\\s*[=:].*", "")
                                : key.replaceFirst(EnvironmentVariables.IN_FILE + "$", ""))
                .key();
    }

    static boolean isServer(String name) {
        return SERVER.matcher(name).matches();
    }

    /** Servers of Camel's own would listen everywhere and answer everybody. */
    void refuseServer(String key, String origin) {
        problems.add(key + " (" + origin
                + ") is not supported: health and metrics are on contacts.status.host and contacts.status.port,"
                + " and no other server of Camel may be started");
    }

    void unknown(String key, String nearest, String origin) {
        problems.add("Unknown property " + UnseenCharacters.shown(key) + " (" + origin + "). "
                + UnseenCharacters.in(key)
                        .map(unseen -> "It holds " + unseen + ", which is invisible: type " + nearest + " anew.")
                        .orElse("Did you mean " + nearest + "?"));
    }
}
