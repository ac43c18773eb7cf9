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
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks JTL again right before contacts are removed from a sink: a removal may have waited for as long as the sink was
 * away, and a long run may have missed them hours ago. What JTL has again is stored, which drops its removal, and comes
 * in the next batch together with what else is to be written: what is left of this one may be too few to show a fault
 * that concerns all. What JTL says nothing about stays pending, while the rest of the batch is sent.
 */
final class RemovalRecheck {

    private static final Logger LOG = LoggerFactory.getLogger(RemovalRecheck.class);

    private final Function<Chunk, EnrichedChunk> lookup;
    private final Consumer<EnrichedChunk> store;

    /**
     * @param lookup what JTL says of the keys of a chunk
     * @param store  writes contacts as those of any source, and so to the outboxes
     */
    RemovalRecheck(Function<Chunk, EnrichedChunk> lookup, Consumer<EnrichedChunk> store) {
        this.lookup = lookup;
        this.store = store;
    }

    /** Asks and stores by the routes that sources of keys go through. */
    static RemovalRecheck of(CamelContext camel) {
        return new RemovalRecheck(
                keys -> request(camel, "direct:enrich", keys), found -> request(camel, "direct:sink-database", found));
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
    DeliveryBatch confirm(DeliveryBatch batch) {
        // A tenant that is away stops no other.
        Map<UUID, List<ContactKey>> removals = batch.deliveries().stream()
                .filter(Delivery::gone)
                .map(Delivery::key)
                .collect(Collectors.groupingBy(ContactKey::tenantId));
        List<Answer> answers = removals.values().stream().map(this::ask).toList();
        Set<ContactKey> gone =
                answers.stream().flatMap(answer -> answer.gone().stream()).collect(Collectors.toSet());
        boolean anyBack = answers.stream().anyMatch(Answer::anyBack);
        return new DeliveryBatch(
                batch.deliveries().stream()
                        .filter(delivery -> delivery.gone() ? gone.contains(delivery.key()) : !anyBack)
                        .toList(),
                batch.ends());
    }

    /**
     * @param gone    what JTL still does not have
     * @param anyBack whether it has others again
     */
    private record Answer(Set<ContactKey> gone, boolean anyBack) {}

    private Answer ask(List<ContactKey> keys) {
        try {
            List<Outcome> outcomes = lookup.apply(chunk(keys)).outcomes();
            Set<ContactKey> gone = new HashSet<>();
            List<ContactKey> back = new ArrayList<>();
            List<Outcome> found = new ArrayList<>();
            for (int i = 0; i < keys.size(); i++) {
                if (outcomes.get(i) instanceof Outcome.Found) {
                    back.add(keys.get(i));
                    found.add(outcomes.get(i));
                } else if (isGone(outcomes.get(i))) {
                    gone.add(keys.get(i));
                }
            }
            if (!back.isEmpty()) {
                store.accept(new EnrichedChunk(chunk(back), found));
                LOG.info("Contacts not removed, since JTL has them again: {}", back.size());
            }
            int unanswered = keys.size() - gone.size() - back.size();
            if (unanswered > 0) {
                LOG.warn(
                        "Contacts not removed for now, because JTL did not say whether it has them again: {}",
                        unanswered);
            }
            return new Answer(gone, !back.isEmpty());
        } catch (ProcessingHaltedException e) {
            LOG.warn(
                    "Contacts not removed for now, since JTL cannot be asked whether it has them again: {} ({})",
                    keys.size(),
                    e.getMessage());
            return new Answer(Set.of(), false);
        }
    }

    /** What was forgotten on request is removed whether JTL has it or not. */
    private static boolean isGone(Outcome outcome) {
        return outcome == Outcome.FORGOTTEN
                || outcome instanceof Outcome.Failed failed && failed.reason() == Reason.NOT_FOUND;
    }

    private static Chunk chunk(List<ContactKey> keys) {
        List<KeyEntry> entries = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            entries.add(new KeyEntry.Valid(i + 1L, keys.get(i)));
        }
        return new MessageChunk(
                "delivery",
                entries,
                keys.stream().map(key -> JtlId.text(key.contactId())).toList());
    }
}
