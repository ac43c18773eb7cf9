package de.contactsync.routes;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.camel.spi.Registry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** An opened run is cut into chunks, which go through this process or over the queue, and its end is recorded. */
class ProcessRunRouteTest {

    /** Stands in for the bean that records how runs end. */
    public static final class Runs {
        final List<String> steps = new ArrayList<>();

        public void awaitDispatched(Object run) {
            steps.add("awaited");
        }

        public String finish(Object run) {
            steps.add("finished");
            return "summary";
        }
    }

    abstract static class Run extends ShippedRouteTest {
        final Runs runs = new Runs();
        private final ExecutorService threads = Executors.newFixedThreadPool(3);

        Run(String viaQueue) {
            super("process-run", "chunks.via.queue", viaQueue);
        }

        @Override
        protected void bindToRegistry(Registry registry) {
            registry.bind("runCoordinator", runs);
            registry.bind("chunkThreads", threads);
        }

        @AfterEach
        void endThreads() {
            threads.shutdownNow();
        }
    }

    @Nested
    class In_this_process extends Run {

        In_this_process() {
            super("false");
        }

        @Test
        void each_chunk_is_worked_on_once_and_then_the_run_is_finished() throws Exception {
            route("process-chunk").expectedBodiesReceivedInAnyOrder("chunk 1", "chunk 2", "chunk 3");
            route("dispatch-chunk").expectedMessageCount(0);

            Object summary = template.requestBody(START, List.of("chunk 1", "chunk 2", "chunk 3"));

            route("process-chunk").assertIsSatisfied();
            route("dispatch-chunk").assertIsSatisfied();
            assertThat(runs.steps).containsExactly("finished");
            assertThat(summary).isEqualTo("summary");
        }

        @Test
        void a_run_without_chunks_is_finished_too() {
            template.requestBody(START, List.of());

            assertThat(runs.steps).containsExactly("finished");
        }
    }

    @Nested
    class Over_the_queue extends Run {

        Over_the_queue() {
            super("true");
        }

        @Test
        void chunks_are_handed_over_and_awaited_before_the_run_is_finished() throws Exception {
            route("dispatch-chunk").expectedBodiesReceivedInAnyOrder("chunk 1", "chunk 2");
            route("process-chunk").expectedMessageCount(0);

            template.requestBody(START, List.of("chunk 1", "chunk 2"));

            route("dispatch-chunk").assertIsSatisfied();
            route("process-chunk").assertIsSatisfied();
            assertThat(runs.steps).containsExactly("awaited", "finished");
        }
    }
}
