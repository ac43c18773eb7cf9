package de.contactsync.app;

import de.contactsync.config.ConfigurationException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.FailedToCreateRouteException;
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

    private static final Pattern STEP = Pattern.compile(">>> (.*?) <<<", Pattern.DOTALL);
    private static final String REMEDY = ". Mend the file, or take it out of the folder; a component that is not found"
            + " comes with its jar in lib/, see docs/extending-routes.md";

    private RouteErrors() {}

    /**
     * @param failure of the start
     * @param camel   that was being started; null where it did not come to that
     * @return empty when it is about no file of the user
     */
    static Optional<ConfigurationException> explain(Exception failure, CamelContext camel) {
        FailedToCreateRouteException route = ObjectHelper.getException(FailedToCreateRouteException.class, failure);
        if (route != null && camel instanceof ModelCamelContext model) {
            RouteDefinition definition = model.getRouteDefinition(route.getRouteId());
            if (definition != null
                    && definition.getResource() != null
                    && definition.getResource().getLocation().startsWith("file:")) {
                String words = cause(route);
                NamedNode step = step(definition, route.getMessage(), words);
                return Optional.of(problem(
                        definition.getResource().getLocation().substring("file:".length()),
                        step.getLineNumber(),
                        words));
            }
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

    private static Stream<ProcessorDefinition<?>> steps(ProcessorDefinition<?> within) {
        return within.getOutputs().stream().flatMap(step -> Stream.concat(Stream.of(step), steps(step)));
    }

    private static String cause(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        return firstLine(String.valueOf(root.getMessage()));
    }

    private static String firstLine(String message) {
        return message.strip().lines().findFirst().orElse("").replaceFirst("\\.$", "");
    }

    private static ConfigurationException problem(String file, int line, String words) {
        return new ConfigurationException(List.of(file + (line > 0 ? ", line " + line : "") + ": " + words + REMEDY));
    }
}
