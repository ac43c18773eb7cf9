package de.contactsync.routes;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.model.ProcessingHaltedException;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.spi.Registry;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * The sources open a run or take keys, hand them to the shared tail, and acknowledge only what has come back from it.
 */
class SourceRoutesTest {

    /** Stands in for the beans in front of and behind the shared tail. */
    public static final class Steps {
        final List<String> taken = new ArrayList<>();

        public String openFromInbox(Object file) {
            return open(file);
        }

        public String open(Object file) {
            taken.add("opened " + file);
            return "run of " + file;
        }

        public List<String> ready() {
            return List.of("keys.csv", "more.csv");
        }

        public void finalizeRun(Object summary) {
            taken.add("settled " + summary);
        }
    }

    /** A message source's batch: what stands behind {@code ${body.chunk}}. */
    public static final class Batch {
        public String getChunk() {
            return "keys";
        }
    }

    /** Stands in for the bean that publishes and replies. */
    public static final class Output {
        final List<String> sent = new ArrayList<>();

        public void publish(Object messages, Object body) {
            sent.add("published " + body);
        }

        public void reply(Object messages, Object body) {
            sent.add("replied " + body);
        }
    }

    @Nested
    class Source_file extends ShippedRouteTest {
        private final Steps steps = new Steps();

        Source_file() {
            super("source-file", "source.file.enabled", "true", "contacts.file.directory", "target/none");
        }

        @Override
        protected void bindToRegistry(Registry registry) {
            registry.bind("fileRunOpener", steps);
            registry.bind("fileFinalizer", steps);
        }

        @Test
        void each_file_is_opened_worked_on_and_then_moved() throws Exception {
            route("process-run").expectedBodiesReceived("run of keys.csv", "run of more.csv");
            route("process-run")
                    .whenAnyExchangeReceived(exchange -> exchange.getMessage().setBody("summary"));

            template.sendBody(START, "tick");

            route("process-run").assertIsSatisfied();
            assertThat(steps.taken)
                    .containsExactly("opened keys.csv", "settled summary", "opened more.csv", "settled summary");
        }

        @Test
        void a_file_whose_run_failed_unexpectedly_is_not_moved_and_blocks_no_other() {
            route("process-run").whenExchangeReceived(1, exchange -> {
                throw new IllegalStateException("a fault of ours");
            });
            route("process-run")
                    .whenExchangeReceived(2, exchange -> exchange.getMessage().setBody("summary"));

            template.send(START, exchange -> exchange.getMessage().setBody("tick"));

            assertThat(steps.taken).containsExactly("opened keys.csv", "opened more.csv", "settled summary");
        }
    }

    @Nested
    class Source_timer extends ShippedRouteTest {
        private final Steps steps = new Steps();

        Source_timer() {
            super("source-timer", "source.timer.enabled", "true");
        }

        @Override
        protected void bindToRegistry(Registry registry) {
            registry.bind("scheduledRunOpener", steps);
        }

        @Test
        void each_tick_opens_the_run_that_is_due_and_records_its_end() throws Exception {
            route("process-run").expectedBodiesReceived("run of tick");
            route("process-run")
                    .whenAnyExchangeReceived(exchange -> exchange.getMessage().setBody("summary"));

            template.sendBody(START, "tick");

            route("process-run").assertIsSatisfied();
            assertThat(steps.taken).containsExactly("opened tick", "settled summary");
        }

        @Test
        void a_run_that_failed_unexpectedly_is_not_recorded_as_ended() {
            route("process-run").whenAnyExchangeReceived(exchange -> {
                throw new IllegalStateException("a fault of ours");
            });

            assertThat(template.send(START, exchange -> {}).getException()).hasMessage("a fault of ours");

            assertThat(steps.taken).noneMatch(step -> step.startsWith("settled"));
        }
    }

    @Nested
    class Import_file extends ShippedRouteTest {
        private final Steps steps = new Steps();

        Import_file() {
            super("import-file");
        }

        @Override
        protected void bindToRegistry(Registry registry) {
            registry.bind("fileRunOpener", steps);
        }

