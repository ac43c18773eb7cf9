package de.contactsync.observability;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.outbox.Alert;
import de.contactsync.outbox.Alerts;
import de.contactsync.outbox.Channel;
import de.contactsync.routes.ChannelRoute.Part;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** A night of alerts is a handful of mails, in which each alert stands once. */
class StormLimitTest {

    private final AtomicLong nanoTime = new AtomicLong();
    private final StormLimit limit = new StormLimit(nanoTime::get);

    private static List<Channel.Entry<Map<String, Object>>> alerts(long from, long to) {
        return LongStream.range(from, to)
                .mapToObj(id -> new Channel.Entry<>(
                        id,
                        Alerts.event(new Alert("kind", "s" + id, Alert.Severity.WARNING, "text " + id), Instant.EPOCH)))
                .toList();
    }

    private List<Part> pass(List<Channel.Entry<Map<String, Object>>> entries) {
        List<Part> parts = limit.parts(entries);
        parts.forEach(part -> limit.passed());
        return parts;
    }

    @Test
    void few_alerts_go_out_each_for_itself() {
        assertThat(pass(alerts(0, 3))).hasSize(3).allMatch(part -> part.ids().size() == 1);
    }

    @Test
    void a_storm_goes_out_as_one_that_holds_each_text() {
        List<Part> parts = pass(alerts(0, 100));

        assertThat(parts).hasSize(1);
        assertThat(parts.get(0).ids()).hasSize(100);
        assertThat(parts.get(0).event()).containsEntry("subject", "100 alerts").containsEntry("severity", "warning");
        assertThat((String) parts.get(0).event().get("text"))
                .contains("text 0\n")
                .endsWith("text 99");
    }

    @Test
    void the_last_of_an_hour_waits_for_the_next_and_none_is_left_out() {
        int messages = 0;
        int told = 0;
        for (int id = 0; id < StormLimit.MOST; id++) {
            for (Part part : pass(alerts(id, id + 1))) {
                messages++;
                told += part.ids().size();
            }
        }
        assertThat(pass(alerts(12, 40))).as("what waits").isEmpty();
        nanoTime.addAndGet(StormLimit.WINDOW.toNanos());
        List<Part> next = pass(alerts(12, 40));

        assertThat(messages).isEqualTo(StormLimit.MOST);
        assertThat(told).isEqualTo(StormLimit.MOST);
        assertThat(next).hasSize(1);
        assertThat(next.get(0).ids()).hasSize(28);
    }
}
