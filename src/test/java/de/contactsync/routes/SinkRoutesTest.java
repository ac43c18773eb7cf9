package de.contactsync.routes;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.model.ProcessingHaltedException;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.spi.Registry;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Each sink calls its one bean, and leaves a failure to the route that called it. */
class SinkRoutesTest {

    /** Stands in for the bean of any sink. */
    public static final class Sink {
        final List<String> calls = new ArrayList<>();
        private RuntimeException failure;

        public void commit(Object contacts) {
            call("committed " + contacts);
        }

        public void publishRun(Object contacts) {
            call("published " + contacts);
        }

        public String send(Object batch) {
            call("sent " + batch);
            return "receipts";
        }

        public void recordResults(Object receipts) {
            call("recorded " + receipts);
        }

        private void call(String what) {
            if (failure != null) {
                throw failure;
            }
            calls.add(what);
        }
    }

    abstract static class Route extends ShippedRouteTest {
        final Sink sink = new Sink();
        private final String[] beans;

        Route(String id, String property, String... beans) {
            super(id, property, "true");
            this.beans = beans;
        }

        @Override
        protected void bindToRegistry(Registry registry) {
            for (String bean : beans) {
                registry.bind(bean, sink);
            }
        }

        Exchange send() {
            return template.send(START, exchange -> exchange.getMessage().setBody("contacts"));
        }

        @Test
        void a_failure_is_left_to_the_route_that_called() {
            sink.failure = new ProcessingHaltedException("out of reach");

            assertThat(send().getException()).isSameAs(sink.failure);
            assertThat(sink.calls).isEmpty();
        }
    }

    @Nested
    class Sink_database extends Route {

        Sink_database() {
            super("sink-database", "unused", "chunkStore");
        }

        @Test
        void a_chunk_is_committed() {
            send();

            assertThat(sink.calls).containsExactly("committed contacts");
        }
    }

    @Nested
    class Sink_queue extends Route {

        Sink_queue() {
            super("sink-queue", "sink.queue.enabled", "queuePublisher");
        }

        @Test
        void a_chunk_is_published() {
            send();

            assertThat(sink.calls).containsExactly("published contacts");
        }
    }

    @Nested
    class Sink_crm extends Route {

        Sink_crm() {
            super("sink-crm", "unused", "crmSink", "crmOutbox");
        }

        @Test
        void a_batch_is_sent_and_what_the_crm_answered_is_recorded() {
            send();

            assertThat(sink.calls).containsExactly("sent contacts", "recorded receipts");
        }
    }

    @Nested
    class Dispatch_chunk extends ShippedRouteTest {
        private final Sink queue = new Sink();
        private final ProcessChunkRouteTest.Runs runs = new ProcessChunkRouteTest.Runs();

        Dispatch_chunk() {
            super("dispatch-chunk", "chunks.via.queue", "true");
        }

        @Override
        protected void bindToRegistry(Registry registry) {
            registry.bind("runCoordinator", runs);
            registry.bind("chunkPublisher", queue);
        }

        @Test
        void a_chunk_goes_to_the_queue() {
            template.sendBodyAndProperty(START, "chunk", "run", "run 7");

            assertThat(queue.calls).containsExactly("sent chunk");
        }

        @Test
        void a_queue_that_fails_halts_the_run() {
            queue.failure = new ProcessingHaltedException("the broker is out of reach");

            template.sendBodyAndProperty(START, "chunk", "run", "run 7");

            assertThat(runs.halted).containsExactly("run 7: the broker is out of reach");
        }
    }
}
