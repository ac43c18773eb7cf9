package de.contactsync.observability;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.outbox.Alert;
import de.contactsync.outbox.Alerts;
import de.contactsync.outbox.Channel;
import de.contactsync.outbox.SentMessages;
import de.contactsync.persistence.Database;
import de.contactsync.persistence.EachDatabase;
import de.contactsync.persistence.TestDatabase;
import de.contactsync.routes.ChannelRoute.Part;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;

/** A night of alerts is a handful of mails, in which each alert stands once. */
@ParameterizedClass
@EachDatabase
class StormLimitTest {

    @Parameter
    private TestDatabase.Kind kind;

    private TestDatabase test;
    private Database database;

    @BeforeEach
    void open() {
        test = TestDatabase.create(kind);
        database = test.open();
    }

    @AfterEach
    void close() throws Exception {
        test.close();
    }

    /** As each process has one. */
    private StormLimit limit() {
        return new StormLimit(new SentMessages(database, "alert-mail", StormLimit.WINDOW));
    }

    private void anHourPasses() {
        test.execute("UPDATE alert_message SET sent_at = sent_at - 3600000000");
    }

    private static List<Channel.Entry<Map<String, Object>>> alerts(long from, long to) {
        return LongStream.range(from, to)
                .mapToObj(id -> new Channel.Entry<>(
                        id,
                        Alerts.event(new Alert("kind", "s" + id, Alert.Severity.WARNING, "text " + id), Instant.EPOCH)))
                .toList();
    }

    private List<Part> pass(List<Channel.Entry<Map<String, Object>>> entries) {
        StormLimit limit = limit();
        List<Part> parts = limit.parts(entries);
        limit.passed(parts.size());
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
        int reported = 0;
        for (int id = 0; id < StormLimit.MOST; id++) {
            for (Part part : pass(alerts(id, id + 1))) {
                messages++;
                reported += part.ids().size();
            }
        }
        assertThat(pass(alerts(12, 40))).as("what waits").isEmpty();
        assertThat(limit().isFull()).isTrue();
        anHourPasses();
        assertThat(limit().isFull()).isFalse();
        List<Part> next = pass(alerts(12, 40));

        assertThat(messages).isEqualTo(StormLimit.MOST);
        assertThat(reported).isEqualTo(StormLimit.MOST);
        assertThat(next).hasSize(1);
        assertThat(next.get(0).ids()).hasSize(28);
    }

    /** Once, each start of a program that starts again and again had its own twelve. */
    @Test
    void a_restart_forgets_no_message_that_went_out() {
        for (int id = 0; id < StormLimit.MOST; id++) {
            pass(alerts(id, id + 1));
        }

        assertThat(limit().parts(alerts(12, 13))).isEmpty();
        assertThat(new StormLimit(new SentMessages(database, "alert-webhook", StormLimit.WINDOW)).isFull())
                .as("of another channel")
                .isFalse();
    }

    @Test
    void a_message_of_a_time_that_is_yet_to_come_was_written_by_a_clock_that_was_ahead() throws SQLException {
        test.execute("INSERT INTO alert_message (channel, sent_at) VALUES ('alert-mail', 9000000000000000)");

        pass(alerts(0, 1));

        assertThat(test.one("SELECT count(*) FROM alert_message")).isEqualTo("1");
    }
}
