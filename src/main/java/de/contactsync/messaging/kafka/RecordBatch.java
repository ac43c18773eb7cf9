package de.contactsync.messaging.kafka;

import de.contactsync.messaging.KeyRequest;
import de.contactsync.messaging.KeyRequests;
import de.contactsync.model.MessageChunk;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/** Records of a topic that are worked on together; those of one partition follow each other. */
public final class RecordBatch {

    /** @param offset where the record stands in its partition */
    record Received(KeyRequest request, TopicPartition partition, long offset) {}

    private final List<Received> records;
    private final KeyRequests requests;

    RecordBatch(List<Received> records) {
        this.records = List.copyOf(records);
        this.requests =
                new KeyRequests("kafka", records.stream().map(Received::request).toList());
    }

    /** All their keys. */
    public MessageChunk chunk() {
        return requests.chunk();
    }

    KeyRequests requests() {
        return requests;
    }

    List<Received> records() {
        return records;
    }

    Received received(int index) {
        return records.get(index);
    }

    int keys() {
        return requests.requests().stream()
                .mapToInt(request -> request.entries().size())
                .sum();
    }

    /** What is to be committed when all of them are done: where the next record of each partition stands. */
    Map<TopicPartition, OffsetAndMetadata> offsets() {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        records.forEach(each -> offsets.put(each.partition, new OffsetAndMetadata(each.offset + 1)));
        return offsets;
    }

    @Override
    public String toString() {
        return requests.toString();
    }
}
