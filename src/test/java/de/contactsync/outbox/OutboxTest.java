package de.contactsync.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryBatch;
import de.contactsync.model.DeliveryReport;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import de.contactsync.persistence.ChunkFixture;
import de.contactsync.persistence.ChunkStore;
import de.contactsync.persistence.EachDatabase;
import de.contactsync.persistence.ProcessId;
import de.contactsync.persistence.RunStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;

@ParameterizedClass
@EachDatabase
class OutboxTest extends OutboxFixture {

    @Test
    void a_stored_contact_is_sent_once_and_again_only_when_it_has_changed() {
        named(1, "Groß");
        DeliveryBatch first = claim(100);
        assertThat(first.deliveries())
                .containsExactly(new Delivery(
                        ChunkFixture.key(1),
                        ChunkFixture.named("Groß"),
                        ChunkFixture.named("Groß").contentHash(),
                        null,
                        false));
        recordResults(first, accepted("501"));
        List<String> delivered = test.rows("SELECT * FROM delivery");

        clock.advance(Duration.ofDays(1));
        named(1, "Groß");
        assertThat(claim(100).deliveries()).isEmpty();
        assertThat(test.rows("SELECT * FROM delivery")).as("not touched").isEqualTo(delivered);
        assertThat(outbox.unchanged()).isEqualTo(1);

        named(1, "Klein");
        DeliveryBatch second = claim(100);
        assertThat(names(second)).containsExactly("Klein");
        assertThat(second.deliveries().get(0).remoteId()).isEqualTo("501");
        recordResults(second, accepted(null));
        assertThat(test.rows("SELECT state, remote_id, attempts FROM delivery")).containsExactly("delivered|501|0");
        assertThat(outbox.counts()).isEqualTo(new DeliveryCounts(2, 0, 0, 0, 0, 0));
        assertThat(outbox.unchanged()).isEqualTo(1);
    }

    @Test
    void field_hashes_come_with_the_next_delivery_and_outlast_one_without_any() {
        named(1, "Groß");
        DeliveryBatch first = claim(100);
        outbox.recordResults(new DeliveryReport(
                first,
                List.of(accepted("501")),
                Set.of(),
                Map.of(first.deliveries().get(0), "phone=0123\n")));

        named(1, "Klein");
        DeliveryBatch second = claim(100);
        assertThat(second.deliveries().get(0).fieldHashes()).isEqualTo("phone=0123\n");
        recordResults(second, accepted("501"));

        named(1, "Kurz");
        assertThat(claim(100).deliveries().get(0).fieldHashes()).isEqualTo("phone=0123\n");
    }

    @Test
    void what_is_about_to_be_written_is_known_also_where_no_result_follows() {
        named(1, "Groß");
        DeliveryBatch first = claim(100);
        outbox.noteAttempts(Map.of(first.deliveries().get(0), "phone=0123 0456\n"));
        outbox.release();

        DeliveryBatch second = claim(100);
        assertThat(second.deliveries().get(0).fieldHashes()).isEqualTo("phone=0123 0456\n");
        outbox.release();
        outbox.noteAttempts(Map.of(second.deliveries().get(0), "phone=0789\n"));
        assertThat(claim(100).deliveries().get(0).fieldHashes())
                .as("of a claim that is lost")
                .isEqualTo("phone=0123 0456\n");
    }

    /** The messages said that it gets all contacts, the documentation that it gets those that change. */
    @Test
    void a_further_sink_gets_what_is_imported_from_then_on_changed_or_not() {
        named(1, "Groß");
        named(2, "Klein");
        recordResults(claim(100), accepted("501"), accepted("502"));

        Outbox further = new Outbox(database, "second", runs, clock);
        assertThat(further.claim(100, Duration.ZERO).deliveries()).isEmpty();
        store = new ChunkStore(database, runs, clock, further);
        named(1, "Groß");
        assertThat(names(further.claim(100, Duration.ZERO))).containsExactly("Groß");
    }

