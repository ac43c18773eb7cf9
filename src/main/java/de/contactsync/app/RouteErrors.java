package de.contactsync.app;

import de.contactsync.config.ConfigurationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.FailedToCreateRouteException;
import org.apache.camel.FailedToStartRouteException;
import org.apache.camel.NamedNode;
import org.apache.camel.model.EndpointRequiredDefinition;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.util.ObjectHelper;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;

/** Says of a route file of the user that cannot be used in which file and line that is, and what to do. */
final class RouteErrors {

    /** Camel quotes the file that it read, and its line where it knows one. */
    private static final Pattern IN_FILE = Pattern.compile("file:(\\S+?\\.camel\\.yaml)(?:, line (\\d+))?");

    private static final Pattern DUPLICATE = Pattern.compile("(?i)duplicate route ids? detected: (.+?)\\.(?: |$)");

    private static final Pattern DUPLICATE_STEP = Pattern.compile("Duplicate id detected: (\\S+?)\\. ");

    private static final Pattern STEP = Pattern.compile(">>> (.*?) <<<", Pattern.DOTALL);
    private static final String REMEDY =
            ". Correct the file, or remove it from the folder; if a component is missing, put its jar into"
                    + " lib/, see docs/extending-routes.md";

    private RouteErrors() {}

    /** That a step of a route of the user, or all of the route, cannot be used for a reason. */
    static ConfigurationException of(RouteDefinition route, NamedNode step, String words) {
        String file = file(route);
        return file == null
                ? new ConfigurationException(List.of("the route " + route.getRouteId() + ", step " + step.getId() + ": "
                        + words + ". Correct its class; if a component is missing, put its jar into lib/"))
                : problem(file, line(file, step), words);
    }

    static boolean isShipped(RouteDefinition route) {
        return route.getResource() != null && route.getResource().getLocation().startsWith("classpath:routes/");
    }

    /** Null for one of a class. */
    static String file(RouteDefinition route) {
        return route.getResource() != null && route.getResource().getLocation().startsWith("file:")
                ? route.getResource().getLocation().substring("file:".length())
                : null;
    }

    /** Camel means the line before where what the step says begins on the line of its name. */
    private static int line(String file, NamedNode step) {
        int line = step.getLineNumber();
        Pattern name = Pattern.compile("\\s*- " + Pattern.quote(step.getShortName()) + ":.*");
        try {
            List<String> lines = Files.readAllLines(Path.of(file));
            boolean before = line >= 0
                    && line < lines.size()
                    && name.matcher(lines.get(line)).matches()
                    && (line == 0 || !name.matcher(lines.get(line - 1)).matches());
            return before ? line + 1 : line;
        } catch (IOException e) {
            return line;
        }
    }

    /**
     * @param failure of the start
     * @param camel   that was being started; null where it did not come to that
     * @param files   that it was to load
     * @return empty when it is about no file of the user
     */
    static Optional<ConfigurationException> explain(Exception failure, CamelContext camel, RouteFiles files) {
        FailedToCreateRouteException route = ObjectHelper.getException(FailedToCreateRouteException.class, failure);
        if (route != null && camel instanceof ModelCamelContext model) {
            RouteDefinition definition = model.getRouteDefinition(route.getRouteId());
            if (definition != null && !isShipped(definition)) {
                String words = cause(route);
                return Optional.of(of(definition, step(definition, route.getMessage(), words), words));
            }
        }
        Matcher step = DUPLICATE_STEP.matcher(String.valueOf(failure.getMessage()));
        if (step.find() && camel instanceof ModelCamelContext model) {
            return duplicateStep(step.group(1), model);
        }
        FailedToStartRouteException start = ObjectHelper.getException(FailedToStartRouteException.class, failure);
        if (start != null && camel instanceof ModelCamelContext model) {
            RouteDefinition definition = model.getRouteDefinition(start.getRouteId());
            if (definition != null && !isShipped(definition)) {
                return Optional.of(of(definition, definition, cause(start)));
            }
        }
        Matcher duplicate = DUPLICATE.matcher(String.valueOf(failure.getMessage()));
        if (duplicate.find()) {
            return Optional.of(new ConfigurationException(List.of(duplicate(duplicate.group(1), files))));
        }
        MarkedYamlEngineException syntax = ObjectHelper.getException(MarkedYamlEngineException.class, failure);
        for (Throwable each = failure; each != null; each = each.getCause()) {
            Matcher file = IN_FILE.matcher(String.valueOf(each.getMessage()));
            if (file.find()) {
                int line = syntax != null
                        ? syntax.getProblemMark()
                                .map(mark -> mark.getLine() + 1)
                                .orElse(0)
                        : file.group(2) == null ? 0 : Integer.parseInt(file.group(2));
                return Optional.of(problem(
                        file.group(1), line, syntax == null ? firstLine(each.getMessage()) : syntax.getProblem()));
            }
        }
        return Optional.empty();
    }

