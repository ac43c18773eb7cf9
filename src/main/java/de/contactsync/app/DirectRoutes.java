package de.contactsync.app;

import de.contactsync.config.ConfigurationException;
import de.contactsync.messaging.http.PlatformHttpRoutes;
import de.contactsync.routes.RouteSinkSettings;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.apache.camel.model.EndpointRequiredDefinition;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RollbackDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.StopDefinition;
import org.apache.camel.model.ThrowExceptionDefinition;

/**
 * Whether a route begins with each {@code direct:} endpoint that others send to, and starts by itself. Camel finds out
 * only when something is sent there; the work would wait for a route that nobody mends.
 */
final class DirectRoutes {

    private static final List<Class<? extends ProcessorDefinition<?>>> ENDS =
            List.of(StopDefinition.class, ThrowExceptionDefinition.class, RollbackDefinition.class);

    private final List<String> offered;
    private final RouteFiles files;
    private final ModelCamelContext camel;

    private DirectRoutes(List<String> offered, RouteFiles files, CamelContext camel) {
        this.offered = offered;
        this.files = files;
        this.camel = (ModelCamelContext) camel;
    }

    /**
     * @param offered by routes of the program, or of what takes their place, as {@link RouteFiles#offered}
     * @param camel   with its routes, which need not be started
     * @throws ConfigurationException where there is none, or a route does not start by itself, never ends, or never gets
     *     what it begins with
     */
    static void require(
            List<String> offered, Collection<RouteSinkSettings> sinks, RouteFiles files, CamelContext camel) {
        DirectRoutes routes = new DirectRoutes(offered, files, camel);
        for (String name : offered) {
            if (!routes.isThere("direct:" + name)) {
                throw routes.missing(name);
            }
        }
        for (RouteDefinition route : routes.camel.getRouteDefinitions()) {
            if (!RouteErrors.isShipped(route)) {
                RouteErrors.steps(route).forEach(step -> routes.requireReceiver(route, step));
                routes.requireEnd(route);
                routes.requireRequests(route);
            }
        }
        routes.requireAutoStartup(sinks);
    }

    private boolean isThere(String uri) {
        return camel.getRouteDefinitions().stream().anyMatch(route -> RouteSinkSettings.isAt(uri, begin(route)));
    }

    private String begin(RouteDefinition route) {
        return camel.resolvePropertyPlaceholders(route.getInput().getEndpointUri());
    }

    private ConfigurationException missing(String name) {
        String words = "no route begins with direct:" + name + ", to which the program sends";
        if (!files.isOwn(name)) {
            return new ConfigurationException(List.of("camel.main.routes-include-pattern: " + words
                    + ": add classpath:routes/" + name + ShippedRoutes.ENDING + ", or remove the setting"));
        }
        String file = files.own(name).toString();
        for (RouteDefinition route : camel.getRouteDefinitions()) {
            if (file.equals(RouteErrors.file(route))) {
                return RouteErrors.of(
                        route,
                        route.getInput(),
                        words + ". This file replaces the program's: let one of its routes start with direct:" + name);
            }
        }
        int line = files.lineOf(name, "precondition:");
        return RouteErrors.problem(
                file,
                line,
                line > 0
                        ? "the precondition is false, so " + words + ". Remove that line"
                        : words + ". This file replaces the program's: let one of its routes start with it");
    }

    /** Those of the program send to more than there is, behind conditions that are false then. */
    private void requireReceiver(RouteDefinition route, ProcessorDefinition<?> step) {
        if (!(step instanceof EndpointRequiredDefinition to) || to.getEndpointUri() == null) {
            return;
        }
        String uri = to.getEndpointUri();
        if (!uri.matches("direct:[^${}]*") || uri.contains("failIfNoConsumers=false")) {
            return;
        }
        String name = uri.replaceFirst("[?].*", "").replaceFirst("^direct:/*", "");
        if (!ShippedRoutes.NAMES.contains(name) && !isThere("direct:" + name)) {
            throw RouteErrors.of(
                    route,
                    step,
                    "no route begins with direct:" + name
                            + ": define one in a file of the folder routes, such as routes/" + name
                            + ShippedRoutes.ENDING + ", or correct the name");
        }
    }

    /** A route that calls itself fills the memory until it is interrupted. */
    private void requireEnd(RouteDefinition route) {
        for (ProcessorDefinition<?> step : unconditional(route)) {
            if (reaches(uri(step), route, new HashSet<>())) {
                throw RouteErrors.of(
                        route,
                        step,
                        "by " + uri(step)
                                + " the route calls itself and never ends: call another route, or make the step"
                                + " conditional");
            }
        }
    }

    private void requireRequests(RouteDefinition route) {
        try {
            PlatformHttpRoutes.requireFree(begin(route));
        } catch (IllegalArgumentException e) {
            throw RouteErrors.of(route, route, e.getMessage());
        }
    }

    private boolean reaches(String uri, RouteDefinition wanted, Set<RouteDefinition> seen) {
        return camel.getRouteDefinitions().stream()
                .filter(route -> RouteSinkSettings.isAt(uri, begin(route)))
                .anyMatch(route -> route == wanted
                        || seen.add(route)
                                && unconditional(route).stream().anyMatch(step -> reaches(uri(step), wanted, seen)));
    }

    /** The steps that send whatever the route is given to another: behind one that may end it, it may not come so far. */
    private static List<ProcessorDefinition<?>> unconditional(RouteDefinition route) {
        return route.getOutputs().stream()
                .takeWhile(step -> ENDS.stream()
                        .allMatch(end -> ProcessorDefinitionHelper.filterTypeInOutputs(List.of(step), end)
                                .isEmpty()))
                .filter(step -> uri(step).startsWith("direct:"))
                .toList();
    }

    /** Without options; empty where it has none. */
    private static String uri(ProcessorDefinition<?> step) {
        return step instanceof EndpointRequiredDefinition to && to.getEndpointUri() != null
                ? to.getEndpointUri().replaceFirst("[?].*", "")
                : "";
    }

    private void requireAutoStartup(Collection<RouteSinkSettings> sinks) {
        for (RouteDefinition route : camel.getRouteDefinitions()) {
            String file = RouteErrors.file(route);
            boolean needed = sinks.stream().anyMatch(sink -> sink.isAt(begin(route)))
                    || file != null && ShippedRoutes.isNamedAsOne(file);
            if (needed && "false".equals(camel.resolvePropertyPlaceholders(route.getAutoStartup()))) {
                throw RouteErrors.of(
                        route,
                        route,
                        "autoStartup is false: the route would not start, and what is meant for it would wait. Remove"
                                + " that line");
            }
        }
    }
}
