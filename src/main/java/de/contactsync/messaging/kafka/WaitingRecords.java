package de.contactsync.messaging.kafka;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import org.apache.kafka.common.TopicPartition;

/**
 * Records that were fetched and are not worked on yet, by partition. An offset says that all records before it are done,
 * so a record whose tenant is away keeps those behind it in its partition waiting, and none of other partitions. Used by
 * one thread.
 */
final class WaitingRecords {

    private final Predicate<UUID> away;
    private final Predicate<UUID> paused;
    private final Map<TopicPartition, Deque<RecordBatch.Received>> records = new LinkedHashMap<>();

    /** As those of {@link KeyTopicComponent}. */
    WaitingRecords(Predicate<UUID> away, Predicate<UUID> paused) {
        this.away = away;
        this.paused = paused;
    }

    void add(RecordBatch.Received record) {
        records.computeIfAbsent(record.partition(), partition -> new ArrayDeque<>())
                .add(record);
    }

    /** Those of a batch that was not done, to the place that they were taken from. */
    void putBack(List<RecordBatch.Received> batch) {
        for (int i = batch.size() - 1; i >= 0; i--) {
            records.computeIfAbsent(batch.get(i).partition(), partition -> new ArrayDeque<>())
                    .addFirst(batch.get(i));
        }
    }

    void drop(Collection<TopicPartition> partitions) {
        records.keySet().removeAll(partitions);
    }

    /** Partitions with records here. */
    Set<TopicPartition> partitions() {
        return records.keySet();
    }

    /** Whether a batch can be taken now. */
    boolean isAnyReady() {
        return records.values().stream()
                .anyMatch(each -> !each.getFirst().request().concerns(paused));
    }

    /**
     * The next batch, in the order of each partition. A record by which a tenant that is away is tried comes alone: it
     * may take long, and what fails with it would have to be repeated.
     *
     * @param most keys, which the last record may exceed
     * @return empty when none can be worked on now
     */
    List<RecordBatch.Received> take(int most) {
        List<RecordBatch.Received> batch = new ArrayList<>();
        records.values().stream()
                .filter(waiting -> waiting.getFirst().request().concerns(away)
                        && !waiting.getFirst().request().concerns(paused))
                .findFirst()
                .ifPresentOrElse(waiting -> batch.add(waiting.removeFirst()), () -> takeOthers(batch, most));
        // Behind the others, so that none of them is passed over again and again.
        batch.stream().map(RecordBatch.Received::partition).distinct().forEach(partition -> {
            Deque<RecordBatch.Received> rest = records.remove(partition);
            if (!rest.isEmpty()) {
                records.put(partition, rest);
            }
        });
        return batch;
    }

    private void takeOthers(List<RecordBatch.Received> batch, int most) {
        int keys = 0;
        for (Deque<RecordBatch.Received> waiting : records.values()) {
            while (!waiting.isEmpty()
                    && keys < most
                    && !waiting.getFirst().request().concerns(away)) {
                keys += Math.max(1, waiting.getFirst().request().entries().size());
                batch.add(waiting.removeFirst());
            }
        }
    }
}
