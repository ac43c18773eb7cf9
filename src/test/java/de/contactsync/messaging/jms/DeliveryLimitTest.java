package de.contactsync.messaging.jms;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

class DeliveryLimitTest {

    private static String words(String settings) throws Exception {
        return DeliveryLimit.words("keys", new ObjectMapper().readTree(settings));
    }

    @Test
    void the_end_of_a_message_is_explained_for_each_kind_of_setting() throws Exception {
        assertThat(words("{\"maxDeliveryAttempts\":-1,\"DLA\":\"DLQ\"}")).contains("as often as needed");
        assertThat(words("{\"maxDeliveryAttempts\":5,\"DLA\":\"DLQ\"}")).contains("after 5 deliveries", "into DLQ");
        assertThat(words("{\"maxDeliveryAttempts\":5,\"deadLetterAddress\":\"DLQ\"}"))
                .contains("into DLQ");
        assertThat(words("{\"maxDeliveryAttempts\":5}")).contains("after 5 deliveries", "deletes it");
    }

    /** Once, nothing was said where the broker cannot be asked. */
    @Test
    void where_the_broker_cannot_be_queried_the_report_says_what_is_known() {
        assertThat(DeliveryLimit.unasked("keys", "RabbitMQ"))
                .contains("of keys", "is not asked", "quorum queues", "delivery-limit", "20");
        assertThat(DeliveryLimit.unasked("keys", null)).contains("is not asked").doesNotContain("RabbitMQ");
    }
}
