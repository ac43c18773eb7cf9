package de.contactsync.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.model.ContactKey;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryBatch;
import de.contactsync.model.DeliveryReport;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.EnrichedChunk;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import de.contactsync.model.RunChunk;
import de.contactsync.persistence.ChunkFixture;
import de.contactsync.persistence.ChunkStore;
import de.contactsync.persistence.EachDatabase;
import de.contactsync.persistence.Run;
import de.contactsync.persistence.RunLease;
import de.contactsync.persistence.RunStore;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of contacts that JTL has no longer. */
@ParameterizedClass
@EachDatabase
class OutboxGoneTest extends OutboxFixture {

    private Outbox removing(double mostGone) {
        Outbox taking = new Outbox(database, "crm", runs, clock, true, mostGone);
        runs.addOutbox(taking);
        store = new ChunkStore(database, runs, clock, taking);
        return taking;
    }

    private void notFound(int number) {
        store.commit(ChunkFixture.failed(
                run, chunk++, new KeyEntry.Valid(number, ChunkFixture.key(number)), ChunkFixture.notFound()));
    }

    @Test
    void what_jtl_has_no_longer_is_removed_when_the_run_ends() {
        Outbox taking = removing(0.5);
        named(1, "Groß");
        named(2, "Klein");
        recordResults(claim(100), accepted("501"), accepted("502"));
        notFound(1);
        notFound(3);
        assertThat(claim(100).deliveries()).as("not before the run ends").isEmpty();

        runs.finish(run, 4);
        DeliveryBatch batch = claim(100);
        assertThat(batch.deliveries()).singleElement().satisfies(delivery -> {
            assertThat(delivery.gone()).isTrue();
            assertThat(delivery.key()).isEqualTo(ChunkFixture.key(1));
            assertThat(delivery.remoteId()).isEqualTo("501");
        });
        taking.recordResults(new DeliveryReport(batch, List.of(accepted(null))));
        assertThat(test.rows("SELECT state, remote_id FROM delivery WHERE state <> 'delivered'"))
                .as("the record that was" + " deleted must not be written to once the contact is back")
                .containsExactly("gone|∅");
        assertThat(taking.counts()).isEqualTo(new DeliveryCounts(0, 0, 1, 0, 0, 0));
        assertThat(claim(100).deliveries()).isEmpty();

        run = ((RunLease.Granted) runs.claim("file", "more.csv", "other", 500))
                .run()
                .id();
        named(1, "Groß");
        assertThat(names(claim(100))).as("back at JTL").containsExactly("Groß");
    }

    /** As after a restart with other settings. */
    private RunLease restarted(double mostGone) {
        clock.advance(Duration.ofMinutes(1));
        runs = test.closing(new RunStore(database, clock));
        removing(mostGone);
        return runs.claim("file", "keys.csv", "hash", 500);
    }

    @Test
    void where_too_many_are_gone_the_run_halts_and_says_what_to_set() {
        removing(0);
        named(1, "Groß");
        recordResults(claim(100), accepted("501"));
        notFound(1);

        Run halted = runs.finish(run, 2);
        assertThat(halted.haltedAtEnd()).isTrue();
        assertThat(halted.haltReason())
                .contains("1 contacts of 2 records", "contacts.max-gone-share=50%", "contacts.on-gone=keep");
        assertThat(claim(100).deliveries()).isEmpty();
        assertThat(test.one("SELECT state, total, done, not_found FROM import_run"))
                .isEqualTo("halted|2|2|1");
    }

    @Test
    void a_run_halted_for_too_many_missing_restarts_from_the_beginning() {
        removing(0);
        named(1, "Groß");
        named(2, "Klein");
        recordResults(claim(100), accepted("501"), accepted("502"));
        notFound(1);
        notFound(2);
        assertThat(runs.finish(run, 4).haltedAtEnd()).isTrue();
        assertThat(runs.claim("file", "keys.csv", "hash", 500))
                .as("not again and again")
                .isInstanceOf(RunLease.Busy.class);

        RunLease.Granted again = (RunLease.Granted) restarted(0.5);
        assertThat(again.run().id()).isEqualTo(run);
        assertThat(again.resumed()).isFalse();
        assertThat(again.doneChunks().isEmpty()).isTrue();
        assertThat(test.count("dead_letter")).isZero();
        chunk = 0;
        named(1, "Groß");
        notFound(2);
        Run finished = runs.finish(run, 2);
        assertThat(finished.isReconciled()).isTrue();
        assertThat(finished.state()).isEqualTo(Run.State.FINISHED);
        assertThat(claim(100).deliveries()).extracting(Delivery::remoteId).containsExactly("502");
    }