    @Test
    void the_oldest_go_first_and_a_part_of_a_batch_waits_for_more() {
        store.commit(ChunkFixture.found(run, chunk++, 10, 3));
        clock.advance(Duration.ofSeconds(5));
        store.commit(ChunkFixture.found(run, chunk++, 1, 2));

        assertThat(outbox.claim(6, Duration.ofSeconds(6)).deliveries()).isEmpty();
        DeliveryBatch oldest = outbox.claim(4, Duration.ofSeconds(6));
        assertThat(names(oldest)).hasSize(4).contains("Contact 10", "Contact 11", "Contact 12");
        recordResults(oldest, accepted("1"), accepted("2"), accepted("3"), accepted("4"));
        clock.advance(Duration.ofSeconds(5));
        assertThat(outbox.claim(4, Duration.ofSeconds(6)).deliveries()).isEmpty();
        assertThat(outbox.claim(4, Duration.ofSeconds(5)).deliveries()).hasSize(1);
    }

    /** All that were claimed counted a try, so that the one which halted the sink came first again. */
    @Test
    void a_contact_that_was_not_sent_counts_no_try() {
        store.commit(ChunkFixture.found(run, chunk++, 1, 3));
        DeliveryBatch batch = claim(3);
        recordResults(
                batch, new DeliveryResult.Unsent(), new DeliveryResult.Unsent(false), new DeliveryResult.Unsent(false));

        assertThat(test.rows("SELECT attempts FROM delivery ORDER BY attempts")).containsExactly("0", "0", "1");
        DeliveryBatch again = claim(3);
        assertThat(again.deliveries()).extracting(Delivery::tries).containsExactly(0, 0, 1);
        assertThat(again.deliveries().get(2).key())
                .isEqualTo(batch.deliveries().get(0).key());
    }

    @Test
    void what_changes_while_it_is_sent_is_sent_again_afterwards() {
        named(1, "Groß");
        DeliveryBatch sent = claim(100);
        named(1, "Klein");
        assertThat(another().claim(100, Duration.ZERO).deliveries())
                .as("not while another version is in flight")
                .isEmpty();
        recordResults(sent, accepted("501"));

        assertThat(names(claim(100))).containsExactly("Klein");
    }

    @Test
    void what_changes_back_while_it_is_sent_is_sent_again_afterwards() {
        named(1, "Groß");
        recordResults(claim(100), accepted("501"));
        named(1, "Klein");
        DeliveryBatch sent = claim(100);
        named(1, "Groß");
        recordResults(sent, accepted("501"));

        assertThat(names(claim(100))).containsExactly("Groß");
    }

    @Test
    void after_a_call_without_an_answer_even_what_the_sink_had_before_is_sent() {
        named(1, "Groß");
        recordResults(claim(100), accepted("501"));
        named(1, "Klein");
        recordResults(claim(100), new DeliveryResult.Unsent());
        named(1, "Groß");

        assertThat(names(claim(100))).containsExactly("Groß");
    }

    @Test
    void a_refused_contact_becomes_a_dead_letter_and_is_sent_again_only_after_a_change() {
        named(1, "Groß");
        named(2, "Klein");
        recordResults(claim(100), accepted("501"), refused());
        assertThat(test.rows("SELECT source, run_id, tenant_id, customer_id, contact_id, stage, reason, http_status,"
                        + " error_code, error_message, attempts, state FROM dead_letter"))
                .containsExactly("delivery|∅|" + ChunkFixture.TENANT + "|"
                        + ChunkFixture.key(2).customerId() + "|"
                        + ChunkFixture.key(2).contactId()
                        + "|sink:crm|sink-rejected|400|VALIDATION_ERROR|refused|1|open");

        named(2, "Klein");
        assertThat(claim(100).deliveries()).isEmpty();

        named(2, "Kleiner");
        DeliveryBatch again = claim(100);
        assertThat(again.deliveries().get(0).refused()).isTrue();
        recordResults(again, refused());
        assertThat(test.rows("SELECT state FROM dead_letter ORDER BY id")).containsExactly("replayed", "open");

        named(2, "Klein");
        recordResults(claim(100), accepted("502"));
        assertThat(test.rows("SELECT state FROM dead_letter ORDER BY id")).containsExactly("replayed", "replayed");
        assertThat(outbox.counts()).isEqualTo(new DeliveryCounts(2, 2, 0, 0, 0, 0));
    }