    /** @param ids that more than one route has, as Camel lists them */
    private static String duplicate(String ids, RouteFiles files) {
        String id = ids.replaceFirst(",.*", "").strip();
        List<String> places = files.placesOf(id);
        String where = places.isEmpty() ? "a class of camel.main.routes-builder-classes" : places.get(0);
        String other = places.size() > 1 ? places.get(1) : "another route, perhaps of such a class";
        return where + ": the route id " + id + " is also that of " + other
                + ". Give the route another id, or give its file the name of the other to replace it";
    }

    /** @return empty when all steps of this id are of the program */
    private static Optional<ConfigurationException> duplicateStep(String id, ModelCamelContext camel) {
        List<Map.Entry<RouteDefinition, ProcessorDefinition<?>>> steps = camel.getRouteDefinitions().stream()
                .flatMap(route -> steps(route)
                        .filter(step -> id.equals(step.getId()))
                        .map(step -> Map.<RouteDefinition, ProcessorDefinition<?>>entry(route, step)))
                .toList();
        return steps.stream()
                .filter(mine -> !isShipped(mine.getKey()))
                .findFirst()
                .map(mine -> of(
                        mine.getKey(),
                        mine.getValue(),
                        "the step id " + id + " is also that of "
                                + steps.stream()
                                        .filter(other -> other != mine)
                                        .findFirst()
                                        .map(other -> place(other.getKey(), other.getValue()))
                                        .orElse("another step")
                                + ": give it another id, or none"));
    }

    private static String place(RouteDefinition route, NamedNode step) {
        String file = file(route);
        String in = "the route " + route.getRouteId() + (isShipped(route) ? " of the program" : "");
        return file == null ? in : file + ", line " + line(file, step);
    }

    /** The step with the endpoint that the words name, or else the one that the message quotes, or the route. */
    private static NamedNode step(RouteDefinition route, String message, String words) {
        Matcher quoted = STEP.matcher(message);
        String step = quoted.find() ? quoted.group(1) : "";
        return steps(route)
                .filter(each -> each instanceof EndpointRequiredDefinition to
                        && words.contains(to.getEndpointUri().split("[?]")[0]))
                .findFirst()
                .or(() -> steps(route)
                        .filter(each -> each.toString().equals(step))
                        .findFirst())
                .map(NamedNode.class::cast)
                .orElse(route);
    }

    static Stream<ProcessorDefinition<?>> steps(ProcessorDefinition<?> within) {
        return within.getOutputs().stream().flatMap(step -> Stream.concat(Stream.of(step), steps(step)));
    }

    static String cause(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        String words = firstLine(String.valueOf(root.getMessage()));
        return root instanceof ClassNotFoundException || root instanceof NoClassDefFoundError
                ? "there is no class " + words.replace('/', '.')
                        + ": correct its name, or put its jar into lib/ beside the program"
                : words;
    }

    private static String firstLine(String message) {
        return message.strip().lines().findFirst().orElse("").replaceFirst("\\.$", "");
    }

    /** @param line 0 where none is known */
    static ConfigurationException problem(String file, int line, String words) {
        return new ConfigurationException(List.of(file + (line > 0 ? ", line " + line : "") + ": " + words + REMEDY));
    }
}
