package de.contactsync.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Settings in the environment: {@code NAME} with the value, or {@code NAME_FILE} with the path of a file that holds it,
 * as Docker and Kubernetes give secrets.
 */
final class EnvironmentVariables {

    static final Pattern BATCH_SIZE = Pattern.compile("CONTACTS_SINK_(\\w+)_BATCH_SIZE");
    static final String IN_FILE = "_FILE";

    /** What Kubernetes puts into the environment for services that happen to be called jtl or contacts. */
    private static final Pattern SERVICE_LINK =
            Pattern.compile(".*_(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT(_\\d+_(TCP|UDP)(_.*)?)?)");

    private static final Pattern OURS = Pattern.compile("(?s)(JTL|CONTACTS)_.*");

    private static final long MOST_IN_FILE = 64 * 1024;

    /** @param ofTenant null where it is a setting for all */
    private record Name(ConfigKey setting, TenantKey ofTenant) {

        static Optional<Name> of(String variable) {
            return SettingNames.ofEnvironment(variable)
                    .map(setting -> new Name(setting, null))
                    .or(() -> TenantKey.ofEnvironment(variable).map(key -> new Name(key.setting(), key)));
        }
    }

    private final Map<String, String> environment;
    private final PropertySources given;

    private EnvironmentVariables(Map<String, String> environment, PropertySources given) {
        this.environment = environment;
        this.given = given;
    }

    static void read(Map<String, String> environment, PropertySources given) {
        new TreeMap<>(environment).forEach(new EnvironmentVariables(environment, given)::read);
    }

    private void read(String variable, String text) {
        Optional<Name> direct = Name.of(variable);
        Optional<Name> inFile =
                direct.isPresent() || !variable.endsWith(IN_FILE) ? Optional.empty() : Name.of(withoutFile(variable));
        Matcher batchSize = BATCH_SIZE.matcher(variable);
        if (batchSize.matches()) {
            String sink = batchSize.group(1).toLowerCase(Locale.ROOT).replace('_', '-');
            given.acceptBatchSize(sink, text, "environment variable " + variable);
        } else if (PropertySources.isServer(variable)) {
            given.refuseServer(variable, "environment");
        } else if (direct.isPresent()) {
            // Docker Compose and others pass a variable that is not set as an empty one.
            if (!text.isBlank() || direct.get().setting().emptyHasMeaning()) {
                accept(direct.get(), text, "environment variable " + variable);
            }
        } else if (inFile.isPresent()) {
            readFile(inFile.get(), variable, text);
        } else if (!SERVICE_LINK.matcher(variable).matches()
                && (OURS.matcher(variable).matches() || SettingNames.resemblesOne(variable))) {
            given.unknown(variable, SettingNames.nearest(variable).environmentName(), "environment");
        }
    }

    private static String withoutFile(String variable) {
        return variable.substring(0, variable.length() - IN_FILE.length());
    }

    private void readFile(Name name, String variable, String path) {
        String directName = withoutFile(variable);
        String direct = environment.get(directName);
        if (path.isBlank()) {
            return;
        }
        if (direct != null && !direct.isBlank()) {
            given.problem(variable + " and " + directName + " (environment) are both set: remove one of them");
            return;
        }
        try {
            Path file = Path.of(path.strip());
            if (Files.size(file) > MOST_IN_FILE) {
                given.problem(variable + " (environment): " + file + " is longer than " + MOST_IN_FILE + " bytes");
                return;
            }
            String text = TextFile.read(file).strip();
            if (text.isEmpty() && !name.setting().emptyHasMeaning()) {
                given.problem(variable + " (environment): " + file + " is empty");
                return;
            }
            accept(name, text, "file " + file + " of environment variable " + variable);
        } catch (CharacterCodingException e) {
            given.problem(variable + " (environment): " + path + " is not in UTF-8");
        } catch (IOException | InvalidPathException e) {
            given.problem(variable + " (environment): " + path + " cannot be read: " + reason(e));
        }
    }

    private void accept(Name name, String text, String origin) {
        if (name.ofTenant() == null) {
            given.accept(name.setting(), text, origin);
        } else {
            given.accept(name.ofTenant(), text, origin);
        }
    }

    private static String reason(Exception e) {
        return e instanceof NoSuchFileException
                ? "there is no such file"
                : e instanceof AccessDeniedException ? "permission denied" : String.valueOf(e.getMessage());
    }
}