    @Test
    void a_refused_link_is_a_dead_letter_of_its_own_stage_and_the_contact_is_delivered() {
        named(1, "Groß");
        recordResults(
                claim(100),
                new DeliveryResult.Unlinked(
                        "501",
                        new Outcome.Failed(Reason.SINK_REJECTED, 404, "OBJECT_NOT_FOUND", "no company", null, 1)));
        assertThat(test.rows("SELECT stage, reason, http_status, error_message, state FROM dead_letter"))
                .containsExactly("sink:crm:company|sink-rejected|404|no company|open");
        assertThat(test.rows("SELECT state, remote_id, attempts FROM delivery")).containsExactly("failed|501|0");
        assertThat(test.rows("SELECT 1 FROM delivery WHERE content_hash = wanted_hash"))
                .hasSize(1);
        named(1, "Klein");
        named(1, "Groß");
        assertThat(claim(100).deliveries()).as("as it is there already").isEmpty();
        assertThat(test.rows("SELECT state FROM delivery")).containsExactly("failed");

        named(1, "Kleiner");
        recordResults(claim(100), accepted(null));
        assertThat(test.rows("SELECT state FROM dead_letter")).containsExactly("replayed");
        assertThat(test.rows("SELECT state, remote_id FROM delivery")).containsExactly("delivered|501");
        assertThat(outbox.counts()).isEqualTo(new DeliveryCounts(1, 1, 0, 0, 0, 0));
    }

    @Test
    void what_is_not_sent_and_what_is_given_back_stays_pending() {
        store.commit(ChunkFixture.found(run, chunk++, 1, 2));
        recordResults(claim(100), new DeliveryResult.Unsent(), accepted("2"));
        assertThat(outbox.pending()).isEqualTo(1);
        assertThat(claim(100).deliveries()).hasSize(1);
        assertThat(another().claim(100, Duration.ZERO).deliveries()).isEmpty();
        outbox.release();
        assertThat(another().claim(100, Duration.ZERO).deliveries()).hasSize(1);
    }

    @Test
    void all_can_be_sent_once_more() {
        named(1, "Groß");
        named(2, "Klein");
        recordResults(claim(100), accepted("501"), refused());

        outbox.enqueueAll();
        assertThat(names(claim(100))).containsExactlyInAnyOrder("Groß", "Klein");
    }

    @Test
    @Tag("slow")
    void all_of_many_are_sent_once_more_each_once() {
        for (int page = 0; page < 3; page++) {
            store.commit(ChunkFixture.found(run, chunk++, 1 + page * 4_000, 4_000));
        }
        test.execute("UPDATE delivery SET state = 'delivered', content_hash = wanted_hash");

        outbox.enqueueAll();
        assertThat(outbox.pending()).isEqualTo(12_000);
    }

    @Test
    void what_a_process_has_claimed_that_is_gone_is_claimed_again() {
        named(1, "Groß");
        named(2, "Klein");
        claim(100);
        test.execute("UPDATE delivery SET claimed_by = '"
                + new ProcessId("here", 999_999_999, ProcessId.self().identity()) + "' WHERE contact_id = '"
                + ChunkFixture.key(1).contactId() + "'");

        assertThat(names(another().claim(100, Duration.ZERO))).containsExactly("Groß");
    }

