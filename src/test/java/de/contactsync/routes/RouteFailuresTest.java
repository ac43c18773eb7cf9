package de.contactsync.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import de.contactsync.CapturedLog;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the log says of routes of the user that fail. */
class RouteFailuresTest {

    private final AtomicLong nanoTime = new AtomicLong();
    private final RouteFailures failures = new RouteFailures(nanoTime::get);
    private final DefaultCamelContext camel = new DefaultCamelContext();

    @BeforeEach
    void start() throws Exception {
        failures.install(camel);
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:tap").routeId("tap").process(this::fail).id("write-it");
                from("direct:tapped").routeId("tapped").wireTap("direct:tap");
                from("direct:sub").routeId("sub").to("direct:tap");
                from("direct:undone").routeId("undone").rollback("not today");
            }

            private void fail(Exchange exchange) {
                throw new IllegalStateException(
                        "no room for " + exchange.getMessage().getBody(String.class));
            }
        });
        camel.start();
    }

    @AfterEach
    void stop() {
        camel.stop();
    }

    private Exchange send(String uri, boolean waitedFor) {
        return camel.createProducerTemplate().send(uri, exchange -> {
            exchange.getMessage().setBody("Meier");
            if (waitedFor) {
                RouteCall.begin(exchange);
            }
        });
    }

    /** Once, each contact wrote a stack trace of twelve lines: 338 that failed, 4,094 lines. */
    @Test
    void a_route_that_fails_time_and_again_writes_a_line_a_minute() {
        try (CapturedLog log = new CapturedLog("org.apache.camel");
                CapturedLog ours = new CapturedLog(RouteFailures.class.getName())) {
            for (int i = 0; i < 50; i++) {
                send("direct:sub", false);
            }
            nanoTime.addAndGet(Duration.ofMinutes(1).toNanos());
            send("direct:sub", false);

            assertThat(ours.lines())
                    .hasSize(2)
                    .allMatch(line -> line.startsWith("WARN route sub fails at step write-it")
                            && line.contains(": IllegalStateException: no room for …"))
                    .last()
                    .asString()
                    .endsWith("(and 49 times more since the last such line)");
            assertThat(log.lines()).noneMatch(line -> line.startsWith("ERROR") || line.startsWith("WARN"));
        }
    }

    /** Once, Camel wrote two warnings and the history of each contact that a route rolled back, with each try. */
    @Test
    void of_what_a_route_rolls_back_camel_writes_nothing() {
        try (CapturedLog log = new CapturedLog("org.apache.camel")) {
            Exchange undone = send("direct:undone", true);
            assertThat(RouteFailures.words(undone.getException(), List.of()))
                    .isEqualTo("RollbackExchangeException: not today");

            assertThat(log.lines()).noneMatch(line -> line.startsWith("ERROR") || line.startsWith("WARN"));
        }
    }

    @Test
    void the_failure_of_what_somebody_waits_for_is_left_to_him_and_names_the_step() {
        try (CapturedLog log = new CapturedLog(RouteFailures.class.getName())) {
            Exchange failed = send("direct:sub", true);

            assertThat(log.lines()).noneMatch(line -> line.startsWith("ERROR") || line.startsWith("WARN"));
            assertThat(RouteFailures.words(failed, List.of(Map.of("lastName", "Meier"))))
                    .startsWith("fails at step write-it")
                    .endsWith(": IllegalStateException: no room for …");
        }
    }

    @Test
    void the_host_of_an_address_is_shown_and_nothing_behind_it_and_no_telephone_number() {
        Exception failure = new IOException("POST http://user:pass@127.0.0.1:8080/hook/secret?key=secret failed for"
                + " +49 30 1234567, eva@example.org and https://chat.example.com");

        assertThat(RouteFailures.words(failure, List.of()))
                .isEqualTo("IOException: POST http://127.0.0.1:8080/… failed for …, … and https://chat.example.com/…");
    }

    /** Once, 3,000 digits exhausted the stack, and a text without blanks took minutes. */
    @ParameterizedTest
    @ValueSource(strings = {"1", "1 ", "a", "a.", "a:", "@", "a@"})
    @Timeout(value = 1, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    @Tag("slow")
    void a_long_message_is_cut(String part) {
        Exception failure = new IOException(part.repeat(500_000));

        assertThat(RouteFailures.words(failure, List.of())).hasSizeLessThan(600);
    }

    /** Nobody else would ever hear of it. */
    @Test
    void the_failure_of_a_wire_tap_is_noted_also_where_somebody_waits_for_the_route() {
        try (CapturedLog log = new CapturedLog(RouteFailures.class.getName())) {
            send("direct:tapped", true);

            await().untilAsserted(() ->
                    assertThat(log.lines()).singleElement().asString().contains("fails at step write-it"));
        }
    }
}
