package de.contactsync.routes;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.model.ContactKey;
import de.contactsync.model.CustomerContact;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryBatch;
import de.contactsync.model.DeliveryReport;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.Reason;
import de.contactsync.resilience.Breaker;
import de.contactsync.resilience.TestBreakers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.camel.Component;
import org.apache.camel.Consumer;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.processor.aggregate.GroupedBodyAggregationStrategy;
import org.apache.camel.support.DefaultComponent;
import org.apache.camel.support.DefaultEndpoint;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a route of the user is given, and what becomes of what it says. */
class RouteSinkTest {

    private static final UUID TENANT = UUID.fromString("3f2c0c5e-6b0f-4a59-9d53-6a1f0d1c2b7a");

    private final DefaultCamelContext camel = new DefaultCamelContext();
    private final Breaker breaker = TestBreakers.create().forSink("the route");
    /** Last names of what the route has been given. */
    private final List<String> given = new ArrayList<>();

    private final List<Object> bodies = new ArrayList<>();
    private final List<Map<String, Object>> headers = new ArrayList<>();
    private final Set<String> failing = new HashSet<>();
    private final Set<String> rejecting = new HashSet<>();
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch deaf = new CountDownLatch(1);
    private Duration timeout = Duration.ofSeconds(30);

    @BeforeEach
    void start() throws Exception {
        RouteCall.install(camel);
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                errorHandler(noErrorHandler());
                from("direct:sink-teams").process(RouteSinkTest.this::take);
                from("direct:sink-stuck")
                        .routeId("sink-stuck")
                        .process(RouteSinkTest.this::take)
                        .id("take")
                        .process(RouteSinkTest.this::hang)
                        .id("call-the-server");
                from("direct:sink-deaf").process(RouteSinkTest.this::ignoreInterrupts);
                from("direct:sink-polite")
                        .filter(simple("${body[lastName]} == 'Bad'"))
                        .setHeader("rejected", constant("no such room"));
                from("direct:sink-split").split(body()).to("direct:each");
                from("direct:sink-strict").split(body()).stopOnException().process(RouteSinkTest.this::take);
                from("direct:sink-shared")
                        .split(body(), new GroupedBodyAggregationStrategy())
                        .shareUnitOfWork()
                        .to("direct:each");
                from("direct:sink-single").to("direct:each");
                from("direct:sink-both").multicast().to("direct:each", "mock:other");
                from("direct:each")
                        .choice()
                        .when(simple("${body[lastName]} == 'Bad'"))
                        .setHeader("rejected", constant("no such room"))
                        .when(simple("${body[lastName]} == 'Undone'"))
                        .markRollbackOnly()
                        .when(simple("${body[lastName]} == 'Undone with words'"))
                        .rollback("the server has undone it")
                        .otherwise()
                        .process(RouteSinkTest.this::take);
            }
        });
        camel.start();
    }

    @AfterEach
    void stop() {
        camel.stop();
    }

    private void take(Exchange exchange) {
        Object body = exchange.getMessage().getBody();
        List<?> contacts = body instanceof List<?> list ? list : List.of(body);
        List<String> names = contacts.stream()
                .map(each -> (String) ((Map<?, ?>) each).get("lastName"))
                .toList();
        if (names.stream().anyMatch(failing::contains)) {
            throw new IllegalStateException("the server is full");
        }
        if (names.stream().anyMatch(rejecting::contains)) {
            throw new RejectedContactException("Teams knows no such room");
        }
        given.addAll(names);
        bodies.add(body);
        headers.add(exchange.getMessage().getHeaders());
    }

    /** Until it is interrupted. */
    private void hang(Exchange exchange) throws InterruptedException {
        if (exchange.getMessage().getBody().toString().contains("Stuck")) {
            begun.countDown();
            new CountDownLatch(1).await();
        }
    }

    private void ignoreInterrupts(Exchange exchange) {
        boolean done = false;
        while (!done) {
            try {
                deaf.await();
                done = true;
            } catch (InterruptedException e) {
                Thread.onSpinWait();
            }
        }
    }

    private RouteSink sink(String name, int batchSize) {
        return sink(name, batchSize, breaker);
    }

    private RouteSink sink(String name, int batchSize, Breaker of) {
        RouteSink sink = new RouteSink(
                new RouteSinkSettings(name, batchSize, true, 1),
                of,
                new RouteFailures(),
                timeout,
                Duration.ofMinutes(10));
        sink.connect(camel);
        return sink;
    }

    private static Delivery delivery(int number, String lastName, boolean known, boolean gone) {
        CustomerContact contact = new CustomerContact(null, null, "Eva", lastName, "", null, "eva@example.org", null);
        ContactKey key = new ContactKey(TENANT, new UUID(1, number), new UUID(2, number));
        return new Delivery(key, contact, gone ? null : contact.contentHash(), null, false, false, known, 0);
    }

    private static Delivery tried(int number, String lastName, int tries) {
        Delivery delivery = delivery(number, lastName, false, false);
        return new Delivery(delivery.key(), delivery.contact(), delivery.hash(), null, false, false, false, tries);
    }

    private static DeliveryBatch batch(String... lastNames) {
        return batch(IntStream.range(0, lastNames.length)
                .mapToObj(i -> delivery(i, lastNames[i], false, false))
                .toList());
    }

    private static DeliveryBatch batch(List<Delivery> deliveries) {
        return new DeliveryBatch(
                deliveries, System.nanoTime() + Duration.ofMinutes(1).toNanos());
    }

    private static Map<String, Object> asMap(Object body) {
        Map<String, Object> map = new LinkedHashMap<>();
        ((Map<?, ?>) body).forEach((name, value) -> map.put((String) name, value));
        return map;
    }

    private static List<String> results(DeliveryReport report) {
        return report.receipts().stream()
                .map(result -> result instanceof DeliveryResult.Refused refused
                        ? refused.why().reason() + " " + refused.why().errorMessage()
                        : result.getClass().getSimpleName())
                .toList();
    }

    @Test
    void the_route_gets_a_map_with_the_names_of_jtl_and_headers_that_say_what_changed() {
        Delivery created = delivery(1, "Meier", false, false);
        DeliveryBatch batch = new DeliveryBatch(
                List.of(created, delivery(2, "Huber", true, false), delivery(3, "Schmid", true, true)),
                System.nanoTime() + Duration.ofMinutes(1).toNanos());

        assertThat(results(sink("teams", 1).send(batch))).containsExactly("Accepted", "Accepted", "Accepted");

        assertThat(bodies.get(0)).isInstanceOf(Map.class);
        assertThat(asMap(bodies.get(0)))
                .containsEntry("tenantId", TENANT.toString())
                .containsEntry("firstName", "Eva")
                .containsEntry("phoneNumber", "")
                .containsEntry("fax", null)
                .hasSize(11);
        assertThat(headers).extracting(each -> each.get("change")).containsExactly("created", "changed", "gone");
        assertThat(headers.get(0))
                .containsEntry("tenantId", TENANT.toString())
                .containsEntry("customerId", new UUID(1, 1).toString())
                .containsEntry("contactId", new UUID(2, 1).toString())
                .containsEntry("contentHash", created.hash());
        assertThat(headers.get(2)).as("there is no content any more").containsEntry("contentHash", null);
    }

    /** Once, an import waited for such a route for good, and told nobody. */
    @Test
    void a_route_that_hangs_is_interrupted_and_the_outage_names_the_step() {
        timeout = Duration.ofMillis(50);

        DeliveryReport report = sink("stuck", 1).send(batch("Meier", "Stuck", "Schmid"));

        assertThat(results(report)).containsExactly("Accepted", "Unsent", "Unsent");
        assertThat(given).as("the one behind it waits for the next try").containsExactly("Meier", "Stuck");
        assertThat(breaker.outage().orElseThrow().reason())
                .startsWith("The route direct:sink-stuck has not ended within 50 ms, and hangs at step call-the-server")
                .endsWith(": see contacts.route-timeout");
    }

    /** Its first half would hang as well, so the breaker alone would give the route the same list for ever. */
    @Test
    void a_list_that_the_route_hangs_on_is_halved_down_to_the_contact_that_it_hangs_on() {
        timeout = Duration.ofMillis(50);

        DeliveryReport report = sink("stuck", 4).send(batch("Meier", "Huber", "Stuck", "Schmid"));

        assertThat(results(report)).containsExactly("Accepted", "Accepted", "Unsent", "Unsent");
        assertThat(report.setAside())
                .extracting(each -> each.contact().lastName())
                .containsExactly("Stuck");
    }

    /** Once, that counted as a failure of the contact, which was given up after three of them without one try. */
    @Test
    void a_contact_held_back_by_others_that_hang_in_the_route_counts_no_try() {
        timeout = Duration.ofMillis(50);
        // Halved eight times; on a busy machine a call may be over before it has begun.
        String[] names = Collections.nCopies(256, "Meier").toArray(String[]::new);

        DeliveryReport report = sink("deaf", names.length).send(batch(names));

        deaf.countDown();
        assertThat(results(report)).containsOnly("Unsent");
        assertThat(report.setAside()).isEmpty();
        assertThat(breaker.outage().orElseThrow().reason())
                .startsWith("The route direct:sink-deaf is not called, because 4 earlier calls still hang");
    }

    /** Once, the sink took it for the end of the program, and sent nothing any more until the next start. */
    @Test
    void what_camel_does_not_turn_into_a_failed_exchange_is_a_failure_of_the_route() throws Exception {
        camel.removeComponent("direct");
        camel.addComponent("direct", new DefaultComponent() {
            @Override
            protected Endpoint createEndpoint(String uri, String name, Map<String, Object> parameters) {
                return new Unusable(uri, this);
            }
        });
        RouteSink sink = sink("unusable", 1);

        DeliveryReport report = sink.send(batch("Meier", "Huber"));

        assertThat(report.setAside())
                .extracting(each -> each.contact().lastName())
                .containsExactlyInAnyOrder("Meier", "Huber");
    }

    private static final class Unusable extends DefaultEndpoint {

        Unusable(String uri, Component component) {
            super(uri, component);
        }

        @Override
        public Producer createProducer() {
            throw new IllegalStateException("no producer");
        }

        @Override
        public Consumer createConsumer(Processor processor) {
            throw new UnsupportedOperationException();
        }
    }

    /** Once, SIGTERM took 27 s then, and the process did not say how far it was. */
    @Test
    @Tag("slow")
    void a_stop_gives_a_hanging_route_a_few_seconds_and_counts_no_try() throws Exception {
        timeout = Duration.ofMinutes(4);
        RouteSink sink = sink("stuck", 1);
        CompletableFuture<DeliveryReport> sent =
                CompletableFuture.supplyAsync(() -> sink.send(batch("Stuck", "Meier")));
        begun.await();

        sink.close();

        DeliveryReport report = sent.get(20, TimeUnit.SECONDS);
        assertThat(results(report)).containsExactly("Unsent", "Unsent");
        assertThat(report.setAside()).isEmpty();
        assertThat(breaker.outage()).isEmpty();
    }

    @Test
    void a_contact_that_the_route_fails_on_stays_pending_behind_the_others() {
        failing.add("Huber");

        DeliveryReport report = sink("teams", 1).send(batch("Meier", "Huber", "Schmid"));

        assertThat(results(report)).containsExactly("Accepted", "Unsent", "Accepted");
        assertThat(report.setAside())
                .extracting(each -> each.contact().lastName())
                .containsExactly("Huber");
        assertThat(given).containsExactly("Meier", "Schmid");
    }

    @Test
    void a_contact_that_the_route_rejects_is_a_dead_letter_with_its_message() {
        rejecting.add("Huber");

        assertThat(results(sink("teams", 1).send(batch("Meier", "Huber"))))
                .containsExactly("Accepted", Reason.SINK_REJECTED + " Teams knows no such room");
        assertThat(results(sink("polite", 1).send(batch("Bad", "Good"))))
                .containsExactly(Reason.SINK_REJECTED + " no such room", "Accepted");
    }

    /** Once, these counted as delivered: what a copy of the exchange says is not on the exchange that was sent. */
    @ParameterizedTest
    @ValueSource(strings = {"split", "shared"})
    void what_is_rejected_or_rolled_back_within_a_split_is_so_for_that_contact(String route) {
        DeliveryReport report = sink(route, 10).send(batch("Meier", "Bad", "Huber", "Undone", "Schmid"));

        assertThat(results(report))
                .containsExactly("Accepted", Reason.SINK_REJECTED + " no such room", "Accepted", "Unsent", "Accepted");
        assertThat(report.setAside())
                .extracting(each -> each.contact().lastName())
                .containsExactly("Undone");
    }

    @ParameterizedTest
    @ValueSource(strings = {"single", "both"})
    void a_contact_whose_route_rolls_back_is_tried_again(String route) {
        assertThat(results(sink(route, 1).send(batch("Meier", "Undone", "Undone with words", "Bad"))))
                .containsExactly("Accepted", "Unsent", "Unsent", Reason.SINK_REJECTED + " no such room");
    }

    @Test
    void a_list_is_as_long_as_the_settings_have_it_and_says_of_each_what_changed() {
        assertThat(results(sink("teams", 2).send(batch("Meier", "Huber", "Schmid"))))
                .containsOnly("Accepted");

        assertThat(bodies).hasSize(2).allMatch(List.class::isInstance);
        assertThat((List<?>) bodies.get(0))
                .hasSize(2)
                .allSatisfy(each -> assertThat(asMap(each))
                        .containsEntry("change", "created")
                        .containsKey("contentHash"));
    }

    /** A list that held one bad contact would have been tried again for ever. */
    @Test
    void a_list_that_the_route_fails_on_is_halved_down_to_the_contact_that_it_means() {
        failing.add("Huber");
        rejecting.add("Lang");

        DeliveryReport report = sink("teams", 10).send(batch("Meier", "Huber", "Schmid", "Lang", "Kurz"));

        assertThat(results(report))
                .containsExactly(
                        "Accepted",
                        "Unsent",
                        "Accepted",
                        Reason.SINK_REJECTED + " Teams knows no such room",
                        "Accepted");
        assertThat(given).containsExactly("Meier", "Schmid", "Kurz");
    }

    @Test
    void a_route_that_fails_on_all_is_paused_after_twenty_without_counting_tries() {
        String[] names = IntStream.range(0, 30).mapToObj(i -> "N" + i).toArray(String[]::new);
        failing.addAll(List.of(names));

        DeliveryReport report = sink("teams", 1).send(batch(names));

        assertThat(results(report)).containsOnly("Unsent");
        assertThat(report.setAside()).as("calls that were made").hasSize(20);
        assertThat(report.receipts().stream().filter(each -> each.equals(new DeliveryResult.Unsent(false))))
                .as("those that the route was not given do not count as tried: they come first next time")
                .hasSize(10);
        assertThat(breaker.isHeld()).isTrue();
    }

    @Test
    void a_contact_that_alone_fails_again_and_again_while_others_are_taken_is_given_up() {
        failing.add("Huber");
        RouteSink sink = sink("teams", 1);

        List<List<String>> all = IntStream.range(0, 3)
                .mapToObj(i -> results(sink.send(batch("Meier", "Huber", "Schmid"))))
                .toList();

        assertThat(all.get(0)).containsExactly("Accepted", "Unsent", "Accepted");
        assertThat(all.get(2))
                .containsExactly("Accepted", Reason.RETRIES_EXHAUSTED + " the server is full", "Accepted");
    }

    /** Once, it was "Multicast processing failed for number 0. Exchange[…]. Caused by: […]". */
    @Test
    void a_contact_on_which_a_split_fails_is_given_up_with_the_words_of_that_failure() {
        failing.add("Huber");
        RouteSink sink = sink("strict", 3);

        for (int i = 0; i < 2; i++) {
            sink.send(batch("Meier", "Huber", "Schmid"));
        }

        assertThat(results(sink.send(batch("Meier", "Huber", "Schmid"))))
                .containsExactly("Accepted", Reason.RETRIES_EXHAUSTED + " the server is full", "Accepted");
    }

    /**
     * Once, of 39 of 200 one was tried a minute when all others had been taken, and none was seen to become a dead letter.
     */
    @Test
    void many_contacts_that_keep_failing_after_others_pass_are_given_up_together() {
        AtomicLong now = new AtomicLong(1);
        RouteSink sink = sink("teams", 1, TestBreakers.create(now::get).forSink("the route"));
        String[] bad = IntStream.range(0, 15).mapToObj(i -> "Bad" + i).toArray(String[]::new);
        failing.addAll(List.of(bad));
        String[] all = Stream.concat(Stream.of(bad), Stream.of("Meier")).toArray(String[]::new);

        assertThat(results(sink.send(batch(all)))).containsOnlyOnce("Accepted");
        for (int i = 0; i < 2; i++) {
            now.addAndGet(Duration.ofMinutes(2).toNanos());
            assertThat(results(sink.send(batch(bad))))
                    .as("so many may be an outage, although others were taken")
                    .containsOnly("Unsent");
        }
        now.addAndGet(Duration.ofMinutes(10).toNanos());

        assertThat(results(sink.send(batch(bad)))).containsOnly(Reason.RETRIES_EXHAUSTED + " the server is full");
    }

    /** Once, each import ended with exit code 3 for a contact that came last of all and so was followed by no other. */
    @Test
    void a_contact_that_failed_in_earlier_processes_is_given_up_once_others_pass() {
        failing.add("Huber");
        RouteSink sink = sink("teams", 1);
        Delivery bad = tried(1, "Huber", 6);

        assertThat(results(sink.send(batch(List.of(tried(2, "Meier", 0), bad)))))
                .containsExactly("Accepted", "Unsent");
        assertThat(results(sink.send(batch(List.of(bad)))))
                .containsExactly(Reason.RETRIES_EXHAUSTED + " the server is full");
    }

    @Test
    void a_contact_that_failed_in_earlier_processes_stays_pending_while_none_pass() {
        failing.add("Huber");
        RouteSink sink = sink("teams", 1);

        for (int i = 0; i < 5; i++) {
            assertThat(results(sink.send(batch(List.of(tried(1, "Huber", 6)))))).containsExactly("Unsent");
        }
    }

    @Test
    void what_is_not_sent_when_the_program_stops_stays_pending() {
        RouteSink sink = sink("teams", 1);
        sink.close();

        assertThat(results(sink.send(batch("Meier")))).containsExactly("Unsent");
        assertThat(given).isEmpty();
    }
}
