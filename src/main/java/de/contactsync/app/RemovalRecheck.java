package de.contactsync.app;

import de.contactsync.model.Chunk;
import de.contactsync.model.ContactKey;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryBatch;
import de.contactsync.model.DeliveryReport;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.EnrichedChunk;
import de.contactsync.model.JtlId;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.MessageChunk;
import de.contactsync.model.Outcome;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.Reason;
import de.contactsync.outbox.Outbox;
import de.contactsync.resilience.Backoff;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks JTL again right before contacts are removed from a sink: a removal may have waited for as long as the sink was
 * away, and a long run may have missed them hours ago. What JTL has again is stored, which drops its removal, and comes
 * in the next batch together with what else is to be written: what is left of this one may be too few to show a fault
 * that concerns all. What JTL does not confirm stays pending, is asked about less and less often, and the rest of the
 * batch is sent. It is sent as well while JTL takes its time: what it says later is used as soon as it is there.
 */
public final class RemovalRecheck implements AutoCloseable {

    public static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);

    private static final Logger LOG = LoggerFactory.getLogger(RemovalRecheck.class);

    private static final Backoff PAUSE = new Backoff(Duration.ofSeconds(5), LONGEST_PAUSE.dividedBy(2));
    /** Of one that has come to its end elsewhere. */
    private static final Duration FORGOTTEN = LONGEST_PAUSE.multipliedBy(6);

    /** For how long the rest of a batch waits for the answer. */
    static final Duration PATIENCE = Duration.ofSeconds(3);

    private static final int LONGEST_ANSWER = 300;

    /**
     * A removal that JTL has not confirmed.
     *
     * @param asked how often
     * @param next  when to ask again
     */
    private record Waiting(int asked, long next) {}

    private final RemovalLookups lookups;
    private final Consumer<EnrichedChunk> store;
    private final Outbox outbox;
    private final LongSupplier nanoTime;
    private final Duration patience;
    private final Random random = new Random();
    private final Map<ContactKey, Waiting> waiting = new HashMap<>();
    /** Tenants whose JTL could not be asked when it was tried last. */
    private final Set<UUID> away = new HashSet<>();

    /**
     * @param lookup   what JTL says of the keys of a chunk
     * @param store    writes contacts as those of any source, and so to the outboxes
     * @param outbox   of the sink
     * @param patience for how long the rest of a batch waits for what JTL says
     */
    RemovalRecheck(
            Function<Chunk, EnrichedChunk> lookup,
            Consumer<EnrichedChunk> store,
            Outbox outbox,
            LongSupplier nanoTime,
            Duration patience) {
        this.lookups = new RemovalLookups(lookup, nanoTime, patience, outbox::wake);
        this.store = store;
        this.outbox = outbox;
        this.nanoTime = nanoTime;
        this.patience = patience;
    }

    /** Asks and stores by the routes that sources of keys go through. */
    static RemovalRecheck of(CamelContext camel, Outbox outbox) {
        return new RemovalRecheck(
                keys -> request(camel, "direct:enrich", keys),
                found -> request(camel, "direct:sink-database", found),
                outbox,
                System::nanoTime,
                PATIENCE);
    }

    private static EnrichedChunk request(CamelContext camel, String route, Object chunk) {
        Exchange exchange =
                camel.createFluentProducerTemplate().to(route).withBody(chunk).send();
        if (exchange.getException() != null) {
            throw exchange.getException() instanceof ProcessingHaltedException halt
                    ? halt
                    : new IllegalStateException(route + " failed", exchange.getException());
        }
        return exchange.getMessage().getBody(EnrichedChunk.class);
    }

    /** @return what of the batch, or of an earlier one, is to be sent now */
    synchronized DeliveryBatch confirm(DeliveryBatch batch) {
        long now = nanoTime.getAsLong();
        waiting.values().removeIf(each -> now - each.next > FORGOTTEN.toNanos());
        RemovalLookups.Lookup late = lookups.takeLate();
        if (late != null) {
            return confirmLate(late, batch);
        }
        // A tenant that is away, or silent, stops no other.
        Map<UUID, List<Delivery>> removals = batch.deliveries().stream()
                .filter(removal -> removal.gone() && isDue(removal, now))
                .collect(Collectors.groupingBy(removal -> removal.key().tenantId()));
        if (removals.isEmpty()) {
            return new DeliveryBatch(
                    batch.deliveries().stream().filter(each -> !each.gone()).toList(), batch.ends());
        }
        return judge(batch, lookups.ask(removals.values()));
    }

    private boolean isDue(Delivery removal, long now) {
        Waiting waits = waiting.get(removal.key());
        return !lookups.isUnderWay(removal.key().tenantId()) && (waits == null || now - waits.next >= 0);
    }

    /** Its removals go first: in their turn they might come only when the answer is too old. */
    private DeliveryBatch confirmLate(RemovalLookups.Lookup late, DeliveryBatch batch) {
        outbox.recordResults(new DeliveryReport(
                batch,
                batch.deliveries().stream()
                        .<DeliveryResult>map(each -> new DeliveryResult.Unsent(false))
                        .toList()));
        DeliveryBatch confirmed =
                judge(new DeliveryBatch(outbox.claimAgain(late.removals()), batch.ends()), List.of(late));
        if (outbox.isEmpty(confirmed)) {
            // What has been given back is not to wait.
            outbox.wake();
        }
        return confirmed;
    }

    /** @return what of the batch is to be sent, by what the lookups say so far */
    private DeliveryBatch judge(DeliveryBatch batch, List<RemovalLookups.Lookup> asked) {
        Set<Delivery> claimed = new HashSet<>(batch.deliveries());
        Set<Delivery> gone = new HashSet<>();
        Map<Delivery, String> unconfirmed = new HashMap<>();
        boolean anyBack = false;
        boolean anyAway = false;
        int silent = 0;
        for (RemovalLookups.Lookup each : asked) {
            if (!each.answer().isDone()) {
                lookups.keep(each);
                each.removals().forEach(removal -> unconfirmed.put(removal, "no answer within " + seconds(patience)));
                silent += each.removals().size();
                continue;
            }
            try {
                anyBack |= sort(each.removals(), each.outcomes(), claimed, gone, unconfirmed);
                away.remove(each.tenant());
            } catch (ProcessingHaltedException e) {
                anyAway = true;
                each.removals().forEach(removal -> unconfirmed.put(removal, shortened(e.getMessage())));
                if (away.add(each.tenant())) {
                    LOG.warn(
                            "Contacts not removed for now, because JTL cannot confirm that it no longer has them: {}"
                                    + " ({})",
                            each.removals().size(),
                            e.getMessage());
                }
            }
        }
        if (silent > 0) {
            LOG.info(
                    "Contacts not removed yet, because JTL has not confirmed within {} that it no longer has them:"
                            + " {}. Other deliveries continue",
                    seconds(patience),
                    silent);
        }
        // An import waits for an answer that may come yet.
        outbox.recordConfirmations(gone, unconfirmed, anyAway || lookups.isAnyUnderWay());
        boolean writes = !anyBack;
        return new DeliveryBatch(
                batch.deliveries().stream()
                        .filter(delivery -> delivery.gone() ? gone.contains(delivery) : writes)
                        .toList(),
                batch.ends());
    }

    private static String seconds(Duration time) {
        return time.toSeconds() + " s";
    }

    /**
     * @param claimed     what of the removals is still to be removed by this process
     * @param gone        gets what JTL still does not have
     * @param unconfirmed gets what it says neither of, with what it says
     * @return whether it has some again
     */
    private boolean sort(
            List<Delivery> removals,
            List<Outcome> outcomes,
            Set<Delivery> claimed,
            Set<Delivery> gone,
            Map<Delivery, String> unconfirmed) {
        List<Delivery> back = new ArrayList<>();
        List<Outcome> found = new ArrayList<>();
        int more = 0;
        String answer = null;
        for (int i = 0; i < removals.size(); i++) {
            Delivery removal = removals.get(i);
            if (!claimed.contains(removal)) {
                continue;
            }
            if (outcomes.get(i) instanceof Outcome.Found) {
                back.add(removal);
                found.add(outcomes.get(i));
                waiting.remove(removal.key());
            } else if (isGone(outcomes.get(i))) {
                gone.add(removal);
                waiting.remove(removal.key());
            } else {
                answer = describe((Outcome.Failed) outcomes.get(i));
                unconfirmed.put(removal, answer);
                more += postpone(removal.key()) ? 1 : 0;
            }
        }
        if (!back.isEmpty()) {
            store.accept(new EnrichedChunk(chunk(back), found));
            LOG.info("Contacts not removed, because JTL has them again: {}", back.size());
        }
        if (more > 0) {
            LOG.warn(
                    "Contacts not removed before JTL confirms that it no longer has them: {}. It answered for one of"
                            + " them: {}. They are looked up again at intervals that grow to {} min",
                    more,
                    answer,
                    LONGEST_PAUSE.toMinutes());
        }
        return !back.isEmpty();
    }

    /** @return whether it has not been so before */
    private boolean postpone(ContactKey key) {
        Waiting before = waiting.get(key);
        int asked = before == null ? 1 : before.asked + 1;
        waiting.put(
                key,
                new Waiting(
                        asked, nanoTime.getAsLong() + PAUSE.after(asked, random).toNanos()));
        return before == null;
    }

    private static String describe(Outcome.Failed failed) {
        return shortened(
                (failed.httpStatus() == null ? "" : "HTTP " + failed.httpStatus() + ", ") + failed.errorMessage());
    }

    private static String shortened(String text) {
        return text.length() <= LONGEST_ANSWER ? text : text.substring(0, LONGEST_ANSWER) + "…";
    }

    /** What was forgotten on request is removed whether JTL has it or not. */
    private static boolean isGone(Outcome outcome) {
        return outcome == Outcome.FORGOTTEN
                || outcome instanceof Outcome.Failed failed && failed.reason() == Reason.NOT_FOUND;
    }

    static Chunk chunk(List<Delivery> removals) {
        List<KeyEntry> entries = new ArrayList<>();
        for (int i = 0; i < removals.size(); i++) {
            entries.add(new KeyEntry.Valid(i + 1L, removals.get(i).key()));
        }
        return MessageChunk.recheck(
                entries,
                removals.stream()
                        .map(removal -> JtlId.text(removal.key().contactId()))
                        .toList());
    }

    /** Gives up what JTL is being asked. */
    @Override
    public void close() {
        lookups.close();
    }
}
