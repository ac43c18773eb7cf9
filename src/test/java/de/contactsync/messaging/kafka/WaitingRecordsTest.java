package de.contactsync.messaging.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.messaging.KeyRequest;
import de.contactsync.model.ContactKey;
import de.contactsync.model.KeyEntry;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class WaitingRecordsTest {

    private static final UUID ONE = new UUID(0, 1);
    private static final UUID OTHER = new UUID(0, 2);

    private final Set<UUID> away = new HashSet<>();
    private final Set<UUID> paused = new HashSet<>();
    private final WaitingRecords waiting = new WaitingRecords(away::contains, paused::contains);

    private void add(int partition, long offset, UUID tenant) {
        KeyEntry key = new KeyEntry.Valid(1, new ContactKey(tenant, new UUID(1, offset), new UUID(2, offset)));
        waiting.add(new RecordBatch.Received(
                new KeyRequest(partition + "@" + offset, "c", null, List.of(key)),
                new TopicPartition("keys", partition),
                offset));
    }

    private List<String> take(int most) {
        return ids(waiting.take(most));
    }

    private static List<String> ids(List<RecordBatch.Received> batch) {
        return batch.stream().map(each -> each.request().id()).toList();
    }

    @Test
    void a_tenant_that_is_away_keeps_only_what_is_behind_its_record_in_its_partition() {
        add(0, 1, ONE);
        add(0, 2, OTHER);
        add(0, 3, ONE);
        add(1, 1, ONE);
        add(1, 2, ONE);
        away.add(OTHER);
        paused.add(OTHER);

        assertThat(take(10)).containsExactly("0@1", "1@1", "1@2");
        assertThat(take(10)).isEmpty();
        assertThat(waiting.isAnyReady()).isFalse();
        assertThat(waiting.partitions()).as("not to be fetched from").containsExactly(new TopicPartition("keys", 0));
    }

    @Test
    void a_retry_takes_one_record_as_soon_as_it_is_due_and_undone_ones_come_next() {
        add(0, 1, OTHER);
        add(0, 2, OTHER);
        add(1, 1, ONE);
        away.add(OTHER);

        List<RecordBatch.Received> probe = waiting.take(10);
        assertThat(ids(probe)).containsExactly("0@1");
        waiting.putBack(probe);
        paused.add(OTHER);
        assertThat(take(10)).containsExactly("1@1");
        assertThat(take(10)).isEmpty();

        away.clear();
        paused.clear();
        assertThat(take(10)).containsExactly("0@1", "0@2");
    }

    @Test
    void partitions_take_turns_where_one_has_more_than_a_batch() {
        for (int offset = 1; offset <= 4; offset++) {
            add(0, offset, ONE);
        }
        add(1, 1, ONE);

        assertThat(take(2)).containsExactly("0@1", "0@2");
        assertThat(take(2)).containsExactly("1@1", "0@3");
        waiting.drop(Set.of(new TopicPartition("keys", 0)));
        assertThat(take(2)).isEmpty();
    }
}
