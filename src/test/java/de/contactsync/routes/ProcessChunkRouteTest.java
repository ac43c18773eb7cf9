package de.contactsync.routes;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.model.ProcessingHaltedException;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.spi.Registry;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** A chunk is looked up, published where the sink queue is on, and stored; whatever fails halts the run. */
class ProcessChunkRouteTest {

    /** Stands in for the bean that knows which runs continue. */
    public static final class Runs {
        final List<String> halted = new ArrayList<>();
        private boolean stopping;

        public void checkActive(String run) {
            if (stopping) {
                throw new ProcessingHaltedException("the program was stopped");
            }
        }

        public void halt(String run, Exception reason) {
            halted.add(run + ": " + reason.getMessage());
        }
    }

    /** Stands in for the bean that bounds what is in flight; while a chunk waits there, its run may be stopped. */
    public static final class Room {
        private final Runs runs;
        private boolean stoppedMeanwhile;

        Room(Runs runs) {
            this.runs = runs;
        }

        public void awaitRoom(Exchange chunk) {
            runs.stopping |= stoppedMeanwhile;
        }
    }

    abstract static class Chunk extends ShippedRouteTest {
        final Runs runs = new Runs();
        final Room room = new Room(runs);

        Chunk(String sinkQueue) {
            super("process-chunk", "sink.queue.enabled", sinkQueue);
        }

        @Override
        protected void bindToRegistry(Registry registry) {
            registry.bind("runCoordinator", runs);
            registry.bind("contactLookup", room);
        }

        Exchange send() {
            return template.send(START, exchange -> {
                exchange.setProperty("run", "run 7");
                exchange.getMessage().setBody("keys");
            });
        }
    }

    @Nested
    class Without_the_sink_queue extends Chunk {

        Without_the_sink_queue() {
            super("false");
        }

        @Test
        void what_the_lookup_returns_is_stored_and_nothing_is_published() throws Exception {
            route("enrich")
                    .whenAnyExchangeReceived(exchange -> exchange.getMessage().setBody("contacts"));
            route("sink-database").expectedBodiesReceived("contacts");
            route("sink-queue").expectedMessageCount(0);

            assertThat(send().getException()).isNull();

            route("sink-database").assertIsSatisfied();
            route("sink-queue").assertIsSatisfied();
            assertThat(runs.halted).isEmpty();
        }

        @Test
        void a_lookup_that_fails_for_all_keys_halts_the_run_and_stores_nothing() throws Exception {
            route("enrich").whenAnyExchangeReceived(exchange -> {
                throw new ProcessingHaltedException("JTL is out of reach");
            });
            route("sink-database").expectedMessageCount(0);

            Exchange chunk = send();

            assertThat(chunk.getException()).as("left to the run").isNull();
            assertThat(runs.halted).containsExactly("run 7: JTL is out of reach");
            route("sink-database").assertIsSatisfied();
        }

        @Test
        void a_database_that_fails_halts_the_run() {
            route("sink-database").whenAnyExchangeReceived(exchange -> {
                throw new ProcessingHaltedException("the disk is full");
            });

            send();

            assertThat(runs.halted).containsExactly("run 7: the disk is full");
        }

        /** Once, chunks that waited were looked up although another process had taken the run over meanwhile. */
        @Test
        void a_chunk_whose_run_is_stopped_while_it_waits_for_room_is_not_looked_up() throws Exception {
            room.stoppedMeanwhile = true;
            route("enrich").expectedMessageCount(0);

            send();

            route("enrich").assertIsSatisfied();
            assertThat(runs.halted).containsExactly("run 7: the program was stopped");
        }

        @Test
        void a_chunk_of_a_run_that_was_stopped_is_not_looked_up() throws Exception {
            runs.stopping = true;
            route("enrich").expectedMessageCount(0);
            route("sink-database").expectedMessageCount(0);

            send();

            route("enrich").assertIsSatisfied();
            route("sink-database").assertIsSatisfied();
            assertThat(runs.halted).containsExactly("run 7: the program was stopped");
        }
    }

    @Nested
    class With_the_sink_queue extends Chunk {

        With_the_sink_queue() {
            super("true");
        }

        @Test
        void a_chunk_is_published_before_it_is_marked_done() throws Exception {
            List<String> order = new ArrayList<>();
            route("sink-queue").whenAnyExchangeReceived(exchange -> order.add("published"));
            route("sink-database").whenAnyExchangeReceived(exchange -> order.add("stored"));

            send();

            assertThat(order).containsExactly("published", "stored");
        }

        @Test
        void a_chunk_that_could_not_be_published_is_not_marked_done() throws Exception {
            route("sink-queue").whenAnyExchangeReceived(exchange -> {
                throw new ProcessingHaltedException("the broker is out of reach");
            });
            route("sink-database").expectedMessageCount(0);

            send();

            route("sink-database").assertIsSatisfied();
            assertThat(runs.halted).containsExactly("run 7: the broker is out of reach");
        }
    }
}
