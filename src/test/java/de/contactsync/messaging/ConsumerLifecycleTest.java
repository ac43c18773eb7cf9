package de.contactsync.messaging;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.resilience.Outage.Kind;
import de.contactsync.resilience.TestBreakers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Consumer;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ConsumerLifecycleTest {

    private static final Duration LONG = Duration.ofMinutes(5);

    @Test
    void stopping_ends_every_pause() throws Exception {
        var breakers = TestBreakers.create();
        breakers.forAll("JTL").open(System.nanoTime(), Kind.REFUSAL, "no licence");
        ConsumerLifecycle lifecycle = new ConsumerLifecycle(breakers);
        assertThat(lifecycle.isAccepting()).isFalse();
        var pause = CompletableFuture.runAsync(() -> lifecycle.pause(LONG));
        var outage = CompletableFuture.runAsync(lifecycle::awaitAccepting);

        lifecycle.stop();

        pause.get(20, TimeUnit.SECONDS);
        outage.get(20, TimeUnit.SECONDS);
    }

    /** Once, the routes in flight were counted every 20 ms, by a list of their names that had to be complete. */
    @Test
    void it_is_idle_when_the_last_batch_has_left_its_route() throws Exception {
        CountDownLatch working = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        try (DefaultCamelContext camel = new DefaultCamelContext()) {
            camel.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("direct:work").routeId("work").process(exchange -> {
                        working.countDown();
                        end.await(20, TimeUnit.SECONDS);
                    });
                }
            });
            camel.start();
            Consumer consumer = camel.getRoute("work").getConsumer();
            ConsumerLifecycle lifecycle = new ConsumerLifecycle(TestBreakers.create());
            assertThat(lifecycle.awaitIdle(Duration.ZERO)).isTrue();
            var batch = CompletableFuture.supplyAsync(() -> lifecycle.process(consumer, "keys"));
            assertThat(working.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(lifecycle.awaitIdle(Duration.ofMillis(1))).isFalse();
            var idle = CompletableFuture.supplyAsync(() -> lifecycle.awaitIdle(LONG));

            end.countDown();

            assertThat(idle.get(20, TimeUnit.SECONDS)).isTrue();
            assertThat(batch.get(20, TimeUnit.SECONDS)).isNull();
        }
    }
}
