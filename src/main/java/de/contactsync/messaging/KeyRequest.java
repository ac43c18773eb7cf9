package de.contactsync.messaging;

import de.contactsync.model.KeyEntry;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * A message with contact keys, rebuilt from what was parsed; nothing else of it continues.
 *
 * @param id            the same each time the message is delivered
 * @param correlationId what answers bear: the sender's, or the message's id where he gave none
 * @param traceparent   the sender's trace, as W3C Trace Context has it, or null
 * @param entries       what stood in it
 */
public record KeyRequest(String id, String correlationId, String traceparent, List<KeyEntry> entries) {

    public KeyRequest {
        entries = List.copyOf(entries);
    }

    /** The id of a lone key is that of its message; several are counted. */
    public String position(int index) {
        return entries.size() == 1 ? id : id + "#" + (index + 1);
    }

    /** Whether it has a key of such a tenant. */
    public boolean concerns(Predicate<UUID> tenants) {
        return entries.stream()
                .anyMatch(entry -> entry instanceof KeyEntry.Valid valid
                        && tenants.test(valid.key().tenantId()));
    }

    /** Without what stood in it. */
    @Override
    public String toString() {
        return "KeyRequest[" + id + "]";
    }
}