    @Test
    void just_as_many_as_may_be_gone_are_removed() {
        for (double share : new double[] {0.07, 0.29, 0.58}) {
            assertThat(Removals.tooMany((int) Math.round(share * 100), 100, share))
                    .isFalse();
            assertThat(Removals.tooMany((int) Math.round(share * 100) + 1, 100, share))
                    .isTrue();
        }
    }

    /** Customers that are merged in JTL-Wawi move their contacts; none of them is removed, and they halted the run. */
    @Test
    void those_that_jtl_has_under_another_customer_are_not_counted_as_gone() {
        removing(0);
        named(1, "Groß");
        recordResults(claim(100), accepted("501"));
        notFound(1);
        ContactKey moved = new ContactKey(
                ChunkFixture.TENANT, new UUID(0xC1, 1), ChunkFixture.key(1).contactId());
        store.commit(ChunkFixture.found(run, chunk++, moved, ChunkFixture.named("Groß")));

        assertThat(runs.finish(run, 3).haltedAtEnd()).isFalse();
        assertThat(test.rows("SELECT state FROM delivery ORDER BY customer_id")).containsExactly("gone", "pending");
    }

    /** One contact of a file of ten once halted the run for good. */
    @Test
    void a_few_may_be_gone_however_small_the_run_unless_none_may_be() {
        assertThat(Removals.tooMany(1, 10, 0.05)).isFalse();
        assertThat(Removals.tooMany(5, 5, 0.05)).isFalse();
        assertThat(Removals.tooMany(6, 10, 0.05)).isTrue();
        assertThat(Removals.tooMany(1, 10, 0)).isTrue();
    }

    @Test
    void what_is_found_again_before_the_run_ends_is_not_removed() {
        removing(1);
        named(1, "Groß");
        recordResults(claim(100), accepted("501"));
        notFound(1);
        named(1, "Groß");
        runs.finish(run, 3);

        assertThat(claim(100).deliveries()).isEmpty();
        assertThat(test.rows("SELECT state, missing_in FROM delivery")).containsExactly("delivered|∅");
    }

    @Test
    void a_sink_that_keeps_what_is_gone_is_sent_nothing() {
        named(1, "Groß");
        recordResults(claim(100), accepted("501"));
        runs.addOutbox(outbox);
        notFound(1);
        runs.finish(run, 2);

        assertThat(claim(100).deliveries()).isEmpty();
    }

    @Test
    void a_contact_that_moved_to_another_customer_is_not_removed() {
        removing(0.5);
        ContactKey moved = new ContactKey(
                ChunkFixture.TENANT, new UUID(0xC0, 99), ChunkFixture.key(1).contactId());
        named(1, "Groß");
        recordResults(claim(100), accepted("501"));
        notFound(1);
        store.commit(ChunkFixture.found(run, chunk++, moved, ChunkFixture.named("Groß")));
        recordResults(claim(100), accepted("501"));
        runs.finish(run, 3);

        assertThat(claim(100).deliveries()).isEmpty();
        assertThat(test.rows("SELECT customer_id, state, missing_in FROM delivery ORDER BY customer_id"))
                .containsExactly(ChunkFixture.key(1).customerId() + "|gone|∅", moved.customerId() + "|delivered|∅");
    }

    private static DeliveryResult withoutEmail() {
        return new DeliveryResult.WithoutEmail(
                "501", new Outcome.Failed(Reason.SINK_REJECTED, 409, "CONFLICT", "the address is another's", null, 1));
    }

