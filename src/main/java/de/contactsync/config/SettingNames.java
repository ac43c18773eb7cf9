package de.contactsync.config;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Finds a {@link ConfigKey} by its name as a key or as an environment variable, and the one that a misspelt name means.
 */
final class SettingNames {

    /** Letters that a name has at least in which two may be wrong and it is still plain which was meant. */
    private static final int LONG = 12;

    private static final Pattern SEPARATORS = Pattern.compile("[._\\s\\h-]");

    private SettingNames() {}

    private static final Map<String, ConfigKey> BY_KEY = by(ConfigKey::key);

    private static final Map<String, ConfigKey> BY_ENVIRONMENT_NAME = by(ConfigKey::environmentName);

    private static Map<String, ConfigKey> by(Function<ConfigKey, String> name) {
        return Arrays.stream(ConfigKey.values()).collect(Collectors.toMap(name, Function.identity()));
    }

    static Optional<ConfigKey> ofKey(String key) {
        return Optional.ofNullable(BY_KEY.get(key));
    }

    static Optional<ConfigKey> ofEnvironment(String name) {
        return Optional.ofNullable(BY_ENVIRONMENT_NAME.get(name));
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
     * system property and variable of the environment is checked at each start, so what is cheap decides first: the
     * lengths, then which letters occur.
     */
    static boolean resemblesOne(String name) {
        String given = plain(name);
        long letters = letters(given);
        return Plain.NAMES.stream().anyMatch(ours -> {
            int wrong = ours.name().length() < LONG ? 1 : 2;
            return Math.abs(ours.name().length() - given.length()) <= wrong
                    && Long.bitCount(ours.letters() ^ letters) <= 2 * wrong
                    && distance(ours.name(), given) <= wrong;
        });
    }

    /** A bit for each letter that occurs: a wrong letter changes two at most. */
    private static long letters(String name) {
        return name.chars().mapToLong(letter -> 1L << letter).reduce(0, (all, letter) -> all | letter);
    }

    private static String plain(String name) {
        return SEPARATORS.matcher(UnseenCharacters.shown(name)).replaceAll("").toLowerCase(Locale.ROOT);
    }

    private record Plain(String name, long letters) {
        private static final List<Plain> NAMES = Arrays.stream(ConfigKey.values())
                .map(configKey -> plain(configKey.key()))
                .map(name -> new Plain(name, SettingNames.letters(name)))
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
