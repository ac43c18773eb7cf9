package de.contactsync.oauth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.oauth.TokenResult.Granted;
import de.contactsync.oauth.TokenResult.Refused;
import de.contactsync.oauth.TokenResult.Unavailable;
import de.contactsync.resilience.ManualClock;
import de.contactsync.resilience.Outage;
import de.contactsync.resilience.OutageException;
import de.contactsync.resilience.Scheduler;
import de.contactsync.resilience.TestBreakers;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When a token is fetched, kept, renewed and dropped: against a scripted endpoint and a clock set by hand. */
@Timeout(40)
class TokenSourceTest {

    private static final Duration HOUR = Duration.ofHours(1);
    private static final OAuthSettings SETTINGS =
            new OAuthSettings("jtl.oauth", URI.create("https://auth.example.test/oauth2/token"), "id", "secret", "");

    private final ManualClock time = new ManualClock();
    private final AtomicInteger requests = new AtomicInteger();
    private TokenSource source;

    /** The n-th request, counted from 1, gets {@code answers.apply(n)}. */
    private TokenSource source(IntFunction<TokenResult> answers) {
        source = new TokenSource(
                SETTINGS,
                new TokenClient() {
                    @Override
                    public TokenResult request() {
                        return answers.apply(requests.incrementAndGet());
                    }

                    @Override
                    public void close() {}
                },
                TestBreakers.create(time)::forAll,
                new Random(7),
                time,
                null);
        return source;
    }

    private static IntFunction<TokenResult> granting(Duration lifetime) {
        return n -> new Granted("token-" + n, lifetime, null);
    }

    @AfterEach
    void close() {
        source.close();
    }

    /** Once, a 401 of one tenant dropped the token that others passed with, and there was no other available. */
    @Test
    void a_refused_token_stays_in_use_until_another_is_there() {
        source(n ->
                n == 1 || n > 6 ? new Granted("token-" + n, HOUR, null) : new Unavailable("status 503", Duration.ZERO));
        AccessToken first = source.current();

        CompletableFuture<Boolean> replaced = source.replace(first);
        time.advance(Duration.ofSeconds(25));
        assertThat(replaced).isCompletedExceptionally();
        assertThat(source.current()).isSameAs(first);
        assertThat(source.isAway()).isFalse();

        CompletableFuture<Boolean> again = source.replace(first);
        time.awaitIdle();
        assertThat(again).isCompletedWithValue(true);
        assertThat(source.current()).isNotSameAs(first);
    }

    private TokenSource hanging(CountDownLatch answer, boolean firstToo) {
        source = new TokenSource(
                SETTINGS,
                new TokenClient() {
                    @Override
                    public TokenResult request() {
                        int n = requests.incrementAndGet();
                        if (firstToo || n > 1) {
                            try {
                                answer.await();
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        }
                        return new Granted("token-" + n, HOUR, null);
                    }

                    @Override
                    public void close() {}
                },
                TestBreakers.create(time)::forTenant,
                new Random(7),
                Scheduler.daemon("token"),
                Duration.ofMillis(200));
        return source;
    }

    /** Once, each caller waited for minutes, and took a thread that others needed. */
    @Test
    void a_token_that_does_not_come_is_an_outage_until_it_comes() {
        CountDownLatch answer = new CountDownLatch(1);
        hanging(answer, true);

        assertThatThrownBy(source::current)
                .isInstanceOf(OutageException.class)
                .hasMessageContainingAll("has not answered", "jtl.oauth.token-endpoint");
        assertThat(source.isAway()).isTrue();
        for (int i = 0; i < 10; i++) {
            time.advance(Duration.ofMinutes(1));
            long began = System.nanoTime();
            assertThatThrownBy(source::current).isInstanceOf(OutageException.class);
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofMillis(150));
        }

        answer.countDown();
        await().until(() -> !source.isAway());
        assertThat(source.current().value()).isEqualTo("token-1");
        assertThat(requests).as("one at a time").hasValue(1);
    }

    /** Once, the refused calls of one tenant held whatever waited for them until all attempts had timed out. */
    @Test
    void a_replacement_that_does_not_come_fails_soon_and_the_old_token_stays() {
        CountDownLatch answer = new CountDownLatch(1);
        AccessToken first = hanging(answer, false).current();

        CompletableFuture<Boolean> replaced = source.replace(first);
        await().until(replaced::isCompletedExceptionally);
        assertThatThrownBy(() -> source.awaitReplacement(first))
                .isInstanceOf(ProcessingHaltedException.class)
                .hasMessageContaining("has not answered");
        assertThat(source.current()).isSameAs(first);
        assertThat(source.isAway()).isFalse();

        answer.countDown();
        await().until(() -> source.current() != first);
    }

    /** It was tried five times, and the same sentence was logged each time. */
    @Test
    void what_cannot_pass_is_not_tried_again() {
        source(n -> new Unavailable("the certificate is not trusted", Duration.ZERO, false));

        assertThatThrownBy(source::current)
                .isInstanceOfSatisfying(
                        OutageException.class,
                        outage -> assertThat(outage.outage().kind()).isEqualTo(Outage.Kind.UNTRUSTED))
                .hasMessageContaining("after 1 attempt, last: the certificate is not trusted");

        assertThat(requests).hasValue(1);
    }

