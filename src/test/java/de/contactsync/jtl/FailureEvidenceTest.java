package de.contactsync.jtl;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which calls are held back while it is not known whether a failure concerns all keys. */
class FailureEvidenceTest {

    private final FailureEvidence evidence = new FailureEvidence();
    private final List<String> started = new ArrayList<>();

    private boolean hold(String call) {
        return evidence.hold(() -> started.add(call));
    }

    @Test
    void a_few_refusals_of_the_token_hold_back_further_calls_until_another_is_there() {
        evidence.awaitsToken(1);
        evidence.awaitsToken(2);
        assertThat(hold("first")).isFalse();
        evidence.awaitsToken(3);
        assertThat(hold("second")).isTrue();
        assertThat(hold("third")).isTrue();
        evidence.releaseHeld();
        assertThat(started).isEmpty();

        evidence.endsAwaitingToken();

        assertThat(started).containsExactly("second", "third");
        assertThat(hold("fourth")).isFalse();
    }

    /** A token that is refused for some only stays in use for the others. */
    @Test
    void a_key_that_passes_with_the_refused_token_shows_that_others_can_continue() {
        evidence.passed(0, FakeJtl.key(0));
        for (int began = 1; began <= 5; began++) {
            evidence.awaitsToken(began);
        }
        assertThat(hold("first")).isTrue();

        evidence.passed(2, FakeJtl.key(1));
        evidence.releaseHeld();

        assertThat(started).containsExactly("first");
        assertThat(hold("second")).isFalse();
    }
}