    /** They stayed open for ever, since nobody asks for the former customer again. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void dead_letters_of_a_contact_that_moved_end_when_it_is_delivered_or_missed_there(boolean delivered) {
        removing(0.5);
        ContactKey moved = new ContactKey(
                ChunkFixture.TENANT, new UUID(0xC0, 99), ChunkFixture.key(1).contactId());
        named(1, "Groß");
        recordResults(claim(100), withoutEmail());
        assertThat(test.rows("SELECT stage, state FROM dead_letter")).containsExactly("sink:crm:email|open");
        if (!delivered) {
            notFound(1);
        }
        store.commit(ChunkFixture.found(run, chunk++, moved, ChunkFixture.named("Groß")));
        recordResults(claim(100), delivered ? accepted("501") : withoutEmail());
        if (!delivered) {
            runs.finish(run, 3);
        }
        assertThat(test.rows("SELECT customer_id, state FROM dead_letter WHERE stage LIKE 'sink%' ORDER BY id"))
                .containsExactlyElementsOf(
                        delivered
                                ? List.of(ChunkFixture.key(1).customerId() + "|replayed")
                                : List.of(
                                        ChunkFixture.key(1).customerId() + "|replayed", moved.customerId() + "|open"));
    }

    /** The former customer is asked for by no list any more, and the new one does not get the address either. */
    @Test
    void the_dead_letter_of_a_contact_that_moved_is_the_one_of_its_new_customer() {
        removing(0.5);
        ContactKey moved = new ContactKey(
                ChunkFixture.TENANT, new UUID(0xC0, 99), ChunkFixture.key(1).contactId());
        named(1, "Groß");
        recordResults(claim(100), withoutEmail());
        store.commit(ChunkFixture.found(run, chunk++, moved, ChunkFixture.named("Groß")));
        recordResults(claim(100), withoutEmail());

        assertThat(test.rows("SELECT customer_id, state FROM dead_letter ORDER BY id"))
                .containsExactly(ChunkFixture.key(1).customerId() + "|replayed", moved.customerId() + "|open");
    }

    /** It counted as removed, and whoever asked for it was told that it had been deleted. */
    @Test
    void what_had_no_record_when_it_was_to_be_removed_counts_apart() {
        Outbox taking = removing(0.5);
        named(1, "Groß");
        recordResults(claim(100), accepted("501"));
        notFound(1);
        runs.finish(run, 2);
        taking.recordResults(new DeliveryReport(claim(100), List.of(new DeliveryResult.Absent())));

        assertThat(taking.counts()).isEqualTo(new DeliveryCounts(0, 0, 0, 0, 0, 1));
        assertThat(test.rows("SELECT state, remote_id, delivered_at FROM delivery"))
                .containsExactly("gone|∅|∅");
    }

    /** The older version was sent as well, perhaps as the last, and both counted. */
    @Test
    void to_send_all_once_more_sends_a_contact_that_moved_as_its_new_customer_has_it() {
        Outbox taking = removing(0.5);
        ContactKey moved = new ContactKey(
                ChunkFixture.TENANT, new UUID(0xC0, 99), ChunkFixture.key(1).contactId());
        store.commit(asked(ChunkFixture.key(1), "Alt", 100));
        recordResults(claim(100), accepted("501"));
        store.commit(asked(moved, "Neu", 200));
        recordResults(claim(100), accepted("501"));
        taking.enqueueAll();
        assertThat(names(claim(100))).containsExactly("Neu");
    }

    private EnrichedChunk asked(ContactKey key, String lastName, long askedAt) {
        return new EnrichedChunk(
                new RunChunk(run, chunk++, List.of(new KeyEntry.Valid(1, key)), 0),
                List.of(new Outcome.Found(ChunkFixture.named(lastName), askedAt)));
    }

    @Test
    void one_contact_of_two_customers_counts_once_and_what_was_left_out_has_its_own_count() {
        Outbox taking = removing(0.5);
        ContactKey also = new ContactKey(
                ChunkFixture.TENANT, new UUID(0xC0, 99), ChunkFixture.key(1).contactId());
        named(1, "Groß");
        store.commit(ChunkFixture.found(run, chunk++, also, ChunkFixture.named("Groß")));
        named(2, "Klein");
        DeliveryBatch batch = claim(100);
        taking.recordResults(new DeliveryReport(
                batch,
                batch.deliveries().stream()
                        .map(delivery -> delivery.key().equals(ChunkFixture.key(2))
                                ? new DeliveryResult.LeftOut("contacts.crm.mode=update-only")
                                : accepted("501"))
                        .toList()));
        assertThat(taking.counts()).isEqualTo(new DeliveryCounts(1, 0, 0, 0, 1, 0));
        assertThat(test.rows("SELECT DISTINCT state FROM delivery")).containsExactly("delivered");
    }

