package de.contactsync.jtl;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static de.contactsync.jtl.FakeJtl.contact;
import static de.contactsync.jtl.FakeJtl.error;
import static de.contactsync.jtl.FakeJtl.key;
import static de.contactsync.jtl.FakeJtl.keys;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.http.Fault;
import com.github.tomakehurst.wiremock.stubbing.ServeEvent;
import de.contactsync.model.ContactKey;
import de.contactsync.model.CustomerContact;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import de.contactsync.resilience.Backoff;
import java.time.Duration;
import java.util.Comparator;
import java.util.Date;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Chunks through the shipped route enrich: what is retried, after which wait, and at whose cost. */
@Timeout(30)
class ContactLookupServiceTest {

    @RegisterExtension
    static final FakeJtl JTL = new FakeJtl();

    private static final Duration LONG = Duration.ofSeconds(20);

    private static void assertFound(Outcome outcome) {
        assertThat(outcome)
                .isEqualTo(new Outcome.Found(new CustomerContact(null, null, "Anna", null, null, null, null, "")));
    }

    private static Outcome.Failed failed(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Failed.class);
        return (Outcome.Failed) outcome;
    }

    private static Duration between(ServeEvent first, ServeEvent second) {
        return Duration.between(
                first.getRequest().getLoggedDate().toInstant(),
                second.getRequest().getLoggedDate().toInstant());
    }

    @Test
    void each_outcome_stands_where_its_entry_stands() throws Exception {
        JTL.answers(key(2), error(404));
        JTL.answers(key(4), error(400));
        List<KeyEntry> entries = List.of(
                new KeyEntry.Valid(1, key(1)),
                new KeyEntry.Valid(2, key(2)),
                new KeyEntry.Invalid(3, "raw", "no uuid"),
                new KeyEntry.Valid(4, key(4)),
                new KeyEntry.Valid(5, key(5)));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            List<Outcome> outcomes = routes.enrich(entries);

            assertFound(outcomes.get(0));
            assertThat(failed(outcomes.get(1)).reason()).isEqualTo(Reason.NOT_FOUND);
            assertThat(outcomes.get(2))
                    .isEqualTo(new Outcome.Failed(Reason.INVALID_KEY, null, null, "no uuid", null, 0));
            assertThat(failed(outcomes.get(3)).reason()).isEqualTo(Reason.REJECTED);
            assertFound(outcomes.get(4));
            assertThat(JTL.calls()).hasSize(4);
        }
    }

    @Test
    void a_chunk_without_a_key_asks_nothing() throws Exception {
        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            assertThat(routes.enrich(List.of(new KeyEntry.Invalid(1, "raw", "no uuid"))))
                    .hasSize(1);
            assertThat(routes.enrich()).isEmpty();
            assertThat(JTL.calls()).isEmpty();
            assertThat(JTL.tokenRequests()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {408, 500, 501, 502, 503, 504, 599})
    void a_status_that_passes_is_asked_again_until_it_has_passed(int status) throws Exception {
        JTL.answers(key(1), error(status), error(status), contact());

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            assertFound(routes.enrich(key(1)).get(0));
            assertThat(JTL.calls(key(1))).hasSize(3);
        }
    }

    @ParameterizedTest
    @EnumSource(value = Fault.class)
    void a_broken_connection_is_asked_again(Fault fault) throws Exception {
        JTL.answers(key(1), aResponse().withFault(fault), contact());

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            assertFound(routes.enrich(key(1)).get(0));
            assertThat(JTL.calls(key(1))).hasSize(2);
        }
    }

    @Test
    void calls_that_failed_before_are_counted_with_the_one_that_decides() throws Exception {
        JTL.answers(key(1), error(503), aResponse().withFault(Fault.EMPTY_RESPONSE), error(404));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            assertThat(failed(routes.enrich(key(1)).get(0)).attempts()).isEqualTo(3);
        }
    }

    @Test
    void waits_grow_from_try_to_try() throws Exception {
        JTL.answers(key(1), error(503), error(503), contact());
        Backoff backoff = new Backoff(Duration.ofMillis(200), LONG);

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).backoff(backoff).start()) {
            routes.enrich(key(1));

            List<ServeEvent> calls = JTL.calls(key(1));
            assertThat(between(calls.get(0), calls.get(1))).isGreaterThanOrEqualTo(Duration.ofMillis(99));
            assertThat(between(calls.get(1), calls.get(2))).isGreaterThanOrEqualTo(Duration.ofMillis(199));
        }
    }

    @ParameterizedTest
    @Tag("slow")
    @ValueSource(strings = {"1", "Thu, 01 Jan 2026 12:00:01 GMT"})
    void the_wait_that_jtl_asks_for_is_kept(String retryAfter) throws Exception {
        JTL.answers(
                key(1),
                error(503).withHeader("Retry-After", retryAfter).withHeader("Date", "Thu, 01 Jan 2026 12:00:00 GMT"),
                contact());

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            assertFound(routes.enrich(key(1)).get(0));
            List<ServeEvent> calls = JTL.calls(key(1));
            assertThat(between(calls.get(0), calls.get(1))).isBetween(Duration.ofMillis(999), Duration.ofSeconds(10));
        }
    }

    /** Once, an import that was to wait for a minute at most waited for ten. */
    @Test
    void a_key_waits_no_longer_than_all_may_wait_whatever_jtl_asks_for() throws Exception {
        JTL.answers(key(1), error(503).withHeader("Retry-After", "600"), contact());

        try (ShippedRoutes routes =
                ShippedRoutes.before(JTL).longestWait(Duration.ofMillis(50)).start()) {
            assertFound(routes.enrich(key(1)).get(0));
        }
    }

    @Test
    void a_retry_after_of_nothing_does_not_burn_all_tries_at_once() throws Exception {
        ResponseDefinitionBuilder atOnce = error(503).withHeader("Retry-After", "0");
        JTL.answers(key(1), atOnce, contact());
        Backoff backoff = new Backoff(Duration.ofMillis(300), LONG);

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).backoff(backoff).start()) {
            assertFound(routes.enrich(key(1)).get(0));
            List<ServeEvent> calls = JTL.calls(key(1));
            assertThat(between(calls.get(0), calls.get(1))).isGreaterThanOrEqualTo(Duration.ofMillis(149));
        }
    }

    @Test
    void a_spent_quota_costs_no_attempt() throws Exception {
        JTL.answers(key(1), error(429), error(429), error(503), error(429), error(404));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).maxAttempts(2).start()) {
            Outcome.Failed outcome = failed(routes.enrich(key(1)).get(0));

            assertThat(outcome.reason()).isEqualTo(Reason.NOT_FOUND);
            assertThat(outcome.attempts()).isEqualTo(2);
            assertThat(JTL.calls(key(1))).hasSize(5);
        }
    }

    @Test
    @Tag("slow")
    void a_spent_quota_pauses_all_keys_of_the_tenant_and_no_others() throws Exception {
        JTL.answers(key(0), error(429).withHeader("Retry-After", "1"), contact());
        ContactKey otherTenant = new ContactKey(new UUID(3, 3), key(1).customerId(), new UUID(5, 5));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).concurrency(1).start()) {
            routes.enrich(key(0), key(1), key(2), otherTenant).forEach(ContactLookupServiceTest::assertFound);

            List<ServeEvent> calls = JTL.calls();
            assertThat(calls).hasSize(5);
            assertThat(calls.get(0).getRequest().getUrl()).isEqualTo(FakeJtl.path(key(0)));
            assertThat(calls.get(1).getRequest().getUrl()).isEqualTo(FakeJtl.path(otherTenant));
            assertThat(between(calls.get(0), calls.get(2))).isGreaterThanOrEqualTo(Duration.ofMillis(999));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "Thu, 01 Jan 1970 00:00:00 GMT", "soon"})
    void a_spent_quota_that_names_no_time_pauses_nonetheless(String retryAfter) throws Exception {
        ResponseDefinitionBuilder spent = error(429).withHeader("Retry-After", retryAfter);
        JTL.answers(key(1), spent, spent, spent, contact());
        Backoff backoff = new Backoff(LONG, LONG);

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).backoff(backoff).start()) {
            assertFound(routes.enrich(key(1)).get(0));
            List<ServeEvent> calls = JTL.calls(key(1));
            assertThat(calls).hasSize(4);
            assertThat(between(calls.get(0), calls.get(3))).isGreaterThanOrEqualTo(Duration.ofMillis(299));
        }
    }

    @Test
    void a_refused_token_is_replaced_once_and_the_key_asked_once_more() throws Exception {
        JTL.stub(FakeJtl.anyContact()
                .withHeader("Authorization", com.github.tomakehurst.wiremock.client.WireMock.equalTo("Bearer token-1"))
                .willReturn(error(401)));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).concurrency(8).start()) {
            routes.enrich(keys(40)).forEach(ContactLookupServiceTest::assertFound);

            assertThat(JTL.tokenRequests()).isEqualTo(2);
            for (ContactKey key : keys(40)) {
                assertThat(JTL.calls(key)).hasSizeLessThanOrEqualTo(2);
                assertThat(JTL.calls(key)
                                .get(JTL.calls(key).size() - 1)
                                .getRequest()
                                .getHeader("Authorization"))
                        .isEqualTo("Bearer token-2");
            }
            // Others continue with the old token until the new one is there: then as many as were in flight.
            Date renewed = JTL.calls().stream()
                    .filter(call -> "Bearer token-2".equals(call.getRequest().getHeader("Authorization")))
                    .map(call -> call.getRequest().getLoggedDate())
                    .min(Comparator.naturalOrder())
                    .orElseThrow();
            assertThat(JTL.calls().stream()
                            .filter(call -> call.getRequest().getLoggedDate().after(renewed)
                                    && "Bearer token-1".equals(call.getRequest().getHeader("Authorization"))))
                    .hasSizeLessThanOrEqualTo(8);
        }
    }

    @Test
    void keys_that_are_refused_while_others_pass_are_rejected_without_a_storm_of_tokens() throws Exception {
        for (int i = 0; i < 40; i += 4) {
            JTL.answers(key(i), error(401));
        }
        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            List<Outcome> outcomes = routes.enrich(keys(40));

            for (int i = 0; i < 40; i++) {
                if (i % 4 == 0) {
                    Outcome.Failed failed = failed(outcomes.get(i));
                    assertThat(failed.reason()).isEqualTo(Reason.REJECTED);
                    assertThat(failed.httpStatus()).isEqualTo(401);
                    assertThat(failed.errorMessage()).contains("words of JTL");
                    assertThat(JTL.calls(key(i))).hasSize(failed.attempts()).hasSizeBetween(1, 2);
                } else {
                    assertFound(outcomes.get(i));
                    assertThat(JTL.calls(key(i))).hasSize(1);
                }
            }
            assertThat(JTL.tokenRequests()).isEqualTo(2);
        }
    }
}