    /**
     * Their clock, years off, once decided it: what another had just begun to send was sent here as well, or by nobody.
     */
    @Test
    void deliveries_claimed_on_another_host_are_left_until_long_silent_by_our_own_clock() {
        named(1, "Groß");
        claim(100);
        test.execute("UPDATE delivery SET claimed_by = 'elsewhere/1/1', claimed_at = '2001-01-01T00:00:00.000Z'");
        AtomicLong nanoTime = new AtomicLong(Long.MAX_VALUE - 5);
        Outbox late = new Outbox(
                database, "crm", test.closing(new RunStore(database, clock, nanoTime::get, "elsewhere/2/1")), clock);
        assertThat(late.claim(100, Duration.ZERO).deliveries()).isEmpty();

        nanoTime.addAndGet(Outbox.LEASE.toNanos() - 1);
        test.execute("UPDATE delivery SET claimed_at = '2001-01-01T00:01:00.000Z'");
        assertThat(late.claim(100, Duration.ZERO).deliveries()).isEmpty();

        nanoTime.addAndGet(Outbox.LEASE.toNanos() - 1);
        clock.advance(Duration.ofDays(1));
        assertThat(late.claim(100, Duration.ZERO).deliveries()).isEmpty();

        nanoTime.addAndGet(Duration.ofSeconds(6).toNanos());
        assertThat(late.claim(100, Duration.ZERO).deliveries()).hasSize(1);
    }

    /** The clock was ahead when they were marked: nobody sent them before it was that late again. */
    @Test
    void what_waits_since_a_time_that_is_yet_to_come_is_sent_without_lingering() {
        clock.advance(Duration.ofDays(400));
        named(1, "Groß");
        clock.advance(Duration.ofDays(-400));

        assertThat(outbox.claim(100, Duration.ofSeconds(5)).deliveries()).hasSize(1);
    }

    @Test
    void what_was_taken_over_is_recorded_by_whoever_took_it() {
        named(1, "Groß");
        DeliveryBatch late = claim(100);
        test.execute("UPDATE delivery SET claimed_by = 'elsewhere/1/1'");
        recordResults(late, refused());

        assertThat(test.rows("SELECT state, claimed_by FROM delivery")).containsExactly("pending|elsewhere/1/1");
        assertThat(test.count("dead_letter")).isZero();
    }

    @Test
    void several_processes_never_hold_the_same_contact() throws Exception {
        store.commit(ChunkFixture.found(run, chunk++, 1, 200));
        List<Outbox> processes = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            processes.add(another());
        }
        ExecutorService threads = Executors.newFixedThreadPool(4);
        List<Delivery> claimed = new ArrayList<>();
        try {
            List<Callable<List<Delivery>>> claims = new ArrayList<>();
            processes.forEach(process -> claims.add(() -> {
                List<Delivery> all = new ArrayList<>();
                for (int i = 0; i < 20; i++) {
                    DeliveryBatch batch = process.claim(10, Duration.ZERO);
                    all.addAll(batch.deliveries());
                    process.recordResults(new DeliveryReport(
                            batch, Collections.nCopies(batch.deliveries().size(), accepted(null))));
                }
                return all;
            }));
            for (Future<List<Delivery>> claim : threads.invokeAll(claims)) {
                claimed.addAll(claim.get());
            }
        } finally {
            threads.shutdownNow();
        }

