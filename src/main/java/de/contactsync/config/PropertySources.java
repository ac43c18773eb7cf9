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
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

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
        if (Stream.concat(Stream.of(values), tenants.values().stream())
                        .flatMap(set -> set.keySet().stream())
                        .anyMatch(ConfigKey::isSecret)
                && isReadableByOthers(path)) {
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
            Optional<TenantKey> ofTenant = TenantKey.ofEnvironment(name);
            Optional<TenantKey> ofTenantInFile = ofTenant.isPresent() || !name.endsWith(IN_FILE)
                    ? Optional.empty()
                    : TenantKey.ofEnvironment(name.substring(0, name.length() - IN_FILE.length()));
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
                readFromFile(inFile.get(), null, name, text, environment);
            } else if (ofTenant.isPresent()) {
                if (!text.isBlank() || ofTenant.get().setting().emptyHasMeaning()) {
                    accept(ofTenant.get(), text, "environment variable " + name);
                }
            } else if (ofTenantInFile.isPresent()) {
                readFromFile(ofTenantInFile.get().setting(), ofTenantInFile.get(), name, text, environment);
            } else if (!SERVICE_LINK.matcher(name).matches()
                    && (ENVIRONMENT_OF_OURS.matcher(name).matches() || SettingNames.resemblesOne(name))) {
                unknown(name, SettingNames.nearest(name).environmentName(), "environment");
            }
        });
    }

    /** What Docker and Kubernetes give as a file, a secret above all. */
    private void readFromFile(
            ConfigKey configKey, TenantKey ofTenant, String name, String path, Map<String, String> environment) {
        String directName = name.substring(0, name.length() - IN_FILE.length());
        String direct = environment.get(directName);
        if (path.isBlank()) {
            return;
        }
        if (direct != null && !direct.isBlank()) {
            problems.add(name + " and " + directName + " (environment) are both set: take one out");
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
            String origin = "file " + file + " of environment variable " + name;
            if (ofTenant == null) {
                accept(configKey, text, origin);
            } else {
                accept(ofTenant, text, origin);
            }
        } catch (CharacterCodingException e) {
            problems.add(name + " (environment): " + path + " is not in UTF-8");
        } catch (IOException | InvalidPathException e) {
            problems.add(name + " (environment): " + path + " cannot be read: " + reason(e));
        }
    }

    private void accept(ConfigKey configKey, String text, String origin) {
        values.put(configKey, seen(configKey.key(), text, origin));
    }

    private void accept(TenantKey key, String text, String origin) {
        String written = TenantKey.key(key.tenant(), key.setting());
        if (key.isOfTheProcess()) {
            problems.add(written + " (" + origin + "): " + key.setting().key()
                    + " holds for the whole process and cannot be set for one tenant: take it out");
        } else {
            tenants.computeIfAbsent(key.tenant(), name -> new EnumMap<>(ConfigKey.class))
                    .put(key.setting(), seen(written, text, origin));
        }
    }

    private Value seen(String key, String text, String origin) {
        UnseenCharacters.around(text)
                .ifPresent(unseen -> problems.add("the value of " + key + " (" + origin + ") " + unseen
                        + ", which cannot be seen: type it anew"));
        return new Value(UnseenCharacters.bare(text), origin);
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
        Optional<TenantKey> ofTenant = TenantKey.ofKey(key);
        Matcher batchSize = BATCH_SIZE.matcher(key);
        if (batchSize.matches()) {
            batchSizes.put(batchSize.group(1), new Value(text, origin));
        } else if (SERVER.matcher(key).matches()) {
            refuseServer(key, origin);
        } else if (key.startsWith("camel.")) {
            camel.put(key, text);
        } else if (setting.isPresent()) {
            accept(setting.get(), text, origin);
        } else if (ofTenant.isPresent()) {
            accept(ofTenant.get(), text, origin);
        } else if (TenantKey.resembles(key)) {
            unknown(key, TenantKey.nearest(key), origin);
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
