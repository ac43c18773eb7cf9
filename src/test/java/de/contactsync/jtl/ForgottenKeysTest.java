package de.contactsync.jtl;

import static de.contactsync.jtl.FakeJtl.key;
import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.model.Outcome;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** JTL was asked for contacts that had been forgotten, and told of them in full, before nothing of that was stored. */
class ForgottenKeysTest {

    @Test
    void jtl_is_not_asked_for_a_contact_that_was_forgotten() throws Exception {
        try (FakeJtl jtl = new FakeJtl()) {
            jtl.reset();
            jtl.answers(key(1), FakeJtl.contact());
            jtl.answers(key(2), FakeJtl.contact());
            jtl.answers(key(3), FakeJtl.contact());
            try (ShippedRoutes routes = ShippedRoutes.before(jtl)
                    .bulkRead(false)
                    .forgotten(keys -> Set.of(key(2)))
                    .start()) {
                List<Outcome> outcomes = routes.enrich(key(1), key(2), key(3));

                assertThat(outcomes.get(1)).isSameAs(Outcome.FORGOTTEN);
                assertThat(List.of(outcomes.get(0), outcomes.get(2))).hasOnlyElementsOfType(Outcome.Found.class);
                assertThat(jtl.calls(key(2))).isEmpty();
            }
        }
    }
}