    @Test
    void a_valid_token_is_kept() {
        source(granting(HOUR));
        AccessToken first = source.current();
        time.advance(Duration.ofMinutes(49));
        assertThat(source.current()).isSameAs(first);
        assertThat(requests).hasValue(1);
        assertThat(first.expiresAt() - first.issuedAt()).isEqualTo(HOUR.toNanos());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 5, 60, 600, 3600, 86_400, 31 * 86_400})
    void renews_ahead_of_the_end_and_never_after(long lifetimeSeconds) {
        Duration lifetime = Duration.ofSeconds(lifetimeSeconds);
        source(granting(lifetime));
        source.current();
        Duration margin = lifetime.dividedBy(10).compareTo(Duration.ofMinutes(5)) < 0
                ? lifetime.dividedBy(10)
                : Duration.ofMinutes(5);

        List<Duration> delays = new ArrayList<>();
        for (int n = 1; n <= 20; n++) {
            AccessToken held = source.current();
            Duration untilRenewal = time.untilNext();
            delays.add(untilRenewal);
            assertThat(untilRenewal).isBetween(lifetime.minus(margin.multipliedBy(2)), lifetime.minus(margin));
            time.advance(untilRenewal);
            time.awaitIdle();
            // Nobody had to ask: the renewal came by itself while the old token was good.
            assertThat(requests).hasValue(n + 1);
            assertThat(held.isUsable(time.getAsLong())).isTrue();
            assertThat(source.current()).isNotSameAs(held);
        }
        assertThat(delays).doesNotHaveDuplicates();
    }

    @Test
    void callers_get_the_old_token_while_its_renewal_is_under_way() throws Exception {
        CompletableFuture<TokenResult> slow = new CompletableFuture<>();
        source(n -> n == 1 ? new Granted("token-1", HOUR, null) : slow.join());
        AccessToken first = source.current();
        Duration untilRenewal = time.untilNext();
        var advanced = CompletableFuture.runAsync(() -> time.advance(untilRenewal));
        await().atMost(Duration.ofSeconds(30)).until(() -> requests.get() == 2);
        assertThat(source.current()).isSameAs(first);
        slow.complete(new Granted("token-2", HOUR, null));
        advanced.get(30, TimeUnit.SECONDS);
        assertThat(source.current().value()).isEqualTo("token-2");
    }

    @Test
    void an_expired_token_is_not_handed_out() {
        source(n -> n == 1 ? new Granted("token-1", HOUR, null) : new Unavailable("down", Duration.ZERO));
        AccessToken first = source.current();
        time.advance(HOUR);
        assertThat(first.isUsable(time.getAsLong())).isFalse();
        var waiting = CompletableFuture.supplyAsync(source::current);
        await().atMost(Duration.ofSeconds(10)).until(() -> {
            time.advance(Duration.ofSeconds(10));
            return waiting.isDone();
        });
        assertThatThrownBy(() -> waiting.get(30, TimeUnit.SECONDS)).hasCauseInstanceOf(ProcessingHaltedException.class);
    }

    @Test
    void a_renewal_that_fails_bothers_nobody_and_is_tried_again() {
        source(n -> n == 1 || n == 12 ? new Granted("token-" + n, HOUR, null) : new Unavailable("down", Duration.ZERO));
        AccessToken first = source.current();
        time.advance(time.untilNext().plusSeconds(15));
        assertThat(requests).hasValue(6);
        assertThat(source.current()).isSameAs(first);
        time.advance(Duration.ofMinutes(2));
        assertThat(source.current().value()).isEqualTo("token-12");
    }

    @Test
    void a_refused_renewal_bothers_nobody_either() {
        source(n -> n == 1 ? new Granted("token-1", HOUR, null) : new Refused("no"));
        AccessToken first = source.current();
        time.advance(time.untilNext().plusSeconds(1));
        assertThat(source.current()).isSameAs(first);
        time.advance(HOUR);
        assertThatThrownBy(source::current).isInstanceOf(ProcessingHaltedException.class);
    }

    @Test
    void everybody_gets_the_refusal_until_the_next_try_is_due() {
        source(n -> n == 1 ? new Refused("Check jtl.oauth.client-id.") : new Granted("token", HOUR, null));
        for (int i = 0; i < 10; i++) {
            assertThatThrownBy(source::current)
                    .isInstanceOf(ProcessingHaltedException.class)
                    .hasMessage("Check jtl.oauth.client-id.");
        }
        assertThat(requests).hasValue(1);
        time.advance(TestBreakers.AFTER_REFUSAL.minusSeconds(1));
        assertThatThrownBy(source::current).isInstanceOf(ProcessingHaltedException.class);
        time.advance(Duration.ofSeconds(2));
        assertThat(source.current().value()).isEqualTo("token");
        assertThat(requests).hasValue(2);
    }

    @Test
    void passing_failures_are_tried_again_less_and_less_often() {
        source(n -> new Unavailable("status 503", Duration.ZERO));
        var waiting = CompletableFuture.supplyAsync(source::current);
        for (int n = 1; n < 5; n++) {
            int made = n;
            await().atMost(Duration.ofSeconds(30)).until(() -> requests.get() == made && time.untilNext() != null);
            long full = 500L << (n - 1);
            assertThat(time.untilNext().toMillis()).isBetween(full / 2, full * 3 / 2);
            time.advance(time.untilNext());
        }
        assertThatThrownBy(() -> waiting.get(30, TimeUnit.SECONDS))
                .cause()
                .isInstanceOf(ProcessingHaltedException.class)
                .hasMessageContaining("out of reach")
                .hasMessageContaining("status 503")
                .hasMessageContaining("jtl.oauth.token-endpoint");
        assertThat(requests).hasValue(5);
    }

    @Test
    @Tag("slow")
    void while_the_endpoint_is_out_of_reach_one_request_at_a_time_probes() {
        source(n -> n < 8 ? new Unavailable("status 503", Duration.ZERO) : new Granted("token", HOUR, null));
        var waiting = CompletableFuture.supplyAsync(source::current);
        await().atMost(Duration.ofSeconds(30)).until(() -> {
            time.advance(Duration.ofSeconds(1));
            return waiting.isDone();
        });
        assertThat(requests).as("the tries of the first exchange").hasValue(5);

        for (int n = 6; n < 8; n++) {
            for (int i = 0; i < 10; i++) {
                assertThatThrownBy(source::current).isInstanceOf(OutageException.class);
            }
            assertThat(requests).hasValue(n - 1);
            time.advance(Duration.ofSeconds(6));
            assertThatThrownBy(source::current).isInstanceOf(OutageException.class);
            assertThat(requests).hasValue(n);
        }
        time.advance(Duration.ofSeconds(6));
        assertThat(source.current().value()).isEqualTo("token");
    }

    @Test
    void retry_after_is_honoured_up_to_half_a_minute() throws Exception {
        source(n -> n == 1
                ? new Unavailable("status 429", Duration.ofSeconds(12))
                : n == 2 ? new Unavailable("status 429", Duration.ofDays(1000)) : new Granted("token", HOUR, null));
        var waiting = CompletableFuture.supplyAsync(source::current);
        await().atMost(Duration.ofSeconds(30)).until(() -> time.untilNext() != null);
        assertThat(time.untilNext()).isEqualTo(Duration.ofSeconds(12));
        time.advance(Duration.ofSeconds(12));
        assertThat(time.untilNext()).isEqualTo(Duration.ofSeconds(30));
        time.advance(Duration.ofSeconds(30));
        assertThat(waiting.get(30, TimeUnit.SECONDS).value()).isEqualTo("token");
    }

    @Test
    void only_the_token_that_was_refused_is_replaced() {
        source(granting(HOUR));
        AccessToken first = source.current();
        assertThat(source.awaitReplacement(first)).isTrue();
        AccessToken second = source.current();
        assertThat(second).isNotSameAs(first);
        // Sixty-three more threads had used the first one.
        assertThat(source.awaitReplacement(first)).isTrue();
        assertThat(source.current()).isSameAs(second);
        assertThat(requests).hasValue(2);
    }

    @Test
    void refused_again_and_again_causes_one_request_in_half_a_minute() {
        source(granting(HOUR));
        source.current();
        for (int second = 0; second < 120; second++) {
            for (int contact = 0; contact < 10; contact++) {
                source.awaitReplacement(source.current());
            }
            time.advance(Duration.ofSeconds(1));
        }
        // The first token, its replacement at once, then one each at 30, 60 and 90 s.
        assertThat(requests).hasValue(5);
    }

    @Test
    void a_token_renewed_in_time_may_be_replaced_at_once() {
        source(granting(HOUR));
        source.awaitReplacement(source.current());
        time.advance(time.untilNext());
        AccessToken renewed = source.current();
        assertThat(renewed.value()).isEqualTo("token-3");
        assertThat(source.awaitReplacement(renewed)).isTrue();
        assertThat(source.current().value()).isEqualTo("token-4");
    }

    @Test
    void the_renewal_of_a_replaced_token_is_cancelled() {
        source(n -> new Granted("token-" + n, n == 1 ? HOUR : HOUR.multipliedBy(10), null));
        source.awaitReplacement(source.current());
        assertThat(time.untilNext()).isGreaterThan(HOUR);
    }

    @Test
    void closing_ends_the_wait() {
        CompletableFuture<TokenResult> never = new CompletableFuture<>();
        source(n -> never.join());
        var waiting = CompletableFuture.supplyAsync(source::current);
        await().atMost(Duration.ofSeconds(30)).until(() -> requests.get() == 1);
        source.close();
        assertThatThrownBy(() -> waiting.get(30, TimeUnit.SECONDS)).hasCauseInstanceOf(ProcessingHaltedException.class);
        assertThatThrownBy(source::current).isInstanceOf(ProcessingHaltedException.class);
        never.complete(new Granted("late", HOUR, null));
    }
}
