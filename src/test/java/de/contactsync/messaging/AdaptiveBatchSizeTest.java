package de.contactsync.messaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class AdaptiveBatchSizeTest {

    private static final Duration QUICK = Duration.ofMillis(10);
    private static final Duration MIDDLING = Duration.ofMillis(600);
    private static final Duration SLOW = Duration.ofSeconds(20);

    private final AdaptiveBatchSize size = new AdaptiveBatchSize(500);

    private void tookAll(Duration time) {
        size.record(size.keys(), time);
    }

    @Test
    void it_grows_while_full_batches_are_done_quickly_up_to_the_most() {
        assertThat(size.keys()).isEqualTo(4);
        tookAll(QUICK);
        assertThat(size.keys()).isEqualTo(8);
        for (int i = 0; i < 10; i++) {
            tookAll(QUICK);
        }
        assertThat(size.keys()).isEqualTo(500);
    }

    @Test
    void it_stays_when_batches_are_not_full_or_take_about_half_a_second() {
        size.record(3, QUICK);
        tookAll(MIDDLING);
        assertThat(size.keys()).isEqualTo(4);
    }

    @Test
    void it_shrinks_to_one_while_batches_are_slow_and_grows_again_behind_that() {
        for (int i = 0; i < 10; i++) {
            tookAll(SLOW);
        }
        assertThat(size.keys()).isEqualTo(1);
        tookAll(QUICK);
        assertThat(size.keys()).isEqualTo(2);
    }

    @Test
    void it_never_begins_above_the_most() {
        assertThat(new AdaptiveBatchSize(3).keys()).isEqualTo(3);
    }

    @Test
    void batches_grow_while_done_quickly_and_shrink_only_well_below_that() {
        AdaptiveBatchSize size = new AdaptiveBatchSize(500);
        assertThat(size.isLarge()).isFalse();
        for (int i = 0; i < 4; i++) {
            size.record(size.keys(), Duration.ofMillis(50));
        }
        assertThat(size.keys()).isEqualTo(64);
        assertThat(size.isLarge()).isTrue();
        size.record(64, Duration.ofSeconds(2));
        assertThat(size.isLarge()).as("at " + size.keys()).isTrue();
        size.record(32, Duration.ofSeconds(2));
        assertThat(size.isLarge()).as("at " + size.keys()).isFalse();
    }
}
