package de.contactsync.command;

import de.contactsync.contact.ContactKey;
import de.contactsync.jtl.JtlSettings;
import de.contactsync.jtl.OAuthSettings;
import de.contactsync.ledger.DatabaseSettings;
import de.contactsync.source.FileSettings;
import de.contactsync.status.StatusSettings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The configuration, read once from where it was given and checked whole. Keys under {@code camel.} go to Camel as they are. */
final class Settings {

    private static final Set<String> KNOWN_SOURCES = Set.of("file");
    private static final Set<String> KNOWN_SINKS = Set.of("database");
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h)");
    private static final Pattern SECRET_IN_URL = Pattern.compile("(?i)[?&;]\\w*password=|//[^/?]*:[^/?]*@");

    private final GivenSettings given;
    private final List<String> problems;

    private JtlSettings jtl;
    private OAuthSettings oauth;
    private FileSettings file;
    private DatabaseSettings database;
    private Set<String> sources;
    private Duration maxWait;
    private StatusSettings status;

    private Settings(GivenSettings given) {
        this.given = given;
        this.problems = new ArrayList<>(given.problems());
    }

    static Settings load() {
        return load(Path.of(""), System.getenv(), System.getProperties());
    }

    /** For a command that never calls JTL, and so needs no credentials: {@link #oauth()} is null. */
    static Settings loadWithoutCredentials() {
        return new Settings(GivenSettings.read(Path.of(""), System.getenv(), System.getProperties())).checked(false);
    }

    /** @throws ConfigurationException with every problem there is, not only the first */
    static Settings load(Path workingDirectory, Map<String, String> environment, Properties system) {
        return new Settings(GivenSettings.read(workingDirectory, environment, system)).checked(true);
    }

    /** Settings out of nothing but {@code values}, for a run that must not depend on where it is started. */
    static Settings of(Map<Setting, String> values) {
        return new Settings(GivenSettings.builtIn(values)).checked(true);
    }

    JtlSettings jtl() {
        return jtl;
    }

    OAuthSettings oauth() {
        return oauth;
    }

    FileSettings file() {
        return file;
    }

    DatabaseSettings database() {
        return database;
    }

    Set<String> sources() {
        return sources;
    }

    /** How long {@code import} waits for something that is out of reach. */
    Duration maxWait() {
        return maxWait;
    }

    /** Empty when the status port is off. */
    Optional<StatusSettings> status() {
        return Optional.ofNullable(status);
    }

    Map<String, String> camel() {
        return given.camel();
    }

    private Settings checked(boolean callsJtl) {
        Duration connectTimeout = duration(Setting.CONNECT_TIMEOUT, Duration.ofMillis(100), Duration.ofMinutes(5));
        Duration responseTimeout = duration(Setting.RESPONSE_TIMEOUT, Duration.ofMillis(100), Duration.ofMinutes(10));
        int maxAttempts = number(Setting.MAX_ATTEMPTS, 1, 20);
        String runAs = id(Setting.RUN_AS);
        UUID tenantId = parsed(Setting.TENANT_ID, "a uuid such as 3f2b8c1e-5d70-4c39-9a52-0e6b7d1f4a88",
                value -> ContactKey.parseUuid(value).orElse(null));
        jtl = new JtlSettings(
                address(Setting.BASE_URL, "/+$"),
                tenantId, runAs, id(Setting.COMPANY_ID),
                number(Setting.CONCURRENCY, 1, 512),
                connectTimeout,
                responseTimeout,
                maxAttempts,
                percent(Setting.QUOTA_RESERVE, 90),
                duration(Setting.REFUSAL_PAUSE, Duration.ofSeconds(1), Duration.ofHours(24)),
                "auto".equals(parsed(Setting.BULK_READ, "auto or never",
                        value -> value.matches("auto|never") ? value : null)));
        file = new FileSettings(
                Path.of(required(Setting.FILE_DIRECTORY)),
                duration(Setting.FILE_SETTLE, Duration.ofMillis(100), Duration.ofHours(1)),
                number(Setting.CHUNK_SIZE, 1, 10_000),
                tenantId);
        database = new DatabaseSettings(
                parsed(Setting.DATABASE_URL, "a URL that begins with jdbc:sqlite: or jdbc:postgresql:, with the password"
                                + " in contacts.database.password",
                        value -> value.matches("jdbc:(sqlite|postgresql):.*") && !SECRET_IN_URL.matcher(value).find()
                                ? value
                                : null),
                text(Setting.DATABASE_USERNAME),
                text(Setting.DATABASE_PASSWORD));
        maxWait = duration(Setting.MAX_WAIT, Duration.ZERO, Duration.ofHours(24));
        status = readStatus();
        sources = names(Setting.SOURCES, KNOWN_SOURCES);
        names(Setting.SINKS, KNOWN_SINKS);
        URI tokenEndpoint = address(Setting.TOKEN_ENDPOINT, "");
        String clientId = callsJtl ? required(Setting.CLIENT_ID) : null;
        String clientSecret = callsJtl ? required(Setting.CLIENT_SECRET) : null;
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        oauth = callsJtl
                ? new OAuthSettings(tokenEndpoint, clientId, clientSecret, scope(runAs), connectTimeout,
                        responseTimeout, maxAttempts)
                : null;
        return this;
    }

    private StatusSettings readStatus() {
        boolean open = Boolean.TRUE.equals(parsed(Setting.STATUS_OPEN, "true or false",
                value -> value.matches("true|false") ? Boolean.valueOf(value) : null));
        String host = parsed(Setting.STATUS_HOST, "a name or an address of this machine, and contacts.status.open=true"
                        + " if it is not a loopback one: whoever reaches it can read health and metrics",
                value -> value.matches("[A-Za-z0-9.:-]+") && (open || isLoopback(value) || value.equals("::1"))
                        ? value
                        : null);
        boolean off = "off".equals(text(Setting.STATUS_PORT));
        return off || host == null ? null : new StatusSettings(host, number(Setting.STATUS_PORT, 1, 65_535));
    }

    private String scope(String runAs) {
        GivenSettings.Value value = given.value(Setting.SCOPE);
        String scope = value == null ? Setting.SCOPE.defaultValue() : value.text().strip();
        String runAsScope = "application.runas";
        boolean add = runAs != null && !scope.isEmpty() && !Arrays.asList(scope.split("\\s+")).contains(runAsScope);
        return add ? scope + " " + runAsScope : scope;
    }

    /** Null when not set, or set to nothing. */
    private String text(Setting setting) {
        GivenSettings.Value value = given.value(setting);
        return value == null || value.text().isBlank() ? setting.defaultValue() : value.text().strip();
    }

    private String required(Setting setting) {
        String text = text(setting);
        if (text == null) {
            problems.add(setting.key() + " is not set: put it into " + GivenSettings.FILE + " or into the environment variable "
                    + setting.environmentName());
            return "";
        }
        return text;
    }

    private String id(Setting setting) {
        return parsed(setting, "a number or a uuid",
                value -> value.matches("\\d{1,18}") || ContactKey.parseUuid(value).isPresent() ? value : null);
    }

    /** @param leftOut pattern of what does not belong to it */
    private URI address(Setting setting, String leftOut) {
        return parsed(setting, "an address such as " + setting.defaultValue() + ", without user, password or query, and"
                        + " with https unless it is on this machine",
                value -> {
                    URI uri = URI.create(value.replaceFirst(leftOut, ""));
                    boolean safe = "https".equals(uri.getScheme())
                            || "http".equals(uri.getScheme()) && isLoopback(uri.getHost());
                    return safe && uri.getHost() != null && uri.getPort() < 65_536 && uri.getRawUserInfo() == null
                                    && uri.getRawQuery() == null && uri.getRawFragment() == null
                            ? uri
                            : null;
                });
    }

    private static boolean isLoopback(String host) {
        return host != null && (host.equals("localhost") || host.equals("[::1]") || host.matches("127(\\.\\d{1,3}){3}"));
    }

    private int number(Setting setting, int from, int to) {
        Integer number = parsed(setting, "a whole number from " + from + " to " + to, value -> {
            int parsed = Integer.parseInt(value);
            return parsed < from || parsed > to ? null : parsed;
        });
        return number == null ? from : number;
    }

    /** As a share: {@code 10%} is 0.1. */
    private double percent(Setting setting, int to) {
        Double share = parsed(setting, "a percentage from 0% to " + to + "%", value -> {
            int parsed = value.endsWith("%") ? Integer.parseInt(value.substring(0, value.length() - 1)) : -1;
            return parsed < 0 || parsed > to ? null : parsed / 100.0;
        });
        return share == null ? 0 : share;
    }

    private Duration duration(Setting setting, Duration from, Duration to) {
        Duration duration = parsed(setting, "a duration such as 500ms, 30s, 15m or 2h, from " + words(from) + " to "
                + words(to), value -> {
            Duration parsed = duration(value);
            return parsed == null || parsed.compareTo(from) < 0 || parsed.compareTo(to) > 0 ? null : parsed;
        });
        return duration == null ? from : duration;
    }

    private static Duration duration(String text) {
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            return null;
        }
        long amount = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            default -> Duration.ofHours(amount);
        };
    }

    private static String words(Duration duration) {
        return duration.toMillis() < 1_000 ? duration.toMillis() + "ms"
                : duration.toSeconds() < 60 ? duration.toSeconds() + "s"
                : duration.toMinutes() < 60 ? duration.toMinutes() + "m"
                : duration.toHours() + "h";
    }

    private Set<String> names(Setting setting, Set<String> known) {
        Set<String> names = new TreeSet<>();
        for (String name : required(setting).split(",")) {
            if (known.contains(name.strip())) {
                names.add(name.strip());
            } else {
                problems.add(problem(setting, name.strip(), "any of " + String.join(", ", new TreeSet<>(known))));
            }
        }
        return names;
    }

    /** Null when the setting is not set or wrong; what is wrong is noted. */
    private <T> T parsed(Setting setting, String expected, Function<String, T> parser) {
        String text = text(setting);
        if (text == null) {
            return null;
        }
        T parsed;
        try {
            parsed = parser.apply(text);
        } catch (IllegalArgumentException e) {
            parsed = null;
        }
        if (parsed == null) {
            problems.add(problem(setting, text, expected));
        }
        return parsed;
    }

    private String problem(Setting setting, String found, String expected) {
        GivenSettings.Value value = given.value(setting);
        String origin = value == null ? "default" : value.origin();
        // A URL can hold a password where none belongs.
        String shown = found.replaceAll("(?s)^.*@", "***@").replaceAll("(?i)(password|secret)=[^&]*", "$1=***");
        return setting.key() + " (" + origin + ") is \"" + shown + "\": expected " + expected;
    }
}