    @Test
    void what_is_gone_under_both_of_its_customers_is_removed() {
        removing(1);
        ContactKey moved = new ContactKey(
                ChunkFixture.TENANT, new UUID(0xC0, 99), ChunkFixture.key(1).contactId());
        named(1, "Groß");
        store.commit(ChunkFixture.found(run, chunk++, moved, ChunkFixture.named("Groß")));
        recordResults(claim(100), accepted("501"), accepted("501"));
        notFound(1);
        store.commit(ChunkFixture.failed(run, chunk++, new KeyEntry.Valid(9, moved), ChunkFixture.notFound()));
        runs.finish(run, 4);

        assertThat(claim(100).deliveries()).hasSize(2).allMatch(Delivery::gone);
    }

    @Test
    void to_send_all_once_more_brings_nothing_back_that_is_gone_or_missing() {
        Outbox taking = removing(1);
        named(1, "Groß");
        named(2, "Klein");
        named(3, "Lang");
        recordResults(claim(100), accepted("501"), accepted("502"), accepted("503"));
        notFound(1);
        runs.finish(run, 4);
        recordResults(claim(100), accepted(null));
        run = ((RunLease.Granted) runs.claim("file", "more.csv", "other", 500))
                .run()
                .id();
        notFound(2);

        taking.enqueueAll();
        recordResults(claim(100), accepted(null), accepted(null));
        assertThat(claim(100).deliveries()).isEmpty();
        assertThat(test.rows("SELECT state, remote_id FROM delivery WHERE state = 'gone'"))
                .containsExactly("gone|∅");
        runs.finish(run, 1);
        assertThat(claim(100).deliveries()).extracting(Delivery::remoteId).containsExactly("502");
    }

    @Test
    void what_the_sink_was_never_sent_is_not_sent_once_jtl_has_it_no_longer() {
        removing(0);
        named(1, "Groß");
        notFound(1);
        assertThat(claim(100).deliveries()).isEmpty();
        assertThat(test.rows("SELECT state, wanted_hash FROM delivery")).containsExactly("gone|∅");

        named(1, "Groß");
        assertThat(names(claim(100))).as("back at JTL").containsExactly("Groß");
    }

    @Test
    void a_sink_that_keeps_what_is_gone_is_sent_also_what_it_never_had() {
        named(1, "Groß");
        notFound(1);

        assertThat(names(claim(100))).containsExactly("Groß");
    }

    @Test
    void a_run_that_does_not_add_up_takes_nothing_back() {
        removing(1);
        named(1, "Groß");
        recordResults(claim(100), accepted("501"));
        notFound(1);

        assertThat(runs.finish(run, 5).isReconciled()).isFalse();
        assertThat(claim(100).deliveries()).isEmpty();
        runs.finish(run, 2);
        assertThat(claim(100).deliveries()).hasSize(1);
    }

    @Test
    void the_dead_letter_of_a_refused_removal_ends_when_the_contact_is_delivered_again() {
        removing(1);
        named(1, "Groß");
        recordResults(claim(100), accepted("501"));
        notFound(1);
        runs.finish(run, 2);
        recordResults(claim(100), refused());
        assertThat(test.rows("SELECT state FROM dead_letter WHERE stage = 'sink:crm'"))
                .containsExactly("open");

        run = ((RunLease.Granted) runs.claim("file", "more.csv", "other", 500))
                .run()
                .id();
        named(1, "Größer");
        recordResults(claim(100), accepted(null));
        assertThat(test.rows("SELECT state FROM dead_letter WHERE stage = 'sink:crm'"))
                .containsExactly("replayed");
        assertThat(test.rows("SELECT state, refused_hash FROM delivery")).containsExactly("delivered|∅");
    }
}
