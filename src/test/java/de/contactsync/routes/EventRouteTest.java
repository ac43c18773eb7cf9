package de.contactsync.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What becomes of what a route of the user says about a dead letter or an alert. */
class EventRouteTest {

    @Nested
    class Alert extends ShippedRouteTest {

        Alert() {
            super("alert");
        }

        @Test
        void the_shipped_route_takes_an_alert_and_does_nothing() {
            Exchange exchange = template.send(START, each -> each.getMessage().setBody(Map.of("kind", "quota")));

            assertThat(exchange.getException()).isNull();
            assertThat(exchange.getMessage().getBody()).isEqualTo(Map.of("kind", "quota"));
        }
    }

    /** Once, a letter whose route had rolled it back counted as passed, and was gone. */
    @Test
    void an_event_that_the_route_rolls_back_is_not_passed() throws Exception {
        try (DefaultCamelContext camel = new DefaultCamelContext()) {
            RouteCall.install(camel);
            camel.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("direct:marks").markRollbackOnly();
                    from("direct:splits")
                            .split(constant(List.of("mail", "chat")))
                            .markRollbackOnlyLast();
                    from("direct:takes").stop();
                }
            });
            camel.start();

            for (String route : List.of("marks", "splits")) {
                assertThatThrownBy(() -> take(camel, route))
                        .as(route)
                        .isInstanceOf(EventRoute.FailedException.class)
                        .hasMessageEndingWith(": The route marked it to be rolled back");
            }
            assertThat(take(camel, "takes").place()).isNull();
        }
    }

    private static EventRoute take(DefaultCamelContext camel, String name) throws Exception {
        EventRoute route = new EventRoute(name);
        route.connect(camel);
        route.take(Map.of("id", 1));
        return route;
    }
}
