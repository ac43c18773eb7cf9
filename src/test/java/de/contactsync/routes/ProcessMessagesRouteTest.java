package de.contactsync.routes;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.model.ProcessingHaltedException;
import org.apache.camel.Exchange;
import org.apache.camel.spi.Registry;
import org.junit.jupiter.api.Test;

/** Keys of messages are looked up and stored; while that is impossible the messages wait unacknowledged. */
class ProcessMessagesRouteTest extends ShippedRouteTest {

    /** Stands in for the bean that says whether to continue trying. */
    public static final class Work {
        private int triesLeft = 1;

        public boolean shouldRetry(Exception failure, Object messages) {
            return triesLeft-- > 0;
        }

        public boolean isRunning() {
            return false;
        }
    }

    ProcessMessagesRouteTest() {
        super("process-messages");
    }

    @Override
    protected void bindToRegistry(Registry registry) {
        registry.bind("consumerLifecycle", new Work());
    }

    @Test
    void what_the_lookup_returns_is_stored() throws Exception {
        route("enrich")
                .whenAnyExchangeReceived(exchange -> exchange.getMessage().setBody("contacts"));
        route("sink-database").expectedBodiesReceived("contacts");

        assertThat(template.requestBody(START, "keys")).isEqualTo("contacts");

        route("sink-database").assertIsSatisfied();
    }

    @Test
    void a_failure_leaves_the_messages_with_their_broker_once_the_program_stops() throws Exception {
        route("enrich").whenAnyExchangeReceived(exchange -> {
            throw new ProcessingHaltedException("a token was refused");
        });
        route("sink-database").expectedMessageCount(0);

        Exchange messages =
                template.send(START, exchange -> exchange.getMessage().setBody("keys"));

        assertThat(messages.getException())
                .as("the consumer does not acknowledge")
                .isInstanceOf(ProcessingHaltedException.class);
        route("sink-database").assertIsSatisfied();
    }
}
