package de.contactsync.app;

import de.contactsync.config.ConfigurationException;
import de.contactsync.routes.RouteSinkSettings;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.PluginHelper;

/**
 * Which route files are loaded: those of the program, and those of the folder {@code routes} in the working directory.
 * A file there that has the name of one of the program's takes its place.
 */
final class RouteFiles {

    private static final String ENDING = ".camel.yaml";

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

    private final Path folder;
    private final SortedSet<String> own;

    private RouteFiles(Path folder, SortedSet<String> own) {
        this.folder = folder;
        this.own = own;
    }

    /** @throws ConfigurationException when a name cannot be passed on to Camel */
    static RouteFiles in(Path workingDirectory) throws IOException {
        Path folder = workingDirectory.resolve("routes");
        SortedSet<String> own = new TreeSet<>();
        if (Files.isDirectory(folder)) {
            try (Stream<Path> files = Files.list(folder)) {
                files.map(file -> file.getFileName().toString())
                        .filter(name -> name.endsWith(ENDING))
                        .forEach(own::add);
            }
        }
        for (String name : own) {
            if (!name.matches("[A-Za-z0-9._-]+")) {
                throw new ConfigurationException(List.of(
                        "routes/" + name + ": give the file a name of letters, digits, dots, hyphens and underscores"));
            }
        }
        return new RouteFiles(folder, own);
    }

    /** What Camel is to load, in its own syntax. @param wanted by names without the ending */
    String patterns(Predicate<String> wanted) {
        List<String> patterns = new ArrayList<>();
        SHIPPED.stream()
                .filter(wanted)
                .map(name -> name + ENDING)
                .filter(name -> !own.contains(name))
                .map("classpath:routes/"::concat)
                .forEach(patterns::add);
        own.stream()
                .filter(name -> wanted.test(name.substring(0, name.length() - ENDING.length())))
                .map(name -> "file:" + folder.resolve(name))
                .forEach(patterns::add);
        return String.join(",", patterns);
    }

    /** The names of files in the folder, without the ending, that do not take the place of one of the program's. */
    boolean isOwn(String name) {
        return own.contains(name + ENDING);
    }

    /** Whether a file in the folder takes the place of that one of the program, and is another. */
    boolean isChanged(String name) throws IOException {
        return isOwn(name)
                && !steps(Files.readString(folder.resolve(name + ENDING))).equals(steps(shipped(name)));
    }

    /** Without comments, and whatever the ends of lines are. */
    private static String steps(String yaml) {
        return yaml.lines()
                .map(String::stripTrailing)
                .filter(line -> !line.isEmpty() && !line.stripLeading().startsWith("#"))
                .collect(Collectors.joining("\n"));
    }

    /**
     * Looks among the files of the folder for a route that the program sends to, and starts nothing.
     *
     * @param uri  that the route begins with
     * @param file where it is expected
     * @return what was found, for people
     * @throws ConfigurationException when a file cannot be read, or none has the route
     */
    String read(String uri, String file, CamelContext camel) throws Exception {
        for (String name : own) {
            String location = "file:" + folder.resolve(name);
            Resource resource = PluginHelper.getResourceLoader(camel).resolveResource(location);
            try {
                for (RoutesBuilder builder : PluginHelper.getRoutesLoader(camel).findRoutesBuilders(resource)) {
                    if (builder instanceof RouteBuilder routes && hasRoute(routes, uri, camel)) {
                        return "routes/" + name + " can be read, and has a route that begins with " + uri
                                + "; not tried: its steps, and where it sends to";
                    }
                }
            } catch (Exception e) {
                throw RouteErrors.explain(e, camel).orElseThrow(() -> e);
            }
        }
        throw new ConfigurationException(List.of("no file in routes/ has a route that begins with " + uri
                + ": write it into " + file + "; a class of camel.main.routes-builder-classes is not looked at here"));
    }

    private static boolean hasRoute(RouteBuilder routes, String uri, CamelContext camel) throws Exception {
        routes.setCamelContext(camel);
        routes.prepareModel(camel);
        return routes.getRouteCollection().getRoutes().stream()
                .anyMatch(route -> route.getInput() != null
                        && RouteSinkSettings.isAt(uri, route.getInput().getUri()));
    }

    /** What to say about files that were copied from another version of the program than this. */
    List<String> outdated() throws IOException {
        List<String> outdated = new ArrayList<>();
        for (String name : SHIPPED) {
            Path copy = folder.resolve(name + ENDING);
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
