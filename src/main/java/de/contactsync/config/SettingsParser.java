package de.contactsync.config;

import de.contactsync.resilience.QuotaHeaders;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Reads single values of the {@link PropertySources} and notes what is wrong with them, so that all of it is reported
 * at once.
 */
public final class SettingsParser {

    private final PropertySources given;
    private final List<String> problems;
    private final Map<ConfigKey, String> allowed = new EnumMap<>(ConfigKey.class);

    SettingsParser(PropertySources given) {
        this.given = given;
        this.problems = new ArrayList<>(given.problems());
    }

    /** Reads what holds for one tenant, and notes what is wrong with that in the same place. */
    SettingsParser ofTenant(String name) {
        return new SettingsParser(given.ofTenant(name), problems);
    }

    private SettingsParser(PropertySources given, List<String> problems) {
        this.given = given;
        this.problems = problems;
    }

    /** @throws ConfigurationException with every problem noted so far */
    void check() {
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
    }

    /** What each setting that was read here is expected to be, where that is more than any text; for documentation. */
    Map<ConfigKey, String> allowed() {
        return Map.copyOf(allowed);
    }

    /** Also when it is set to nothing; null when not set. */
    String verbatim(ConfigKey configKey) {
        PropertySources.Value value = given.value(configKey);
        return value == null ? configKey.defaultValue() : value.text().strip();
    }

    /** Null when not set, or set to nothing. */
    String text(ConfigKey configKey) {
        PropertySources.Value value = given.value(configKey);
        return value == null || value.text().isBlank()
                ? configKey.defaultValue()
                : value.text().strip();
    }

    String required(ConfigKey configKey) {
        String text = text(configKey);
        if (text == null) {
            problems.add(key(configKey) + " is not set: set it in " + PropertySources.FILE
                    + " or in the environment variable "
                    + key(configKey).toUpperCase(Locale.ROOT).replaceAll("[.-]", "_"));
            return "";
        }
        return text;
    }

    /** @param leftOut pattern of what does not belong to it */
    URI address(ConfigKey configKey, String leftOut) {
        return address(configKey, leftOut, configKey.defaultValue());
    }

    /** As the other, of a setting without default; null when it is not set. */
    URI address(ConfigKey configKey, String leftOut, String example) {
        return parsed(
                configKey,
                "an address such as " + example + ", without user, password or query, and"
                        + " with https unless it is on this machine",
                value -> HttpAddress.parse(value.replaceFirst(leftOut, "")));
    }

    /** As {@link #parsed}, of a name in which blanks count: one that is meant for nothing is refused. */
    <T> T asWritten(ConfigKey configKey, String expected, Function<String, T> parser) {
        PropertySources.Value value = given.value(configKey);
        if (value != null
                && !value.text().isBlank()
                && !value.text().equals(value.text().strip())) {
            problems.add(configKey.key() + " begins or ends with a blank (\"" + value.text() + "\"): remove the blank");
        }
        return parsed(configKey, expected, parser);
    }

    /** The name of the constant that a word in lower case means; empty when there is no such constant. */
    static String constant(String word) {
        return word.matches("[a-z-]+") ? word.replace('-', '_').toUpperCase(Locale.ROOT) : "";
    }

    /**
     * Where this process listens; null when that is not possible.
     *
     * @param open whether others than this machine may reach it
     */
    String ownHost(ConfigKey configKey, boolean open, String expected) {
        return parsed(
                configKey,
                expected,
                value -> value.matches("[A-Za-z0-9.:-]+")
                                && (open || HttpAddress.isLoopback(value) || value.equals("::1"))
                        ? value
                        : null);
    }

    int number(ConfigKey configKey, int from, int to) {
        Integer number = parsed(configKey, "a whole number from " + from + " to " + to, value -> {
            int parsed = Integer.parseInt(value);
            return parsed < from || parsed > to ? null : parsed;
        });
        return number == null ? from : number;
    }

    /** Null when it is off, or wrong. */
    Integer port(ConfigKey configKey) {
        Integer port = parsed(configKey, "a whole number from 1 to 65535, or off", value -> {
            int parsed = value.equals("off") ? 0 : Integer.parseInt(value);
            return parsed > 65_535 || parsed < 1 && !value.equals("off") ? null : parsed;
        });
        return port == null || port == 0 ? null : port;
    }

    /** As a share: {@code 10%} is 0.1. */
    double percent(ConfigKey configKey, int to) {
        Double share = parsed(configKey, "a percentage from 0% to " + to + "%", value -> {
            int parsed = value.endsWith("%") ? Integer.parseInt(value.substring(0, value.length() - 1)) : -1;
            return parsed < 0 || parsed > to ? null : parsed / 100.0;
        });
        return share == null ? 0 : share;
    }

    boolean yes(ConfigKey configKey) {
        return Boolean.TRUE.equals(parsed(
                configKey, "true or false", value -> value.matches("true|false") ? Boolean.valueOf(value) : null));
    }

    Duration duration(ConfigKey configKey, Duration from, Duration to) {
        Duration duration = parsed(
                configKey,
                "a duration such as 500ms, 30s, 15m or 2h, from " + DurationText.of(from) + " to "
                        + DurationText.of(to),
                value -> {
                    Duration parsed = DurationText.parse(value);
                    return parsed == null || parsed.compareTo(from) < 0 || parsed.compareTo(to) > 0 ? null : parsed;
                });
        return duration == null ? from : duration;
    }

