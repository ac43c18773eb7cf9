package de.contactsync.config;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads what there is to say about settings: key and default from {@link ConfigKey}, section and meaning from the
 * comments of the shipped {@code application.properties}, the allowed values from the code that reads them.
 */
final class ShippedProperties {

    static final Path FILE = Path.of("application.properties");

    private static final Pattern SECTION = Pattern.compile("# --- (.+?) -+");
    private static final Pattern KEY = Pattern.compile("#?((?:jtl|contacts)\\.[^ =]+)=.*");

    private ShippedProperties() {}

    /** In the order of the file. A comment also holds for the keys that follow without one of their own. */
    static List<SettingDoc> docs() throws IOException {
        Map<ConfigKey, String> allowed = allowedValues();
        List<SettingDoc> docs = new ArrayList<>();
        List<String> comment = new ArrayList<>();
        String section = "";
        boolean afterKey = false;
        for (String line : TextFile.read(FILE).lines().toList()) {
            Matcher heading = SECTION.matcher(line);
            Matcher key = KEY.matcher(line);
            ConfigKey configKey =
                    key.matches() ? SettingNames.ofKey(key.group(1)).orElse(null) : null;
            if (configKey != null) {
                docs.add(new SettingDoc(
                        section,
                        configKey.key(),
                        configKey.defaultValue(),
                        allowed.get(configKey),
                        String.join(" ", comment),
                        configKey.isSecret()));
            } else if (heading.matches()) {
                section = heading.group(1);
            } else if (line.startsWith("# ")) {
                if (afterKey) {
                    comment.clear();
                }
                comment.add(line.substring(2).strip());
            } else if (line.isBlank()) {
                comment.clear();
            }
            afterKey = configKey != null;
        }
        return docs;
    }

    /** Some settings are only read where others have certain values. */
    private static Map<ConfigKey, String> allowedValues() {
        Map<ConfigKey, String> allowed = new EnumMap<>(ConfigKey.class);
        for (Map<ConfigKey, String> values : List.of(
                Map.<ConfigKey, String>of(),
                Map.of(ConfigKey.SOURCES, "file,queue,kafka,timer"),
                Map.of(ConfigKey.CRM_KIND, "salesforce"),
                Map.of(ConfigKey.CRM_KIND, "rest", ConfigKey.REST_MODE, "single", ConfigKey.REST_AUTH, "oauth"),
                Map.of(ConfigKey.CRM_KIND, "rest", ConfigKey.REST_MODE, "batch"),
                Map.of(ConfigKey.CRM_KIND, "rest", ConfigKey.REST_MODE, "find-then-write"))) {
            SettingsReader.allowed(values).forEach(allowed::putIfAbsent);
        }
        return allowed;
    }
}
