package de.contactsync.config;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Finds a {@link ConfigKey} by its name as a key or as an environment variable, and the one that a misspelt name means.
 */
final class SettingNames {

    /** Letters that a name has at least in which two may be wrong and it is still plain which was meant. */
    private static final int LONG = 12;

    private static final Pattern SEPARATORS = Pattern.compile("[._\\s\\h-]");

    private SettingNames() {}

    static Optional<ConfigKey> ofKey(String key) {
        return find(key, ConfigKey::key);
    }

    static Optional<ConfigKey> ofEnvironment(String name) {
        return find(name, ConfigKey::environmentName);
    }

    private static Optional<ConfigKey> find(String name, Function<ConfigKey, String> naming) {
        return Arrays.stream(ConfigKey.values())
                .filter(configKey -> naming.apply(configKey).equals(name))
                .findFirst();
    }

    /** The setting whose name differs least from {@code name}, a key or an environment variable. */
    static ConfigKey nearest(String name) {
        return Arrays.stream(ConfigKey.values())
                .min(Comparator.comparingInt((ConfigKey configKey) -> distance(plain(configKey.key()), plain(name)))
                        .thenComparingInt(configKey -> distance(configKey.key(), name)))
                .orElseThrow();
    }

    /**
     * Whether {@code name} is one of ours but for its case, its separators and a letter, in a long name two. Every
     * system property and variable of the environment is asked for, so the lengths decide first.
     */
    static boolean resemblesOne(String name) {
        String given = plain(name);
        return Plain.NAMES.stream().anyMatch(ours -> {
            int wrong = ours.length() < LONG ? 1 : 2;
            return Math.abs(ours.length() - given.length()) <= wrong && distance(ours, given) <= wrong;
        });
    }

    private static String plain(String name) {
        return SEPARATORS.matcher(UnseenCharacters.shown(name)).replaceAll("").toLowerCase(Locale.ROOT);
    }

    private static final class Plain {
        private static final List<String> NAMES = Arrays.stream(ConfigKey.values())
                .map(configKey -> plain(configKey.key()))
                .toList();
    }

    /** Levenshtein: insertions, deletions and replacements that lead from one to the other. */
    private static int distance(String a, String b) {
        int[] previous = new int[b.length() + 1];
        Arrays.setAll(previous, i -> i);
        for (int i = 1; i <= a.length(); i++) {
            int[] current = new int[b.length() + 1];
            current[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replace = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(replace, Math.min(previous[j], current[j - 1]) + 1);
            }
            previous = current;
        }
        return previous[b.length()];
    }
}