        assertThat(claimed).extracting(Delivery::key).doesNotHaveDuplicates().hasSize(200);
    }

    @Test
    void only_contacts_that_are_stored_are_sent() {
        store.commit(ChunkFixture.mixed(run, chunk++));

        assertThat(names(claim(100))).containsExactlyInAnyOrder("Groß", "Klein");
        assertThat(outbox.unchanged()).isZero();
    }

    @Test
    void what_was_stored_without_the_sink_meanwhile_is_sent_as_it_is_now_and_once() {
        named(1, "Groß");
        clock.advance(Duration.ofSeconds(1));
        named(2, "Klein");
        ChunkStore withoutSink = new ChunkStore(database, runs, clock);
        withoutSink.commit(ChunkFixture.found(run, chunk++, ChunkFixture.key(1), ChunkFixture.named("Größer")));

        DeliveryBatch first = claim(1);
        assertThat(names(first)).containsExactly("Größer");
        recordResults(first, accepted("501"));
        assertThat(names(claim(1))).containsExactly("Klein");
    }

    @Test
    void what_this_process_could_not_give_back_it_claims_again() {
        named(1, "Groß");
        claim(100);

        assertThat(claim(100).deliveries()).as("nothing was settled").hasSize(1);
    }

    @Test
    void a_contact_sent_without_its_address_is_a_dead_letter_and_resent_on_lookup() {
        named(1, "Groß");
        recordResults(
                claim(100),
                new DeliveryResult.WithoutEmail(
                        "501",
                        new Outcome.Failed(Reason.SINK_REJECTED, 409, "CONFLICT", "address of another", null, 1)));
        assertThat(test.rows("SELECT stage, http_status, state FROM dead_letter"))
                .containsExactly("sink:crm:email|409|open");
        assertThat(claim(100).deliveries()).as("not at once").isEmpty();

        named(1, "Groß");
        DeliveryBatch again = claim(100);
        assertThat(again.deliveries()).hasSize(1);
        assertThat(again.deliveries().get(0).lacksOnlyEmail()).isTrue();
        recordResults(again, accepted("501"));
        assertThat(test.rows("SELECT state FROM dead_letter")).containsExactly("replayed");
        assertThat(test.rows("SELECT state, remote_id FROM delivery")).containsExactly("delivered|501");
        named(1, "Groß");
        assertThat(claim(100).deliveries()).isEmpty();
    }

    /** All steps had the stage of the company, whatever was refused. */
    @Test
    void a_refused_step_is_a_dead_letter_of_its_own_stage_until_it_is_taken() {
        named(1, "Groß");
        recordResults(
                claim(100),
                new DeliveryResult.Unlinked(
                        "501", "phone", new Outcome.Failed(Reason.SINK_REJECTED, 400, null, "no number", null, 1)));
        assertThat(test.rows("SELECT stage, state FROM dead_letter")).containsExactly("sink:crm:phone|open");

        named(1, "Klein");
        recordResults(claim(100), accepted("501"));
        assertThat(test.rows("SELECT state FROM dead_letter")).containsExactly("replayed");
    }

    /** The letter of the company was all there was, and the address was never sent again. */
    @Test
    void a_contact_without_its_address_and_without_its_company_has_a_letter_of_each() {
        named(1, "Groß");
        recordResults(
                claim(100),
                new DeliveryResult.WithoutEmail(
                        "501",
                        new Outcome.Failed(Reason.SINK_REJECTED, 409, "CONFLICT", "address of another", null, 1),
                        new Outcome.Failed(Reason.SINK_REJECTED, 400, "RULE", "no company", null, 1)));
        assertThat(test.rows("SELECT stage FROM dead_letter WHERE state = 'open' ORDER BY stage"))
                .containsExactly("sink:crm:company", "sink:crm:email");
        named(1, "Groß");
        recordResults(claim(100), accepted("501"));
        assertThat(test.rows("SELECT state FROM dead_letter")).containsExactly("replayed", "replayed");
    }

    /** Each lookup once closed the dead letter, wrote another, and counted the contact as delivered. */
    @Test
    void a_contact_that_stays_without_its_address_keeps_its_dead_letter() {
        DeliveryResult.WithoutEmail without = new DeliveryResult.WithoutEmail(
                "501", new Outcome.Failed(Reason.SINK_REJECTED, 409, "CONFLICT", "address of another", null, 1));
        named(1, "Groß");
        recordResults(claim(100), without);
        for (int lookup = 0; lookup < 3; lookup++) {
            clock.advance(Duration.ofDays(1));
            named(1, "Groß");
            recordResults(claim(100), without);
        }

        assertThat(test.rows("SELECT stage, state, attempts FROM dead_letter"))
                .containsExactly("sink:crm:email|open|4");
        assertThat(outbox.counts()).isEqualTo(new DeliveryCounts(1, 0, 0, 4, 0, 0));

        named(1, "Klein");
        DeliveryBatch changed = claim(100);
        assertThat(changed.deliveries().get(0).lacksOnlyEmail()).isFalse();
        recordResults(changed, without);
        assertThat(outbox.counts().delivered()).isEqualTo(2);
        assertThat(test.rows("SELECT count(*) FROM dead_letter WHERE state = 'open'"))
                .containsExactly("1");
    }

    private static DeliveryResult withoutEmail() {
        return new DeliveryResult.WithoutEmail(
                "501", new Outcome.Failed(Reason.SINK_REJECTED, 409, "CONFLICT", "address of another", null, 1));
    }

    /** It counted as refused, which audit and explain believed. */
    @Test
    void a_contact_that_lacks_only_its_address_is_delivered_and_audited() {
        named(1, "Groß");
        recordResults(claim(100), withoutEmail());

        assertThat(test.rows("SELECT state, remote_id FROM delivery")).containsExactly("delivered|501");
        assertThat(new DeliveryAudit(database, "crm", clock).next())
                .singleElement()
                .satisfies(entry -> {
                    assertThat(entry.state()).isEqualTo(DeliveryAudit.State.DELIVERED);
                    assertThat(entry.delivery().lacksOnlyEmail()).isTrue();
                });
    }

    /** As long as another record had the address, sync --full and audit --repair wrote nothing of it. */
    @Test
    void all_of_a_contact_that_lacks_its_address_is_written_where_all_is_asked_for() {
        named(1, "Groß");
        recordResults(claim(100), withoutEmail());

        outbox.enqueueAll();
        DeliveryBatch full = claim(100);
        assertThat(full.deliveries()).singleElement().matches(delivery -> !delivery.lacksOnlyEmail());
        recordResults(full, withoutEmail());
        assertThat(outbox.counts().delivered()).isEqualTo(2);
        assertThat(test.rows("SELECT count(*) FROM dead_letter WHERE state = 'open'"))
                .containsExactly("1");

        DeliveryAudit audit = new DeliveryAudit(database, "crm", clock);
        assertThat(audit.repair(
                        audit.next().stream().map(DeliveryAudit.Entry::delivery).toList()))
                .isEqualTo(1);
        DeliveryBatch repair = claim(100);
        assertThat(repair.deliveries()).singleElement().matches(delivery -> !delivery.lacksOnlyEmail());
        recordResults(repair, withoutEmail());

        named(1, "Groß");
        assertThat(claim(100).deliveries())
                .as("a lookup only asks for the address")
                .singleElement()
                .matches(Delivery::lacksOnlyEmail);
    }

    @Test
    void when_nothing_is_written_the_contact_was_not_accepted_anew() {
        named(1, "Groß");
        recordResults(claim(100), withoutEmail());
        List<String> before = test.rows("SELECT delivered_at FROM delivery");
        clock.advance(Duration.ofDays(1));
        named(1, "Groß");
        recordResults(claim(100), withoutEmail());

        assertThat(test.rows("SELECT delivered_at FROM delivery")).isEqualTo(before);
    }

    /** What an unanswered call has changed stayed there, since the contact was as it had been before. */
    @Test
    void after_a_call_without_an_answer_more_than_the_address_may_be_missing() {
        named(1, "Groß");
        recordResults(claim(100), withoutEmail());
        named(1, "Klein");
        recordResults(claim(100), new DeliveryResult.Unsent());
        named(1, "Groß");

        assertThat(claim(100).deliveries()).singleElement().matches(delivery -> !delivery.lacksOnlyEmail());
    }
}
