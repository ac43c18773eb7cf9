package de.contactsync.app;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** The route files that the program contains. */
final class ShippedRoutes {

    static final String ENDING = ".camel.yaml";

    /** Without the ending. */
    static final List<String> NAMES = List.of(
            "accept-keys",
            "alert",
            "consume-chunks",
            "dead-letter",
            "dispatch-chunk",
            "enrich",
            "error-policies",
            "import-file",
            "process-chunk",
            "process-messages",
            "process-run",
            "sink-crm",
            "sink-database",
            "sink-kafka",
            "sink-queue",
            "source-file",
            "source-http",
            "source-kafka",
            "source-queue",
            "source-timer");

    /** The line of each of them that says which version of it this is; raised with each change of its steps. */
    private static final Pattern VERSION = Pattern.compile("(?m)^# version: (\\d{1,9})\\s*$");

    /** Of a route that a setting switches on: the property that says whether it did. */
    private static final Pattern PRECONDITION = Pattern.compile("(?m)^ *precondition: \"\\{\\{([^{}]+)}}\"$");

    /** What a route of them begins with where others send to it, as they are written. */
    private static final Pattern OFFERED =
            Pattern.compile("(?m)^    from:\\R      uri: direct\\R      parameters:\\R        name: (.+)$");

    private ShippedRoutes() {}

    static String text(String name) throws IOException {
        try (InputStream resource = Objects.requireNonNull(
                ShippedRoutes.class.getResourceAsStream("/routes/" + name + ENDING), () -> name + " is not packaged")) {
            return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /**
     * @param yaml       of one of them
     * @param properties that preconditions name
     */
    static boolean isSwitchedOff(String yaml, Properties properties) {
        Matcher precondition = PRECONDITION.matcher(yaml);
        return precondition.find() && "false".equals(properties.getProperty(precondition.group(1)));
    }

    /**
     * The names behind {@code direct:} that the program sends to.
     *
     * @param wanted     routes, by names without the ending
     * @param properties that preconditions name
     */
    static List<String> offered(Predicate<String> wanted, Properties properties) throws IOException {
        List<String> offered = new ArrayList<>();
        for (String name : NAMES) {
            if (wanted.test(name)) {
                String yaml = text(name);
                Matcher begin = OFFERED.matcher(yaml);
                if (!isSwitchedOff(yaml, properties) && begin.find()) {
                    offered.add(begin.group(1));
                }
            }
        }
        return offered;
    }

    /** Whether a file takes the place of one of them. */
    static boolean isNamedAsOne(String file) {
        return NAMES.contains(Path.of(file).getFileName().toString().replace(ENDING, ""));
    }

    /** What the routes of a file do, without words about it, in whatever layout; the text itself where that is not YAML. */
    static Object steps(String yaml) {
        try {
            Object routes = new Load(LoadSettings.builder().build()).loadFromString(yaml);
            for (Object each : routes instanceof List<?> all ? all : List.of()) {
                for (Object route : each instanceof Map<?, ?> map ? map.values() : List.of()) {
                    if (route instanceof Map<?, ?> map) {
                        map.keySet().removeAll(List.of("description", "note"));
                    }
                }
            }
            return routes;
        } catch (YamlEngineException e) {
            return yaml;
        }
    }

    /** 0 where none is said. */
    static int version(String text) {
        Matcher version = VERSION.matcher(text);
        return version.find() ? Integer.parseInt(version.group(1)) : 0;
    }
}
