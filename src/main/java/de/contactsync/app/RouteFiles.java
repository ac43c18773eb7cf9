package de.contactsync.app;

import de.contactsync.config.ConfigurationException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Which route files are loaded: those of the program, and those of the folder {@code routes} in the working directory.
 * A file there that has the name of one of the program's takes its place.
 */
final class RouteFiles {

    static final String ENDING = ".camel.yaml";

    /** Of files that people take for routes, and that are not loaded. */
    private static final Pattern NOT_LOADED = Pattern.compile("(?i)(.+?)(\\.camel)?\\.(yaml|yml|xml)");

    /** The program's own, by their names without the ending. */
    static final List<String> SHIPPED = List.of(
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

    private final Path folder;
    private final SortedSet<String> own;
    /** Files beside them that are not loaded. */
    private final SortedSet<String> others;

    private RouteFiles(Path folder, SortedSet<String> own, SortedSet<String> others) {
        this.folder = folder;
        this.own = own;
        this.others = others;
    }

    /** @throws ConfigurationException when a name cannot be passed on to Camel */
    static RouteFiles in(Path workingDirectory) throws IOException {
        Path folder = workingDirectory.resolve("routes");
        SortedSet<String> own = new TreeSet<>();
        SortedSet<String> others = new TreeSet<>();
        if (Files.isDirectory(folder)) {
            try (Stream<Path> files = Files.list(folder)) {
                files.map(file -> file.getFileName().toString())
                        .forEach(name -> (name.endsWith(ENDING) ? own : others).add(name));
            }
        }
        for (String name : own) {
            if (!name.matches("[A-Za-z0-9._-]+")) {
                throw new ConfigurationException(List.of(
                        "routes/" + name + ": give the file a name of letters, digits, dots, hyphens and underscores"));
            }
        }
        return new RouteFiles(folder, own, others);
    }

    /**
     * What Camel is to load, in its own syntax. It parses each file twice before it looks at the precondition in it, so
     * the program's own are left out where that is false.
     *
     * @param wanted     by names without the ending
     * @param properties that preconditions name
     */
    String patterns(Predicate<String> wanted, Properties properties) throws IOException {
        List<String> patterns = new ArrayList<>();
        for (String name : SHIPPED) {
            if (wanted.test(name) && !isOwn(name) && !isSwitchedOff(shipped(name), properties)) {
                patterns.add("classpath:routes/" + name + ENDING);
            }
        }
        own.stream()
                .filter(name -> wanted.test(name.substring(0, name.length() - ENDING.length())))
                .map(name -> "file:" + folder.resolve(name))
                .forEach(patterns::add);
        return String.join(",", patterns);
    }

    private static boolean isSwitchedOff(String yaml, Properties properties) {
        Matcher precondition = PRECONDITION.matcher(yaml);
        return precondition.find() && "false".equals(properties.getProperty(precondition.group(1)));
    }

    /** Whether there is a file of that name, without the ending, in the folder. */
    boolean isOwn(String name) {
        return own.contains(name + ENDING);
    }

    /** That file. */
    Path own(String name) {
        return folder.resolve(name + ENDING);
    }

    /** Of the first line of that file that begins with these words; 0 when there is none. */
    int lineOf(String name, String words) {
        try {
            List<String> lines = Files.readAllLines(own(name));
            return 1
                    + IntStream.range(0, lines.size())
                            .filter(i -> lines.get(i).strip().startsWith(words))
                            .findFirst()
                            .orElse(-1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The names behind {@code direct:} that the program sends to.
     *
     * @param wanted     routes, by names without the ending
     * @param properties that preconditions name
     */
    static List<String> offered(Predicate<String> wanted, Properties properties) throws IOException {
        List<String> offered = new ArrayList<>();
        for (String name : SHIPPED) {
            String yaml = shipped(name);
            Matcher begin = OFFERED.matcher(yaml);
            if (wanted.test(name) && !isSwitchedOff(yaml, properties) && begin.find()) {
                offered.add(begin.group(1));
            }
        }
        return offered;
    }

    /** Whether a file takes the place of one of the program's. */
    static boolean isNamedAsShipped(String file) {
        return SHIPPED.contains(Path.of(file).getFileName().toString().replace(ENDING, ""));
    }

    /** Whether there are files in the folder. */
    boolean isAny() {
        return !own.isEmpty();
    }

    /** Whether a file in the folder takes the place of that one of the program, and is another. */
    boolean isChanged(String name) throws IOException {
        return isOwn(name) && !steps(Files.readString(own(name))).equals(steps(shipped(name)));
    }

    /** What its routes do, without words about it, in whatever layout; the text itself where that is not YAML. */
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

    /**
     * Camel would go on without these routes.
     *
     * @param camel settings
     * @throws ConfigurationException when a class with routes is not on the class path, or no route would start
     */
    static void requireRoutes(Map<String, String> camel) {
        if (camel.entrySet().stream().anyMatch(RouteFiles::startsNone)) {
            throw new ConfigurationException(
                    List.of("camel.main.auto-startup: without routes nothing would be done: leave the key out"));
        }
        List<String> missing = camel.entrySet().stream()
                .filter(setting -> namesClasses(setting.getKey()))
                .flatMap(setting -> Arrays.stream(setting.getValue().split(",")))
                .map(String::strip)
                .filter(name -> !name.isEmpty() && !isThere(name))
                .map(name -> "camel.main.routes-builder-classes: there is no class " + name + ": put its jar into lib/"
                        + " beside the program, or mend the name")
                .toList();
        if (!missing.isEmpty()) {
            throw new ConfigurationException(missing);
        }
    }

    /** Whether that is the setting of classes with routes, in either spelling. */
    static boolean namesClasses(String key) {
        return key.replace("-", "").equalsIgnoreCase("camel.main.routesBuilderClasses");
    }

    private static boolean startsNone(Map.Entry<String, String> setting) {
        return setting.getKey().replace("-", "").equalsIgnoreCase("camel.main.autoStartup")
                && "false".equalsIgnoreCase(setting.getValue().strip());
    }

    private static boolean isThere(String className) {
        try {
            Class.forName(className, false, Thread.currentThread().getContextClassLoader());
            return true;
        } catch (ClassNotFoundException | LinkageError e) {
            return false;
        }
    }

    /** Where routes of this id are, for people; those of the user first. */
    List<String> placesOf(String routeId) {
        Pattern id = Pattern.compile("\\s*(?:- )?id:\\s*[\"']?" + Pattern.quote(routeId) + "[\"']?\\s*");
        List<String> places = new ArrayList<>();
        try {
            for (String name : own) {
                List<String> lines = Files.readAllLines(folder.resolve(name));
                IntStream.range(0, lines.size())
                        .filter(i -> id.matcher(lines.get(i)).matches())
                        .forEach(i -> places.add("routes/" + name + ", line " + (i + 1)));
            }
            for (String name : SHIPPED) {
                if (!isOwn(name)
                        && shipped(name)
                                .lines()
                                .anyMatch(line -> id.matcher(line).matches())) {
                    places.add("the program's routes/" + name + ENDING);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return places;
    }

    /** What the user is to know about the files, although the program can start. */
    List<String> warnings() throws IOException {
        List<String> warnings = new ArrayList<>(outdated());
        for (String name : others) {
            Matcher taken = NOT_LOADED.matcher(name);
            if (taken.matches()) {
                warnings.add("routes/" + name + " is not loaded: "
                        + (taken.group(3).equalsIgnoreCase("xml")
                                ? "routes are written in YAML: write it as routes/"
                                : "rename it to routes/")
                        + taken.group(1) + ENDING + ", or take it out of the folder");
            }
        }
        return warnings;
    }

    /** What to say about files that were copied from another version of the program than this. */
    private List<String> outdated() throws IOException {
        List<String> outdated = new ArrayList<>();
        for (String name : SHIPPED) {
            Path copy = own(name);
            if (!isOwn(name)) {
                continue;
            }
            int copied = version(Files.readString(copy));
            int current = version(shipped(name));
            if (copied != current) {
                outdated.add("routes/" + name + ENDING + " was copied from "
                        + (copied == 0 ? "a version that says nothing of itself" : "version " + copied)
                        + " of this route, and the program has version " + current
                        + ": compare it with the program's routes/" + name + ENDING + ", take over what has changed"
                        + " there, and write \"# version: " + current + "\" into it");
            }
        }
        return outdated;
    }

    private static String shipped(String name) throws IOException {
        try (InputStream resource = Objects.requireNonNull(
                RouteFiles.class.getResourceAsStream("/routes/" + name + ENDING), () -> name + " is not packaged")) {
            return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** 0 where none is said. */
    static int version(String text) {
        Matcher version = VERSION.matcher(text);
        return version.find() ? Integer.parseInt(version.group(1)) : 0;
    }
}
