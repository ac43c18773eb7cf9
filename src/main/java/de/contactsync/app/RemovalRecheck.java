package de.contactsync.app;

import de.contactsync.model.Chunk;
import de.contactsync.model.ContactKey;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryBatch;
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
 * batch is sent.
 */
public final class RemovalRecheck {

    public static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);

    private static final Logger LOG = LoggerFactory.getLogger(RemovalRecheck.class);

    private static final Backoff PAUSE = new Backoff(Duration.ofSeconds(5), LONGEST_PAUSE.dividedBy(2));
    /** Of one that has come to its end elsewhere. */
    private static final Duration FORGOTTEN = LONGEST_PAUSE.multipliedBy(6);

    private static final int LONGEST_ANSWER = 300;

    /**
     * A removal that JTL has not confirmed.
     *
     * @param asked how often
     * @param next  when to ask again
     */
    private record Waiting(int asked, long next) {}

    private final Function<Chunk, EnrichedChunk> lookup;
    private final Consumer<EnrichedChunk> store;
    private final Outbox outbox;
    private final LongSupplier nanoTime;
    private final Random random = new Random();
    private final Map<ContactKey, Waiting> waiting = new HashMap<>();
    /** Tenants whose JTL could not be asked when it was tried last. */
    private final Set<UUID> away = new HashSet<>();

    /**
     * @param lookup what JTL says of the keys of a chunk
     * @param store  writes contacts as those of any source, and so to the outboxes
     * @param outbox of the sink
     */
    RemovalRecheck(
            Function<Chunk, EnrichedChunk> lookup,
            Consumer<EnrichedChunk> store,
            Outbox outbox,
            LongSupplier nanoTime) {
        this.lookup = lookup;
        this.store = store;
        this.outbox = outbox;
        this.nanoTime = nanoTime;
    }

    /** Asks and stores by the routes that sources of keys go through. */
    static RemovalRecheck of(CamelContext camel, Outbox outbox) {
        return new RemovalRecheck(
                keys -> request(camel, "direct:enrich", keys),
                found -> request(camel, "direct:sink-database", found),
                outbox,
                System::nanoTime);
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

    /** @return what of the batch is to be sent now */
    synchronized DeliveryBatch confirm(DeliveryBatch batch) {
        long now = nanoTime.getAsLong();
        waiting.values().removeIf(each -> now - each.next > FORGOTTEN.toNanos());
        // A tenant that is away stops no other.
        Map<UUID, List<Delivery>> removals = batch.deliveries().stream()
                .filter(removal -> removal.gone() && isDue(removal, now))
                .collect(Collectors.groupingBy(removal -> removal.key().tenantId()));
        if (removals.isEmpty()) {
            return new DeliveryBatch(
                    batch.deliveries().stream().filter(each -> !each.gone()).toList(), batch.ends());
        }
        Set<Delivery> gone = new HashSet<>();
        Map<Delivery, String> unconfirmed = new HashMap<>();
        boolean anyBack = false;
        boolean anyAway = false;
        for (Map.Entry<UUID, List<Delivery>> each : removals.entrySet()) {
            try {
                anyBack |= ask(each.getValue(), gone, unconfirmed);
                away.remove(each.getKey());
            } catch (ProcessingHaltedException e) {
                anyAway = true;
                each.getValue().forEach(removal -> unconfirmed.put(removal, shortened(e.getMessage())));
                if (away.add(each.getKey())) {
                    LOG.warn(
                            "Contacts not removed for now, since JTL cannot be asked whether it has them again: {} ({})",
                            each.getValue().size(),
                            e.getMessage());
                }
            }
        }
        outbox.recordConfirmations(gone, unconfirmed, anyAway);
        boolean writes = !anyBack;
        return new DeliveryBatch(
                batch.deliveries().stream()
                        .filter(delivery -> delivery.gone() ? gone.contains(delivery) : writes)
                        .toList(),
                batch.ends());
    }

    private boolean isDue(Delivery removal, long now) {
        Waiting waits = waiting.get(removal.key());
        return waits == null || now - waits.next >= 0;
    }

    /**
     * @param gone        gets what JTL still does not have
     * @param unconfirmed gets what it says neither of, with what it says
     * @return whether it has some again
     */
    private boolean ask(List<Delivery> removals, Set<Delivery> gone, Map<Delivery, String> unconfirmed) {
        List<Outcome> outcomes = lookup.apply(chunk(removals)).outcomes();
        List<Delivery> back = new ArrayList<>();
        List<Outcome> found = new ArrayList<>();
        int more = 0;
        String answer = null;
        for (int i = 0; i < removals.size(); i++) {
            Delivery removal = removals.get(i);
            if (outcomes.get(i) instanceof Outcome.Found) {
                back.add(removal);
                found.add(outcomes.get(i));
                waiting.remove(removal.key());
            } else if (isGone(outcomes.get(i))) {
                gone.add(removal);
                waiting.remove(removal.key());
            } else {
                answer = said((Outcome.Failed) outcomes.get(i));
                unconfirmed.put(removal, answer);
                more += postpone(removal.key()) ? 1 : 0;
            }
        }
        if (!back.isEmpty()) {
            store.accept(new EnrichedChunk(chunk(back), found));
            LOG.info("Contacts not removed, since JTL has them again: {}", back.size());
        }
        if (more > 0) {
            LOG.warn(
                    "Contacts not removed before JTL confirms that it does not have them: {}, of one it said: {}. It is"
                            + " asked again in pauses that grow to {} min",
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

    private static String said(Outcome.Failed failed) {
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

    private static Chunk chunk(List<Delivery> removals) {
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
}
