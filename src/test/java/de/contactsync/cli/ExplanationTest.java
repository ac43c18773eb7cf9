package de.contactsync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.model.Chunk;
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
import de.contactsync.outbox.ContactHistory;
import de.contactsync.outbox.Outbox;
import de.contactsync.outbox.OutboxFixture;
import de.contactsync.persistence.ChunkFixture;
import de.contactsync.persistence.ChunkStore;
import de.contactsync.persistence.EachDatabase;
import de.contactsync.persistence.Erasure;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;

/** What became of a contact, as the tables of either database say it. */
@ParameterizedClass
@EachDatabase
class ExplanationTest extends OutboxFixture {

    private static final ContactKey KEY = ChunkFixture.key(1);

    private Explanation explanation() {
        ContactHistory history = new ContactHistory(database);
        boolean forgotten = !new Erasure(database, clock).among(List.of(KEY)).isEmpty();
        return new Explanation(
                forgotten,
                history.stored(KEY),
                history.deliveries(KEY),
                history.deadLetters(KEY),
                Map.of("crm", List.of("lastname", "phone")));
    }

    @Test
    void fields_that_were_sent_and_those_that_people_have_changed_are_named() {
        named(1, "Groß");
        DeliveryBatch batch = claim(1);
        new Outbox(database, "crm", runs, clock)
                .recordResults(new DeliveryReport(
                        batch,
                        List.of(accepted("7")),
                        Set.of(),
                        Map.of(batch.deliveries().get(0), "lastname=01\nphone=!23\n")));

        assertThat(explanation().text())
                .contains("was sent its fields lastname, phone; edited by people there, and preserved: phone")
                .doesNotContain("Groß");
    }

    @Test
    void of_a_contact_that_nobody_has_named_nothing_is_known() {
        named(2, "Klein");

        assertThat(explanation().isEmpty()).isTrue();
        assertThat(explanation().text()).startsWith("Nothing         is known about this contact");
    }

    @Test
    void a_contact_that_waits_is_delivered_refused_and_changed_is_explained_at_each_step() {
        named(1, "Groß");
        assertThat(explanation().text())
                .contains("JTL             stored since 2026-03-01T10:00:00Z, as it is since 2026-03-01T10:00:00Z")
                .contains("Sink crm        to be sent, waiting since 2026-03-01T10:00:00Z; never accepted")
                .doesNotContain("Groß");

        recordResults(claim(1), accepted("record-7"));
        assertThat(explanation().text())
                .contains("Sink crm        has it as stored; accepted last at 2026-03-01T10:00:00Z; record record-7")
                .doesNotContain("Dead letter");

        clock.advance(Duration.ofHours(1));
        named(1, "Größer");
        recordResults(claim(1), refused());
        assertThat(explanation().text())
                .contains("as it is since 2026-03-01T11:00:00Z")
                .contains("rejected in its current state, see the dead letter; accepted last at 2026-03-01T10:00:00Z")
                .contains("Dead letter     2026-03-01T11:00:00Z, open: sink:crm sink-rejected 400, refused");
    }

    /** Once, the sink was said to have perhaps got the removal, of which it was never told. */
    @Test
    void of_a_removal_that_jtl_does_not_confirm_it_says_what_is_waited_for() {
        Outbox taking = new Outbox(database, "crm", runs, clock, true, 1);
        runs.addOutbox(taking);
        store = new ChunkStore(database, runs, clock, taking);
        named(1, "Groß");
        recordResults(claim(1), accepted("record-7"));
        store.commit(ChunkFixture.failed(run, chunk++, new KeyEntry.Valid(2, KEY), ChunkFixture.notFound()));
        runs.finish(run, 2);
        Delivery removal = taking.claim(1, Duration.ZERO).deliveries().get(0);
        taking.recordConfirmations(List.of(), Map.of(removal, "HTTP 500, JTL failed"), false);
        taking.release();

        assertThat(explanation().text())
                .contains("to be removed, waiting since 2026-03-01T10:00:00Z for JTL to confirm that it no longer has")
                .contains("the last look-up returned \"HTTP 500, JTL failed\"", "The look-up is repeated")
                .doesNotContain("the sink may have it");

        removal = taking.claim(1, Duration.ZERO).deliveries().get(0);
        taking.recordConfirmations(List.of(removal), Map.of(), false);
        assertThat(explanation().text())
                .contains("being sent by", "tried 1 time ")
                .doesNotContain("JTL failed");
    }