        @Test
        void a_file_of_the_command_line_is_worked_on_and_left_where_it_is() throws Exception {
            route("process-run").expectedBodiesReceived("run of keys.csv");

            template.sendBody(START, "keys.csv");

            route("process-run").assertIsSatisfied();
            assertThat(steps.taken).containsExactly("opened keys.csv");
        }

        @Test
        void a_failure_reaches_the_caller_of_the_command() {
            route("process-run").whenAnyExchangeReceived(exchange -> {
                throw new IllegalStateException("a fault of ours");
            });

            assertThat(template.send(START, exchange -> {}).getException()).hasMessage("a fault of ours");
        }
    }

    abstract static class Queue extends ShippedRouteTest {
        final Output output = new Output();

        Queue(String sinkQueue) {
            super(
                    "source-queue",
                    "source.queue.enabled",
                    "true",
                    "contacts.queue.name",
                    "keys",
                    "contacts.queue.consumers",
                    "1",
                    "contacts.chunk-size",
                    "10",
                    "sink.queue.enabled",
                    sinkQueue);
        }

        @Override
        protected void bindToRegistry(Registry registry) {
            registry.bind("queuePublisher", output);
        }

        Exchange send() {
            route("process-messages")
                    .whenAnyExchangeReceived(exchange -> exchange.getMessage().setBody("contacts"));
            return template.send(START, exchange -> exchange.getMessage().setBody(new Batch()));
        }
    }

    @Nested
    class Source_queue_with_the_sink_queue extends Queue {

        Source_queue_with_the_sink_queue() {
            super("true");
        }

        @Test
        void the_keys_of_messages_are_worked_on_published_and_answered() throws Exception {
            route("process-messages").expectedBodiesReceived("keys");

            assertThat(send().getException()).isNull();

            route("process-messages").assertIsSatisfied();
            assertThat(output.sent).containsExactly("published contacts", "replied contacts");
        }
    }

    @Nested
    class Source_queue_without_the_sink_queue extends Queue {

        Source_queue_without_the_sink_queue() {
            super("false");
        }

        @Test
        void whoever_asked_gets_an_answer_and_nothing_is_published() {
            send();

            assertThat(output.sent).containsExactly("replied contacts");
        }

        @Test
        void messages_whose_work_failed_get_no_answer_and_are_not_acknowledged() {
            route("process-messages").whenAnyExchangeReceived(exchange -> {
                throw new ProcessingHaltedException("the program was stopped");
            });

            Exchange batch =
                    template.send(START, exchange -> exchange.getMessage().setBody(new Batch()));

            assertThat(batch.getException()).isInstanceOf(ProcessingHaltedException.class);
            assertThat(output.sent).isEmpty();
        }
    }

    abstract static class Kafka extends ShippedRouteTest {

        Kafka(String sinkKafka) {
            super(
                    "source-kafka",
                    "source.kafka.enabled",
                    "true",
                    "contacts.kafka.topic",
                    "keys",
                    "contacts.chunk-size",
                    "10",
                    "sink.kafka.enabled",
                    sinkKafka);
        }

        Exchange send() {
            route("process-messages")
                    .whenAnyExchangeReceived(exchange -> exchange.getMessage().setBody("contacts"));
            return template.send(START, exchange -> exchange.getMessage().setBody(new Batch()));
        }
    }

    @Nested
    class Source_kafka_with_the_sink_kafka extends Kafka {

        Source_kafka_with_the_sink_kafka() {
            super("true");
        }

        @Test
        void the_keys_of_records_are_worked_on_and_published() throws Exception {
            route("process-messages").expectedBodiesReceived("keys");
            route("sink-kafka").expectedBodiesReceived("contacts");

            assertThat(send().getException()).as("so offsets are committed").isNull();

            route("process-messages").assertIsSatisfied();
            route("sink-kafka").assertIsSatisfied();
        }

        @Test
        void records_whose_contacts_could_not_be_published_come_again() {
            route("sink-kafka").whenAnyExchangeReceived(exchange -> {
                throw new ProcessingHaltedException("the program was stopped");
            });

            assertThat(send().getException()).isInstanceOf(ProcessingHaltedException.class);
        }
    }

