package de.contactsync.config;

import de.contactsync.crm.rest.FoundNone;
import de.contactsync.crm.rest.RequestTemplate;
import de.contactsync.crm.rest.RestMode;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** How contacts are written: {@code contacts.crm.rest.mode}, and the calls that it needs. */
final class RestModeParser {

    private static final String SINGLE = "single";
    private static final String BATCH = "batch";
    private static final String FIND = "find-then-write";

    /** What only some modes have a use for. */
    private static final Map<ConfigKey, Set<String>> MODES = Map.ofEntries(
            Map.entry(ConfigKey.REST_WRITE, Set.of(SINGLE, BATCH)),
            Map.entry(ConfigKey.REST_BATCH_SIZE, Set.of(BATCH)),
            Map.entry(ConfigKey.REST_LINGER, Set.of(BATCH)),
            Map.entry(ConfigKey.REST_RESULT_KEY, Set.of(BATCH)),
            Map.entry(ConfigKey.REST_IN_FLIGHT, Set.of(SINGLE, FIND)),
            Map.entry(ConfigKey.REST_FIND, Set.of(FIND)),
            Map.entry(ConfigKey.REST_FIND_BY_EMAIL, Set.of(FIND)),
            Map.entry(ConfigKey.REST_FOUND, Set.of(FIND)),
            Map.entry(ConfigKey.REST_FOUND_ID, Set.of(FIND)),
            Map.entry(ConfigKey.REST_FOUND_KEY, Set.of(FIND)),
            Map.entry(ConfigKey.REST_FOUND_NONE, Set.of(FIND)),
            Map.entry(ConfigKey.REST_FIND_LAG, Set.of(FIND)),
            Map.entry(ConfigKey.REST_CREATE, Set.of(FIND)),
            Map.entry(ConfigKey.REST_EXISTS, Set.of(FIND)),
            Map.entry(ConfigKey.REST_UPDATE, Set.of(FIND)));

    private final SettingsParser read;
    private final RestPointers pointers;

    private RestModeParser(SettingsParser read) {
        this.read = read;
        this.pointers = new RestPointers(read);
    }

    /** Null when it is none that there is. */
    static RestMode read(SettingsParser read) {
        String name = read.required(ConfigKey.REST_MODE);
        RestMode mode = new RestModeParser(read)
                .mode(read.parsed(
                        ConfigKey.REST_MODE,
                        "single, batch or find-then-write",
                        value -> Set.of(SINGLE, BATCH, FIND).contains(value) ? value : null));
        read.refuse(MODES, ConfigKey.REST_MODE, name);
        return mode;
    }

    private RestMode mode(String name) {
        if (name == null) {
            return null;
        }
        return switch (name) {
            case SINGLE -> new RestMode.Single(call(ConfigKey.REST_WRITE, RequestTemplate::writing));
            case BATCH ->
                new RestMode.Batch(
                        call(ConfigKey.REST_WRITE, RequestTemplate::writingMany),
                        read.number(ConfigKey.REST_BATCH_SIZE, 1, 1_000),
                        read.duration(ConfigKey.REST_LINGER, Duration.ZERO, Duration.ofMinutes(10)));
            default ->
                new RestMode.FindThenWrite(
                        call(ConfigKey.REST_FIND, RequestTemplate::finding),
                        read.explained(ConfigKey.REST_FIND_BY_EMAIL, RequestTemplate::findingByEmail),
                        pointers.pointer(ConfigKey.REST_FOUND),
                        pointers.value(ConfigKey.REST_FOUND_ID),
                        pointers.pointer(ConfigKey.REST_FOUND_KEY),
                        read.parsed(
                                ConfigKey.REST_FOUND_NONE,
                                "statuses such as 204,404, also conditions such as /type=list of a response without a"
                                        + " list",
                                FoundNone::parse),
                        read.duration(ConfigKey.REST_FIND_LAG, Duration.ZERO, Duration.ofHours(1)),
                        call(ConfigKey.REST_CREATE, RequestTemplate::writing),
                        read.parsed(
                                ConfigKey.REST_EXISTS,
                                "statuses and error codes such as 409,DUPLICATE",
                                RestModeParser::words),
                        call(ConfigKey.REST_UPDATE, RequestTemplate::updating));
        };
    }

    private RequestTemplate call(ConfigKey configKey, Function<String, RequestTemplate> parser) {
        read.required(configKey);
        return read.explained(configKey, parser);
    }

    /** Null when one is empty. */
    static Set<String> words(String text) {
        Set<String> words = Arrays.stream(text.split(",")).map(String::strip).collect(Collectors.toSet());
        return words.contains("") ? null : words;
    }
}
