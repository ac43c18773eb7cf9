package de.contactsync.crm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.contactsync.crm.hubspot.HubSpotSettings.EmailConflict;
import de.contactsync.http.TlsServer;
import de.contactsync.resilience.Outage.Kind;
import de.contactsync.resilience.OutageException;
import de.contactsync.simulator.HubSpotOptions;
import de.contactsync.simulator.HubSpotSimulator;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How often a call is made, by what its answers mean. */
class CrmClientTest {

    private HubSpotSimulator crm;
    private CrmFixture station;

    @BeforeEach
    void start() throws Exception {
        crm = HubSpotSimulator.start(HubSpotOptions.standard());
        station = new CrmFixture(crm);
    }

    @AfterEach
    void stop() throws Exception {
        station.close();
        crm.close();
    }

    private CrmResponse call(boolean repeatable, CallDecision decision) {
        CrmRequest request = new CrmRequest("POST", "/nowhere", null, Map.of(), new byte[0], repeatable);
        return station.calls.call(
                request,
                answer -> decision,
                System.nanoTime() + Duration.ofMinutes(1).toNanos());
    }

    /** It was waited for as for an outage, until contacts.max-wait. */
    @ParameterizedTest
    @ValueSource(strings = {"server", "expired", "other-name"})
    void a_certificate_that_is_not_accepted_needs_a_person(String certificate) throws Exception {
        CrmSettings usual = CrmFixture.settings(crm, EmailConflict.DEAD_LETTER, false);
        try (TlsServer server = TlsServer.start(certificate);
                CrmFixture untrusted = new CrmFixture(
                        new CrmSettings(usual.kind(), server.url(), usual.gone(), usual.mostGone(), false),
                        exchange -> {})) {
            assertThatThrownBy(untrusted.sink::prepare)
                    .isInstanceOfSatisfying(
                            OutageException.class,
                            outage -> assertThat(outage.outage().kind()).isEqualTo(Kind.UNTRUSTED))
                    .hasMessageContaining("localhost");
        }
    }

    @ParameterizedTest
    @CsvSource({"true, 3", "false, 1"})
    void an_answer_in_doubt_is_asked_for_again_only_where_that_does_no_harm(boolean repeatable, int calls) {
        assertThat(call(repeatable, new CallDecision.Doubt("it fails", null)).status())
                .isEqualTo(404);
        assertThat(crm.stats().calls()).isEqualTo(calls);
        assertThat(station.breakers.outages()).isEmpty();
    }

    @Test
    void slow_ones_in_doubt_are_no_coincidence_earlier() {
        for (int i = 1; i < 4; i++) {
            call(false, new CallDecision.Doubt("it takes long", null));
            station.ahead.addAndGet(Duration.ofSeconds(75).toNanos());
        }
        assertThat(station.breakers.outages()).isEmpty();
        assertThatThrownBy(() -> call(false, new CallDecision.Doubt("it takes long", null)))
                .isInstanceOf(OutageException.class);
    }

    @Test
    void of_a_crm_that_was_away_three_in_doubt_are_enough() {
        for (int i = 1; i <= 20; i++) {
            try {
                call(false, new CallDecision.Doubt("it fails", null));
            } catch (OutageException e) {
                assertThat(i).isEqualTo(20);
            }
        }
        station.ahead.addAndGet(Duration.ofMinutes(2).toNanos());
        call(false, new CallDecision.Doubt("it fails", null));
        call(false, new CallDecision.Doubt("it fails", null));
        assertThatThrownBy(() -> call(false, new CallDecision.Doubt("it fails", null)))
                .isInstanceOf(OutageException.class);
    }

    @Test
    void twenty_in_doubt_one_after_another_are_no_coincidence() {
        for (int i = 1; i < 20; i++) {
            call(false, new CallDecision.Doubt("it fails", null));
        }
        call(false, new CallDecision.Answered());
        for (int i = 1; i < 20; i++) {
            call(false, new CallDecision.Doubt("it fails", null));
        }
        assertThat(station.breakers.outages()).isEmpty();
        assertThatThrownBy(() -> call(false, new CallDecision.Doubt("it fails", null)))
                .isInstanceOf(OutageException.class)
                .hasMessage("it fails");
        assertThat(station.breakers.outages()).hasSize(1);
    }
}