    /** Null when there is no limit. */
    QuotaHeaders rate(ConfigKey configKey) {
        return parsed(configKey, "calls per period, such as 10/1s or 50000/24h", value -> {
            String[] parts = value.split("/", 2);
            Duration interval = parts.length == 2 ? DurationText.parse(parts[1]) : null;
            return interval == null
                    ? null
                    : QuotaHeaders.read(parts[0], Long.toString(interval.toMillis()), Duration.ofMillis(1), null);
        });
    }

    boolean hasProblems() {
        return !problems.isEmpty();
    }

    /** Null when it is not set or wrong. */
    Duration retention(ConfigKey configKey) {
        return parsed(configKey, "a duration such as 90d, at least 1d; unset keeps them forever", value -> {
            Duration parsed = DurationText.parse(value);
            return parsed == null || parsed.compareTo(Duration.ofDays(1)) < 0 || parsed.toDays() > 36_500
                    ? null
                    : parsed;
        });
    }

    Set<String> names(ConfigKey configKey, Set<String> known) {
        return names(configKey, known, null);
    }

    /** @param prefix of names that are free behind it; null when there is none */
    Set<String> names(ConfigKey configKey, Set<String> known, String prefix) {
        String expected =
                "any of " + String.join(", ", new TreeSet<>(known)) + (prefix == null ? "" : ", " + prefix + "NAME");
        allowed.put(configKey, expected);
        Set<String> names = new TreeSet<>();
        for (String name : required(configKey).split(",")) {
            if (known.contains(name.strip()) || prefix != null && name.strip().startsWith(prefix)) {
                names.add(name.strip());
            } else {
                problems.add(problem(configKey, name.strip(), expected));
            }
        }
        return names;
    }

    /** Null when the setting is not set or wrong; what is wrong is noted. */
    <T> T parsed(ConfigKey configKey, String expected, Function<String, T> parser) {
        allowed.putIfAbsent(configKey, expected);
        String text = text(configKey);
        if (text == null) {
            return null;
        }
        T parsed;
        try {
            parsed = parser.apply(text);
        } catch (IllegalArgumentException e) {
            parsed = null;
        }
        if (parsed == null && given.isOwn(configKey)) {
            problems.add(problem(configKey, text, expected));
        }
        return parsed;
    }

    /** {@code contacts.sink.NAME.batch-size}, by the names of sinks. */
    Map<String, PropertySources.Value> batchSizesOfSinks() {
        return given.batchSizesOfSinks();
    }

    /** Whether the tenant whose settings are read has set it itself. */
    boolean isOwn(ConfigKey configKey) {
        return given.isOwn(configKey);
    }

    /** Names of tenants with settings of their own. */
    Set<String> tenants() {
        return given.tenants();
    }

    /** Whose settings are read; null: those for all. */
    String tenant() {
        return given.tenant();
    }

    /** As people write it. */
    private String key(ConfigKey configKey) {
        return tenant() == null ? configKey.key() : TenantKey.key(tenant(), configKey);
    }

    /** As {@link #parsed}, for a parser whose exception says what is wrong. */
    <T> T explained(ConfigKey configKey, Function<String, T> parser) {
        String text = text(configKey);
        try {
            return text == null ? null : parser.apply(text);
        } catch (IllegalArgumentException e) {
            note(configKey, e.getMessage());
            return null;
        }
    }

    /** Whether it is set to something. */
    boolean isGiven(ConfigKey configKey) {
        PropertySources.Value value = given.value(configKey);
        return value != null && !value.text().isBlank();
    }

    /** Notes what is wrong with a value, without repeating it. */
    void note(ConfigKey configKey, String wrong) {
        PropertySources.Value value = given.value(configKey);
        problems.add(key(configKey) + " (" + (value == null ? "default" : value.origin()) + "): " + wrong);
    }

    /**
     * Notes what is set and has no use.
     *
     * @param uses   settings and the choices that they have a use with
     * @param chosen value of {@code decides}; null when it is wrong
     */
    void refuse(Map<ConfigKey, Set<String>> uses, ConfigKey decides, String chosen) {
        uses.forEach((configKey, choices) -> {
            if (chosen != null && isGiven(configKey) && given.isOwn(configKey) && !choices.contains(chosen)) {
                note(
                        configKey,
                        "not applicable with " + decides.key() + "=" + chosen + ", only with "
                                + String.join(" or ", new TreeSet<>(choices)) + ": remove it");
            }
        });
    }

    /** Notes what is wrong. */
    void problem(String wrong) {
        problems.add(wrong);
    }

    /** Notes that a value does not go together with another. */
    void problem(ConfigKey configKey, String expected) {
        problems.add(problem(configKey, text(configKey), expected));
    }

    private String problem(ConfigKey configKey, String found, String expected) {
        PropertySources.Value value = given.value(configKey);
        String origin = value == null ? "default" : value.origin();
        String shown = configKey.isSecret() ? "***" : SecretInUrl.masked(found);
        return key(configKey) + " (" + origin + ") is \"" + shown + "\": expected " + expected
                + UnseenCharacters.in(found)
                        .map(unseen -> "; it holds " + unseen + ", which is invisible")
                        .orElse("");
    }
}
