package de.contactsync.messaging.jms;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.JMSException;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Once, conditions of AMQP, numbers of Artemis and terms of Erlang reached the log as they came. */
class BrokerErrorsTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "no queue 'keys' in vhost '/' [condition = amqp:not-found]"
                        + " | the broker has no such queue (no queue 'keys' in vhost '/')",
                "AMQ229213: User: me does not have permission='CONSUME' for queue keys"
                        + " [condition = amqp:unauthorized-access]"
                        + " | the user may not do that (User: me does not have permission='CONSUME' for queue keys)",
                "{badmatch,{error,{not_found,[{x,1}]}}} [condition = amqp:internal-error]"
                        + " | the broker failed, and has more about it in its log",
                "Session error: \"error_logger\" [condition = amqp:internal-error]"
                        + " | the broker failed, and has more about it in its log",
                "finishConnect(..) failed with error(-111): Connection refused | Connection refused",
                "Timed out waiting for credit to send Message. | a message could not be sent in time",
                "Timed out waiting for disposition of sent Message | a message could not be sent in time",
                "Client failed to authenticate using SASL: PLAIN | user or password refused",
                "Connection refused: /127.0.0.1:5672 | Connection refused: /127.0.0.1:5672",
                "java.lang.NullPointerException: x [condition = amqp:internal-error]"
                        + " | the broker failed, and has more about it in its log",
                "[condition = amqp:decode-error] | the broker ended it without a word",
            })
    void errors_of_a_broker_are_explained(String said, String expected) {
        assertThat(BrokerErrors.describe(new JMSException("outer").initCause(new IOException(said))))
                .isEqualTo(expected);
    }

    @Test
    void a_failure_without_a_message_is_not_shown_by_its_class() {
        assertThat(BrokerErrors.describe(new IOException())).isEqualTo("the connection failed");
    }
}
