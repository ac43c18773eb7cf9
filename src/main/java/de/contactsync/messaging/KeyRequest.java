package de.contactsync.messaging;

import de.contactsync.model.KeyEntry;
import java.util.List;

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

    /** Without what stood in it. */
    @Override
    public String toString() {
        return "KeyRequest[" + id + "]";
    }
}
