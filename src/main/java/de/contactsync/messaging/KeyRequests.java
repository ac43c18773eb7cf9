package de.contactsync.messaging;

import de.contactsync.model.EnrichedChunk;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.MessageChunk;
import de.contactsync.tracing.Traces;
import java.util.ArrayList;
import java.util.List;

/**
 * Messages that are worked on and acknowledged together, in the order of their arrival.
 *
 * @param source kind of the broker, as the column {@code dead_letter.source} has it
 */
public record KeyRequests(String source, List<KeyRequest> requests) {

    public KeyRequests {
        requests = List.copyOf(requests);
    }

    /** All their keys. */
    public MessageChunk chunk() {
        List<KeyEntry> entries = new ArrayList<>();
        List<String> positions = new ArrayList<>();
        for (KeyRequest request : requests) {
            for (int i = 0; i < request.entries().size(); i++) {
                KeyEntry entry = request.entries().get(i);
                entries.add(entry);
                if (entry instanceof KeyEntry.Valid valid) {
                    Traces.remember(valid.key(), request.traceparent());
                }
                positions.add(request.position(i));
            }
        }
        return new MessageChunk(source, entries, positions);
    }

    /** What came of each message, in their order. */
    public List<Answer> answers(EnrichedChunk enriched) {
        List<Answer> answers = new ArrayList<>(requests.size());
        int from = 0;
        for (KeyRequest request : requests) {
            List<KeyResult> results = new ArrayList<>(request.entries().size());
            for (int i = 0; i < request.entries().size(); i++) {
                results.add(new KeyResult(
                        request.position(i),
                        request.entries().get(i),
                        enriched.outcomes().get(from + i)));
            }
            from += results.size();
            answers.add(new Answer(request, results));
        }
        return answers;
    }

    /** @param results one for each key of the message */
    public record Answer(KeyRequest request, List<KeyResult> results) {

        /** An object for a lone key, an array for several. */
        public String json() {
            return KeyResult.json(results);
        }
    }

    @Override
    public String toString() {
        return requests.size() + " messages from " + source;
    }
}