    /** It was said to be refused, though the sink had it. */
    @Test
    void a_contact_that_lacks_only_its_address_is_there() {
        named(1, "Groß");
        recordResults(
                claim(1),
                new DeliveryResult.WithoutEmail(
                        "501",
                        new Outcome.Failed(Reason.SINK_REJECTED, 409, "CONFLICT", "address of another", null, 1)));

        assertThat(explanation().text())
                .contains(
                        "Sink crm        has it as stored, except for its e-mail address, which another record has; see"
                                + " the dead letter; accepted last at 2026-03-01T10:00:00Z; record 501")
                .contains("open: sink:crm:email sink-rejected 409, address of another");
    }

    @Test
    void a_key_that_jtl_does_not_know_is_explained_by_its_dead_letter_with_its_place() {
        store.commit(ChunkFixture.failed(run, chunk, new KeyEntry.Valid(77, KEY), ChunkFixture.notFound()));

        assertThat(explanation().text())
                .contains("JTL             never stored; last looked up at 2026-03-01T10:00:00Z, not-found")
                .contains("open: jtl not-found 404")
                .contains("from keys.csv, record 77 (run " + run + ")");
    }

    private static long micros(String time) {
        return Instant.parse(time).toEpochMilli() * 1_000;
    }

    private void commit(Outcome outcome, String askedAt) {
        Chunk one = new RunChunk(run, chunk, List.of(new KeyEntry.Valid(++chunk, KEY)), 0);
        store.commit(new EnrichedChunk(one, List.of(outcome.withAskedAt(micros(askedAt)))));
    }

    /** Once it named the times when outcomes were written, and so an older contact as confirmed after the newer 404. */
    @Test
    void answers_are_listed_in_the_order_of_their_calls() {
        Outcome found = new Outcome.Found(ChunkFixture.named("Groß"));
        Outcome failed = new Outcome.Failed(Reason.RETRIES_EXHAUSTED, 500, null, "no", null, 5);
        commit(failed, "2026-03-01T09:50:00Z");
        commit(found, "2026-03-01T09:40:00Z");

        assertThat(explanation().text())
                .contains("last confirmed by JTL at 2026-03-01T09:40:00Z")
                .contains("Dead letter     2026-03-01T09:50:00Z, open: jtl retries-exhausted 500");

        commit(ChunkFixture.notFound(), "2026-03-01T09:59:00Z");
        commit(ChunkFixture.notFound(), "2026-03-01T09:58:00Z");

        assertThat(explanation().text())
                .contains("as it is since 2026-03-01T10:00:00Z; last looked up at 2026-03-01T09:59:00Z, not-found")
                .doesNotContain("confirmed")
                .containsSubsequence(
                        "2026-03-01T09:59:00Z, open: jtl not-found",
                        "2026-03-01T09:58:00Z, replayed: jtl not-found",
                        "2026-03-01T09:50:00Z, open: jtl retries-exhausted");
    }

    @Test
    void of_a_person_that_was_forgotten_it_says_only_that() {
        Erasure erasure = new Erasure(database, clock);
        erasure.remember(new Erasure.Person(KEY.tenantId(), KEY.contactId(), null));

        assertThat(explanation().isEmpty()).isFalse();
        assertThat(explanation().text())
                .contains("Forgotten       nothing about it is stored or sent")
                .contains("JTL             not stored");
    }
}