    @Nested
    class Source_kafka_without_the_sink_kafka extends Kafka {

        Source_kafka_without_the_sink_kafka() {
            super("false");
        }

        @Test
        void nothing_is_published() throws Exception {
            route("sink-kafka").expectedMessageCount(0);

            assertThat(send().getException()).isNull();

            route("sink-kafka").assertIsSatisfied();
        }
    }

    /** Stands in for the bean that tells who waits. */
    public static final class Waiting {
        final List<String> told = new ArrayList<>();

        public void done(Object batch, Object body) {
            told.add("told " + body);
        }
    }

    @Nested
    class Source_http extends ShippedRouteTest {
        private final Waiting waiting = new Waiting();

        Source_http() {
            super(
                    "source-http",
                    "source.http.enabled",
                    "true",
                    "contacts.chunk-size",
                    "10",
                    "sink.queue.enabled",
                    "true");
        }

        @Override
        protected void bindToRegistry(Registry registry) {
            registry.bind("receivedKeys", waiting);
        }

        @Test
        void received_keys_are_processed_and_waiting_callers_get_the_reply() throws Exception {
            route("process-messages").expectedBodiesReceived("keys");
            route("process-messages")
                    .whenAnyExchangeReceived(exchange -> exchange.getMessage().setBody("contacts"));

            template.sendBody(START, new Batch());

            route("process-messages").assertIsSatisfied();
            assertThat(waiting.told).containsExactly("told contacts");
        }

        /** Once, nothing was published of keys that came over HTTP. */
        @Test
        void received_keys_are_published_before_they_are_deleted() throws Exception {
            route("process-messages")
                    .whenAnyExchangeReceived(exchange -> exchange.getMessage().setBody("contacts"));
            route("sink-queue").expectedBodiesReceived("contacts");
            route("sink-queue").whenAnyExchangeReceived(exchange -> {
                throw new ProcessingHaltedException("the broker is away");
            });

            Exchange batch =
                    template.send(START, exchange -> exchange.getMessage().setBody(new Batch()));

            route("sink-queue").assertIsSatisfied();
            assertThat(batch.getException()).isInstanceOf(ProcessingHaltedException.class);
            assertThat(waiting.told).isEmpty();
        }

        @Test
        void keys_whose_work_failed_are_not_deleted_and_no_reply_is_sent() {
            route("process-messages").whenAnyExchangeReceived(exchange -> {
                throw new ProcessingHaltedException("the program was stopped");
            });

            Exchange batch =
                    template.send(START, exchange -> exchange.getMessage().setBody(new Batch()));

            assertThat(batch.getException()).isInstanceOf(ProcessingHaltedException.class);
            assertThat(waiting.told).isEmpty();
        }
    }

    /** Stands in for the bean that stores keys. */
    public static final class Acceptor {
        final List<Object> accepted = new ArrayList<>();
        private RuntimeException refusal;

        public String accept(Object body) {
            if (refusal != null) {
                throw refusal;
            }
            accepted.add(body);
            return "request-1";
        }
    }

    @Nested
    class Accept_keys extends ShippedRouteTest {
        private final Acceptor acceptor = new Acceptor();

        Accept_keys() {
            super("accept-keys", "source.http.enabled", "true");
        }

        @Override
        protected void bindToRegistry(Registry registry) {
            registry.bind("keyAcceptor", acceptor);
        }

        @Test
        void keys_of_a_route_of_the_user_are_stored_and_it_gets_the_id_of_the_request() {
            assertThat(template.requestBody(START, List.of("key"), String.class))
                    .isEqualTo("request-1");
            assertThat(acceptor.accepted).containsExactly(List.of("key"));
        }

        @Test
        void what_is_refused_is_left_to_the_route_of_the_user() {
            acceptor.refusal = new IllegalArgumentException("customerId is missing");

            assertThat(template.send(START, exchange -> {}).getException()).isSameAs(acceptor.refusal);
        }
    }
}
