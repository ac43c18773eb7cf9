package de.contactsync.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What there is to say about a setting. Key and default come from {@link Setting}, section and meaning from the comments of
 * the shipped {@code application.properties}, the allowed values from the code that reads them.
 *
 * @param defaultValue null where there is none
 * @param allowed      in words, such as {@code a whole number from 1 to 512}; null where any text is
 */
record SettingDoc(
        String section, String key, String defaultValue, String allowed, String meaning, boolean secret) {

    private static final Pattern SECTION = Pattern.compile("# --- (.+?) -+");
    private static final Pattern KEY = Pattern.compile("#?((?:jtl|contacts)\\.[^ =]+)=.*");

    /** In the order of the shipped file. A comment also holds for the keys that follow without one of their own. */
    static List<SettingDoc> read(Path shippedFile) throws IOException {
        Map<Setting, String> allowed = allowedValues();
        List<SettingDoc> docs = new ArrayList<>();
        List<String> comment = new ArrayList<>();
        String section = "";
        boolean afterKey = false;
        for (String line : TextFile.read(shippedFile).lines().toList()) {
            Matcher heading = SECTION.matcher(line);
            Matcher key = KEY.matcher(line);
            Setting setting = key.matches() ? SettingNames.ofKey(key.group(1)).orElse(null) : null;
            if (setting != null) {
                docs.add(new SettingDoc(section, setting.key(), setting.defaultValue(), allowed.get(setting),
                        String.join(" ", comment), setting.isSecret()));
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
            afterKey = setting != null;
        }
        return docs;
    }

    /** Some settings are only read where others have certain values. */
    private static Map<Setting, String> allowedValues() {
        Map<Setting, String> allowed = new EnumMap<>(Setting.class);
        for (Map<Setting, String> values : List.of(
                Map.<Setting, String>of(),
                Map.of(Setting.SOURCES, "file,queue,kafka,timer"),
                Map.of(Setting.CRM_KIND, "salesforce"),
                Map.of(Setting.CRM_KIND, "rest", Setting.REST_MODE, "single", Setting.REST_AUTH, "oauth"),
                Map.of(Setting.CRM_KIND, "rest", Setting.REST_MODE, "batch"),
                Map.of(Setting.CRM_KIND, "rest", Setting.REST_MODE, "find-then-write"))) {
            Settings.allowed(values).forEach(allowed::putIfAbsent);
        }
        return allowed;
    }
}
