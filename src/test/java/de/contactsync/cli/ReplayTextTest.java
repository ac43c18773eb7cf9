package de.contactsync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.model.Reason;
import de.contactsync.persistence.DeadLetterQueries.Kind;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What {@code replay} says of each kind of dead letter. */
class ReplayTextTest {

    private static final Map<String, String> SINKS = Map.of("teams", "route:teams", "second", "the CRM second");

    private static String of(String stage, boolean keyed, Map<String, String> sinks) {
        return ReplayText.of(List.of(new Kind("delivery", stage, Reason.SINK_REJECTED, keyed, 1)), sinks);
    }

    /** Of every sink but crm it said that contacts.sinks did not name it, which sent people to the wrong setting. */
    @Test
    void each_sink_is_named_by_what_configures_it() {
        assertThat(of("sink:teams", true, SINKS)).endsWith("is sent to route:teams again");
        assertThat(of("sink:second:email", true, SINKS))
                .endsWith("is sent to the CRM second again, with its e-mail address if that is accepted by now");
        assertThat(of("sink:crm", true, Map.of("crm", "the CRM"))).endsWith("is sent to the CRM again");
        assertThat(of("sink:crm:company", true, SINKS)).endsWith("stays: contacts.sinks does not name crm");
        assertThat(of("sink:third", true, SINKS))
                .contains("contacts.sinks names route:third", "crm with contacts.crm.name=third");
        assertThat(of("sink:teams", false, SINKS)).endsWith("stays: without a contact key");
    }
}
