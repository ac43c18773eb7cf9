package de.contactsync.jtl;

import static de.contactsync.jtl.FakeJtl.anyContact;
import static de.contactsync.jtl.FakeJtl.contact;
import static de.contactsync.jtl.FakeJtl.error;
import static de.contactsync.jtl.FakeJtl.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import de.contactsync.model.EnrichedChunk;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.MessageChunk;
import de.contactsync.model.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A contact that JTL is asked about again and again, because it is to be removed from a sink. */
@Timeout(60)
class RecheckTest {

    @RegisterExtension
    static final FakeJtl JTL = new FakeJtl();
    /** More than what opens a breaker. */
    private static final int TIMES = 25;

    private static Outcome recheck(ShippedRoutes routes) {
        return routes.producer()
                .requestBody(
                        "direct:enrich",
                        MessageChunk.recheck(List.of(new KeyEntry.Valid(1, key(1))), List.of("1")),
                        EnrichedChunk.class)
                .outcomes()
                .get(0);
    }

    static Stream<ResponseDefinitionBuilder> failures() {
        return Stream.of(error(500), error(503), error(403), error(402), error(401));
    }

    /** Once, a single contact that failed whenever it was asked for kept all others of its tenant waiting. */
    @ParameterizedTest
    @Tag("slow")
    @MethodSource("failures")
    void however_often_it_fails_its_tenant_is_not_taken_for_unavailable(ResponseDefinitionBuilder failure)
            throws Exception {
        JTL.stub(anyContact().willReturn(failure));
        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            for (int i = 0; i < TIMES; i++) {
                assertThat(recheck(routes)).isInstanceOf(Outcome.Failed.class);
                assertThat(routes.breakers.outages()).isEmpty();
            }
            JTL.reset();
            assertThat(recheck(routes)).isInstanceOf(Outcome.Found.class);
        }
    }

    @Test
    @Tag("slow")
    void that_it_is_not_answered_is_not_taken_for_an_outage_either() throws Exception {
        try (ShippedRoutes routes = ShippedRoutes.before(JTL)
                .quiet(Duration.ofSeconds(1))
                .maxAttempts(1)
                .responseTimeout(Duration.ofSeconds(3))
                .start()) {
            // The first call, and the first token, may take longer than a tenant is waited for.
            await().ignoreExceptions().until(() -> routes.enrich(key(2)).size() == 1);
            JTL.stub(anyContact().willReturn(contact().withFixedDelay(10_000)));
            assertThat(recheck(routes)).isInstanceOf(Outcome.Failed.class);
            assertThat(routes.breakers.outages()).isEmpty();
        }
    }
}
