package de.contactsync.routes;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.resilience.Breaker;
import de.contactsync.resilience.Outage.Kind;
import de.contactsync.resilience.TestBreakers;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.component.mock.MockEndpoint;
import org.apache.camel.spi.Registry;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What all sources share: the lookup, chunks that other processes dispatched, Kafka's topics, and the error policies. */
class SharedRoutesTest {

    /** Stands in for the store of chunks. */
    public static final class Store {
        final List<Object> committed = new ArrayList<>();
        boolean pending = true;
        RuntimeException failure;

        public boolean isPending(Object chunk) {
            return pending;
        }

        public void commitDispatched(Object enriched) {
            if (failure != null) {
                throw failure;
            }
            committed.add(enriched);
        }
    }

    /** Stands in for the bean that says whether to try again, and notes what it was asked about. */
    public static final class Lifecycle {
        final List<Object> asked = new ArrayList<>();
        int outagesToSitOut = 1;

        public boolean shouldRetry(Exception failure, Object messages) {
            asked.add(messages == null ? failure.getMessage() : failure.getMessage() + " with " + messages);
            return outagesToSitOut-- > 0;
        }

        public boolean isRunning() {
            asked.add("running?");
            return false;
        }
    }

    @Nested
    class Enrich extends ShippedRouteTest {
        private Processor lookup = exchange -> exchange.getMessage()
                .setBody("what came of " + exchange.getMessage().getBody());

        Enrich() {
            super("enrich");
        }

        @Override
        protected void bindToRegistry(Registry registry) {
            registry.bind("contactLookup", (Processor) exchange -> lookup.process(exchange));
        }

        @Test
        void a_chunk_becomes_its_outcomes() {
            assertThat(template.requestBody(START, "chunk")).isEqualTo("what came of chunk");
        }

        @Test
        void a_failure_of_all_keys_is_left_to_the_route_that_called() {
            ProcessingHaltedException failure = new ProcessingHaltedException("JTL refuses the token");
            lookup = exchange -> {
                throw failure;
            };

            assertThat(template.send(START, exchange -> {}).getException()).isSameAs(failure);
        }
    }

    /** The routes that wait for as long as it takes, by the policy retry-until-recovered. */
    abstract static class Waiting extends ShippedRouteTest {
        final Lifecycle lifecycle = new Lifecycle();
        final Breaker breaker = TestBreakers.create().forSink("the other side");

        Waiting(String route, String... properties) {
            super(route, properties);
        }

        RuntimeException outage() {
            return breaker.open(breaker.now(), Kind.PASSING, "gone away");
        }

        Exchange send() {
            return template.send(START, exchange -> exchange.getMessage().setBody("chunk"));
        }
    }

    abstract static class Dispatched extends Waiting {
        final Store store = new Store();

        Dispatched(String sinkQueue) {
            super(
                    "consume-chunks",
                    "source.chunks.enabled",
                    "true",
                    "contacts.queue.chunks",
                    "chunks",
                    "sink.queue.enabled",
                    sinkQueue);
        }

        @Override
        protected void bindToRegistry(Registry registry) {
            registry.bind("chunkStore", store);
            registry.bind("consumerLifecycle", lifecycle);
        }

        MockEndpoint enrich() {
            MockEndpoint enrich = route("enrich");
            enrich.whenAnyExchangeReceived(exchange -> exchange.getMessage().setBody("outcomes"));
            return enrich;
        }
    }

    @Nested
    class Consume_chunks extends Dispatched {

        Consume_chunks() {
            super("false");
        }

        @Test
        void a_chunk_is_looked_up_and_committed_and_published_nowhere() throws Exception {
            enrich();
            route("sink-queue").expectedMessageCount(0);
            route("sink-database").expectedMessageCount(0);

            assertThat(send().getException()).as("so it is acknowledged").isNull();

            assertThat(store.committed).containsExactly("outcomes");
            MockEndpoint.assertIsSatisfied(context);
        }

        @Test
        void a_chunk_that_is_done_already_is_acknowledged_without_a_call() throws Exception {
            store.pending = false;
            enrich().expectedMessageCount(0);

            assertThat(send().getException()).isNull();

            assertThat(store.committed).isEmpty();
            MockEndpoint.assertIsSatisfied(context);
        }

        @Test
        void an_outage_is_sat_out_and_the_chunk_then_committed_once() {
            MockEndpoint enrich = enrich();
            enrich.whenExchangeReceived(1, exchange -> {
                throw outage();
            });

            assertThat(send().getException()).isNull();

            assertThat(enrich.getReceivedCounter()).isEqualTo(2);
            assertThat(store.committed).containsExactly("outcomes");
            assertThat(lifecycle.asked).containsExactly("gone away");
        }

        @Test
        void a_chunk_stays_with_the_broker_when_the_program_stops_during_a_failure() {
            enrich();
            store.failure = new IllegalStateException("the disk is full");

            assertThat(send().getException()).isSameAs(store.failure);

            assertThat(lifecycle.asked).containsExactly("running?");
        }
    }

    @Nested
    class Consume_chunks_with_the_sink_queue extends Dispatched {

        Consume_chunks_with_the_sink_queue() {
            super("true");
        }

        @Test
        void a_chunk_is_published_before_it_is_committed() throws Exception {
            enrich();
            route("sink-queue").expectedBodiesReceived("outcomes");
            route("sink-queue")
                    .whenAnyExchangeReceived(
                            exchange -> assertThat(store.committed).isEmpty());

            assertThat(send().getException()).isNull();

            route("sink-queue").assertIsSatisfied();
            assertThat(store.committed).containsExactly("outcomes");
        }

        @Test
        void what_could_not_be_published_is_not_committed() throws Exception {
            enrich();
            route("sink-queue").whenAnyExchangeReceived(exchange -> {
                throw new IllegalStateException("the broker is full");
            });

            assertThat(send().getException()).hasMessage("the broker is full");

            assertThat(store.committed).isEmpty();
        }
    }

    @Nested
    class Sink_kafka extends Waiting {
        private final List<String> published = new ArrayList<>();
        private int failures;

        /** Stands in for the bean that waits until Kafka has them. */
        public final class Publisher {
            public void publish(Object records, Object contacts) {
                if (failures-- > 0) {
                    throw outage();
                }
                published.add(records + ": " + contacts);
            }
        }

        Sink_kafka() {
            super("sink-kafka", "sink.kafka.enabled", "true");
        }

        @Override
        protected void bindToRegistry(Registry registry) {
            registry.bind("kafkaPublisher", new Publisher());
            registry.bind("consumerLifecycle", lifecycle);
        }

        private Exchange publish() {
            return template.send(START, exchange -> {
                exchange.setProperty("records", "3 records");
                exchange.setProperty("messages", "their messages");
                exchange.getMessage().setBody("contacts");
            });
        }

        @Test
        void the_contacts_are_published_with_the_records_they_came_from() {
            assertThat(publish().getException()).isNull();

            assertThat(published).containsExactly("3 records: contacts");
        }

        @Test
        void an_outage_is_sat_out_with_a_look_at_the_messages_that_wait() {
            failures = 1;

            assertThat(publish().getException()).isNull();

            assertThat(published).containsExactly("3 records: contacts");
            assertThat(lifecycle.asked).containsExactly("gone away with their messages");
        }

        @Test
        void offsets_are_not_committed_when_the_program_stops_during_an_outage() {
            failures = 9;
            lifecycle.outagesToSitOut = 0;

            assertThat(publish().getException()).hasMessage("gone away");

            assertThat(published).isEmpty();
        }
    }
}
