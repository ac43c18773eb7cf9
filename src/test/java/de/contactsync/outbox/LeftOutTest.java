package de.contactsync.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.model.DeliveryResult;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import de.contactsync.persistence.ChunkFixture;
import de.contactsync.persistence.EachDatabase;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;

/** Contacts that a setting or a rule keeps from a sink, and those that it has although it refused part of them. */
@ParameterizedClass
@EachDatabase
class LeftOutTest extends OutboxFixture {

    private static final DeliveryResult LEFT_OUT = new DeliveryResult.LeftOut("contacts.crm.mode=update-only");

    private List<DeliveryAudit.State> audited() {
        return new DeliveryAudit(database, "crm", clock)
                .next().stream().map(DeliveryAudit.Entry::state).toList();
    }

    private DeliveryQueries.Known known() {
        return new DeliveryQueries(database, "crm").of(ChunkFixture.key(1)).orElseThrow();
    }

    /** It counted as accepted, so that audit reported it missing. */
    @Test
    void a_contact_that_was_left_out_is_not_delivered_and_waits_for_a_change() {
        named(1, "Groß");
        recordResults(claim(100), LEFT_OUT);

        assertThat(audited()).containsExactly(DeliveryAudit.State.LEFT_OUT);
        assertThat(known().leftOut()).isEqualTo("contacts.crm.mode=update-only");
        assertThat(known().acceptedHash()).isNull();
        assertThat(known().recorded()).isFalse();
        assertThat(outbox.counts()).isEqualTo(new DeliveryCounts(0, 0, 0, 0, 1, 0));
        named(1, "Groß");
        assertThat(claim(100).deliveries()).isEmpty();

        named(1, "Klein");
        assertThat(audited()).containsExactly(DeliveryAudit.State.WAITING);
        recordResults(claim(100), accepted("501"));
        assertThat(audited()).containsExactly(DeliveryAudit.State.DELIVERED);
        assertThat(known().leftOut()).isNull();
    }

    @Test
    void an_earlier_delivery_counts_again_once_the_contact_is_as_it_was() {
        named(1, "Groß");
        recordResults(claim(100), accepted("501"));
        named(1, "Klein");
        recordResults(claim(100), LEFT_OUT);
        assertThat(audited()).containsExactly(DeliveryAudit.State.LEFT_OUT);
        assertThat(known().acceptedHash()).isEqualTo(ChunkFixture.named("Groß").contentHash());
        assertThat(test.rows("SELECT remote_id FROM delivery")).containsExactly("501");

        named(1, "Groß");
        assertThat(claim(100).deliveries()).isEmpty();
        assertThat(audited()).containsExactly(DeliveryAudit.State.DELIVERED);
    }

    /** A try without an answer is why a contact that JTL loses has to be removed: nobody knows whether it is there. */
    @Test
    void a_try_whose_answer_was_lost_is_not_forgotten() {
        named(1, "Groß");
        recordResults(claim(100), new DeliveryResult.Unsent());
        recordResults(claim(100), LEFT_OUT);

        assertThat(known().attempted()).isTrue();
        assertThat(known().isRemovedByRun()).isTrue();
    }

    @Test
    void the_dead_letter_of_one_that_was_refused_before_is_closed() {
        named(1, "Groß");
        recordResults(claim(100), refused());
        named(1, "Klein");
        recordResults(claim(100), LEFT_OUT);

        assertThat(test.rows("SELECT state FROM dead_letter")).containsExactly("replayed");
    }

    /** It counted as refused, and nobody compared it. */
    @Test
    void a_contact_that_only_lacks_its_company_link_is_audited_and_repaired() {
        named(1, "Groß");
        recordResults(
                claim(100),
                new DeliveryResult.Unlinked(
                        "501", new Outcome.Failed(Reason.SINK_REJECTED, 400, null, "no company", null, 1)));

        DeliveryAudit audit = new DeliveryAudit(database, "crm", clock);
        List<DeliveryAudit.Entry> entries = audit.next();
        assertThat(entries).extracting(DeliveryAudit.Entry::state).containsExactly(DeliveryAudit.State.DELIVERED);
        assertThat(audit.repair(List.of(entries.get(0).delivery()))).isEqualTo(1);
        assertThat(names(claim(100))).containsExactly("Groß");
    }

    @Test
    void a_removal_that_was_refused_is_still_refused() {
        Outbox taking = new Outbox(database, "crm", runs, clock, true, 1);
        named(1, "Groß");
        recordResults(claim(100), accepted("501"));
        database.inTransaction(connection -> {
            taking.enqueueMissing(connection, run, List.of(ChunkFixture.key(1)));
            return null;
        });
        taking.removeMissing(run, 1);
        recordResults(claim(100), refused());

        assertThat(audited()).containsExactly(DeliveryAudit.State.REFUSED);
    }
}
