package de.contactsync.jtl;

import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static de.contactsync.jtl.FakeJtl.anyContact;
import static de.contactsync.jtl.FakeJtl.assertOnlyFails;
import static de.contactsync.jtl.FakeJtl.error;
import static de.contactsync.jtl.FakeJtl.key;
import static de.contactsync.jtl.FakeJtl.keys;
import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.CapturedLog;
import de.contactsync.model.ContactKey;
import de.contactsync.model.Outcome;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.Reason;
import de.contactsync.resilience.Outage;
import de.contactsync.resilience.OutageException;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls that JTL refuses for its quota: for a window, for longer than any, and for one key alone. */
@Timeout(30)
class QuotaRefusalTest {

    @RegisterExtension
    static final FakeJtl JTL = new FakeJtl();

    /** Once, the chunk waited for as long as JTL said, whatever the import's own patience was. */
    @ParameterizedTest
    @ValueSource(strings = {"7200", "600", "90"})
    void a_quota_that_is_refused_for_longer_than_any_window_is_an_outage_with_that_pause(String retryAfter)
            throws Exception {
        JTL.stub(anyContact().willReturn(error(429).withHeader("Retry-After", retryAfter)));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            ProcessingHaltedException halt = routes.halt(keys(20));

            assertThat(halt).isInstanceOf(OutageException.class).hasMessageContaining("quota refused until ");
            Outage outage = ((OutageException) halt).outage();
            assertThat(outage.kind()).isEqualTo(Outage.Kind.PASSING);
            assertThat(outage.untilNextTry().toSeconds())
                    .isBetween(30L, (long) Math.min(600, Integer.parseInt(retryAfter)));
            assertThat(routes.halt(key(21))).isInstanceOf(OutageException.class);
            assertThat(JTL.calls()).hasSizeLessThanOrEqualTo(4);
        }
    }

    /** Once, the tenant rested for that hour, and no key of the chunk was stored. */
    @Test
    void a_key_that_is_refused_for_an_hour_while_others_pass_costs_itself_alone() throws Exception {
        JTL.answers(key(5), error(429).withHeader("Retry-After", "3600"));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            assertOnlyFails(routes.enrich(keys(30)), 5, Reason.RETRIES_EXHAUSTED, 429);
        }
    }

    /** Once, it was asked for as long as the program ran, and all others of the tenant waited with it. */
    @Test
    void a_key_that_is_refused_again_and_again_without_a_time_costs_itself_alone() throws Exception {
        JTL.answers(key(5), error(429));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            assertOnlyFails(routes.enrich(keys(30)), 5, Reason.RETRIES_EXHAUSTED, 429);
        }
    }

    @Test
    void a_tenant_whose_quota_is_refused_for_long_does_not_delay_others() throws Exception {
        ContactKey other = new ContactKey(UUID.randomUUID(), key(5).customerId(), key(5).contactId());
        JTL.stub(anyContact()
                .withHeader("X-Tenant-ID", equalTo(FakeJtl.TENANT.toString()))
                .willReturn(error(429).withHeader("Retry-After", "600")));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            routes.halt(keys(4));

            assertThat(routes.enrich(other)).first().isInstanceOf(Outcome.Found.class);
            assertThat(routes.breakers.outages()).hasSize(1);
        }
    }

    @Test
    void a_429_for_one_window_is_waited_out_and_logged_once() throws Exception {
        for (int i = 0; i < 4; i++) {
            JTL.answers(key(i), error(429).withHeader("Retry-After", "1").withFixedDelay(50), FakeJtl.contact());
        }
        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start();
                CapturedLog log = new CapturedLog("de.contactsync.resilience.ClientLoop")) {
            assertThat(routes.enrich(key(9))).first().isInstanceOf(Outcome.Found.class);
            assertThat(routes.enrich(keys(4))).allMatch(Outcome.Found.class::isInstance);
            assertThat(log.lines()).hasSizeBetween(1, 2).allMatch(line -> line.contains("is spent: continuing in "));
            assertThat(routes.breakers.outages()).isEmpty();
        }
    }
}
