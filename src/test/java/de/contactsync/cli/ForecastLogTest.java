package de.contactsync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.CapturedLog;
import de.contactsync.app.Application;
import de.contactsync.app.InboxTest;
import de.contactsync.config.ApplicationFixture;
import de.contactsync.persistence.SettableClock;
import de.contactsync.persistence.TestDatabase;
import de.contactsync.resilience.QuotaView;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.Quota;
import de.contactsync.simulator.SimulatorOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code run} says of files that are long under way, before a simulated JTL with a small quota. */
@Tag("slow")
class ForecastLogTest {

    @TempDir
    Path folder;

    private final SettableClock clock = new SettableClock("2026-03-02T12:00:00Z");
    private final CapturedLog log = new CapturedLog("de.contactsync.cli.ForecastLog");
    private JtlSimulator simulator;
    private TestDatabase database;
    private ApplicationFixture fixture;
    private Application application;

    @BeforeEach
    void start() throws Exception {
        simulator = JtlSimulator.start(
                SimulatorOptions.builder().quota(Quota.parse("60/2s")).build());
        database = TestDatabase.create(TestDatabase.Kind.SQLITE);
        fixture = new ApplicationFixture(folder, database);
        application = fixture.start(simulator);
    }

    @AfterEach
    void stop() throws Exception {
        application.drain();
        application.close();
        database.close();
        simulator.close();
        log.close();
    }

    private boolean limiting() {
        return application.quota().filter(QuotaView::limiting).isPresent();
    }

    @Test
    void it_says_when_the_quota_begins_to_decide_and_then_every_minute() throws Exception {
        ForecastLog forecasts = new ForecastLog(application, clock);
        forecasts.poll();
        fixture.drop("keys.csv", ApplicationFixture.csv(0, 3_600).getBytes(StandardCharsets.UTF_8));
        InboxTest.soon().until(this::limiting);

        forecasts.poll();
        assertThat(log.lines())
                .hasSize(1)
                .first()
                .asString()
                .matches("INFO " + fixture.inbox.resolve("keys.csv")
                        + ": \\d+ of about 3,600 done, \\d+/s, 0 dead letters, 3,\\d{3} left, 60 per 2 s,"
                        + " done 12:0[123]");

        clock.advance(Duration.ofSeconds(59));
        forecasts.poll();
        assertThat(log.lines()).hasSize(1);
        clock.advance(Duration.ofSeconds(1));
        forecasts.poll();
        assertThat(log.lines()).hasSize(2);
        forecasts.poll();
        assertThat(log.lines()).hasSize(2);
    }

    @Test
    void a_file_of_unknown_length_is_reported_without_a_forecast() throws Exception {
        ForecastLog forecasts = new ForecastLog(application, clock);
        fixture.drop(
                "keys.json",
                ("[" + ApplicationFixture.jsonLines(0, 600).strip().replace("\n", ",") + "]")
                        .getBytes(StandardCharsets.UTF_8));
        InboxTest.soon().until(this::limiting);

        forecasts.poll();

        assertThat(log.lines()).hasSize(1).first().asString().endsWith(" dead letters");
    }

    @Test
    void with_two_tenants_waiting_neither_quota_decides_alone() throws Exception {
        StringBuilder csv = new StringBuilder("tenantId;customerId;contactId\n");
        for (int i = 0; i < 400; i++) {
            csv.append(i % 2 == 0 ? ApplicationFixture.TENANT : new UUID(7, 7))
                    .append(';')
                    .append(ApplicationFixture.customer(i))
                    .append(';')
                    .append(ApplicationFixture.contact(i))
                    .append('\n');
        }
        fixture.drop("keys.csv", csv.toString().getBytes(StandardCharsets.UTF_8));

        InboxTest.soon().until(() -> application.quota().isPresent());

        assertThat(List.of(limiting(), application.quota().orElseThrow().limit()))
                .containsExactly(false, 60);
    }
}
