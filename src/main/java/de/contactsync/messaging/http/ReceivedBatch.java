package de.contactsync.messaging.http;

import de.contactsync.messaging.KeyResult;
import de.contactsync.model.EnrichedChunk;
import de.contactsync.model.MessageChunk;
import de.contactsync.outbox.Channel;
import java.util.List;
import java.util.stream.IntStream;

/** Keys of one tenant that are worked on together. */
public final class ReceivedBatch {

    private final List<Channel.Entry<ReceivedKey>> keys;

    ReceivedBatch(List<Channel.Entry<ReceivedKey>> keys) {
        this.keys = List.copyOf(keys);
    }

    public MessageChunk chunk() {
        return new MessageChunk(
                ReceivedKeys.SOURCE,
                keys.stream().map(each -> each.event().entry()).toList(),
                keys.stream().map(each -> each.event().position()).toList());
    }

    List<Long> ids() {
        return keys.stream().<Long>map(Channel.Entry::id).toList();
    }

    /** In the order of the keys. */
    List<KeyResult> results(EnrichedChunk enriched) {
        return IntStream.range(0, keys.size())
                .mapToObj(i -> new KeyResult(
                        keys.get(i).event().position(),
                        keys.get(i).event().entry(),
                        enriched.outcomes().get(i)))
                .toList();
    }

    @Override
    public String toString() {
        return keys.size() + " keys from " + ReceivedKeys.SOURCE;
    }
}
