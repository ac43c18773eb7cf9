package de.contactsync.app;

import de.contactsync.config.ConfigurationException;
import de.contactsync.routes.RouteSinkSettings;
import java.util.Collection;
import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.model.EndpointRequiredDefinition;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;

/**
 * Whether a route begins with each {@code direct:} endpoint that others send to, and starts by itself. Camel finds out
 * only when something is sent there; the work would wait for a route that nobody mends.
 */
final class DirectRoutes {

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
     * @throws ConfigurationException where there is none, or one does not start by itself
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
                    + ": add classpath:routes/" + name + RouteFiles.ENDING + ", or leave the key out"));
        }
        String file = files.own(name).toString();
        for (RouteDefinition route : camel.getRouteDefinitions()) {
            if (file.equals(RouteErrors.file(route))) {
                return RouteErrors.of(
                        route,
                        route.getInput(),
                        words + ". This file takes the place of the program's: begin a route of it with direct:"
                                + name);
            }
        }
        int line = files.lineOf(name, "precondition:");
        return RouteErrors.problem(
                file,
                line,
                line > 0
                        ? "the precondition is false, so " + words + ". Take that line out"
                        : words + ". This file takes the place of the program's: give it a route that begins so");
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
        if (!RouteFiles.SHIPPED.contains(name) && !isThere("direct:" + name)) {
            throw RouteErrors.of(
                    route,
                    step,
                    "no route begins with direct:" + name + ": write one, into a file of the folder routes such as"
                            + " routes/" + name + RouteFiles.ENDING + ", or mend the name");
        }
    }

    private void requireAutoStartup(Collection<RouteSinkSettings> sinks) {
        for (RouteDefinition route : camel.getRouteDefinitions()) {
            String file = RouteErrors.file(route);
            boolean needed = sinks.stream().anyMatch(sink -> sink.isAt(begin(route)))
                    || file != null && RouteFiles.isNamedAsShipped(file);
            if (needed && "false".equals(camel.resolvePropertyPlaceholders(route.getAutoStartup()))) {
                throw RouteErrors.of(
                        route,
                        route,
                        "autoStartup is false: the route would not start, and what is meant for it would wait. Take"
                                + " that line out");
            }
        }
    }
}
