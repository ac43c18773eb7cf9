package de.contactsync.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class QuotaTest {

    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5); // System.nanoTime may wrap around too
    private JtlSimulator simulator;
    private TestClient testClient;

    @AfterEach
    void end() {
        if (simulator != null) {
            simulator.close();
        }
    }

    @Test
    void a_fixed_window_begins_with_a_call_and_accepts_all_again_when_it_is_over() throws Exception {
        start(Quota.of(3, Duration.ofSeconds(10)));
        assertThat(calls(1)).containsExactly(200);
        seconds(9);
        assertThat(calls(3)).containsExactly(200, 200, 429);
        seconds(1);
        assertThat(calls(4)).containsExactly(200, 200, 200, 429);
    }

    @Test
    void a_sliding_window_accepts_a_call_when_the_oldest_one_has_left_it() throws Exception {
        start(Quota.of(3, Duration.ofSeconds(10)).window(Quota.Window.SLIDING));
        assertThat(calls(1)).containsExactly(200);
        seconds(9);
        assertThat(calls(3)).containsExactly(200, 200, 429);
        seconds(1);
        assertThat(calls(2)).containsExactly(200, 429);
        seconds(9);
        assertThat(calls(3)).containsExactly(200, 200, 429);
    }

    @Test
    void a_bucket_is_refilled_evenly_and_never_holds_more_than_the_limit() throws Exception {
        start(Quota.of(5, Duration.ofSeconds(10)).window(Quota.Window.BUCKET));
        assertThat(calls(6)).containsExactly(200, 200, 200, 200, 200, 429);
        seconds(2);
        assertThat(calls(2)).containsExactly(200, 429);
        seconds(1000);
        assertThat(calls(6)).containsExactly(200, 200, 200, 200, 200, 429);
    }

    @Test
    void the_window_none_only_reports_the_quota() throws Exception {
        start(Quota.of(2, Duration.ofSeconds(10)).window(Quota.Window.NONE));
        assertThat(calls(4)).containsOnly(200);
        assertThat(header(testClient.get(TestClient.contact(1)), "X-RateLimit-Remaining"))
                .isEqualTo("0");
    }

    @Test
    void every_answer_of_the_api_reports_the_state_of_the_quota() throws Exception {
        start(Quota.of(3, Duration.ofMillis(1500)));
        HttpResponse<String> good = testClient.get(TestClient.contact(1));
        assertThat(header(good, "X-RateLimit-Limit")).isEqualTo("3");
        assertThat(header(good, "X-RateLimit-Interval-Length-Seconds")).isEqualTo("2");
        assertThat(header(good, "X-RateLimit-Remaining")).isEqualTo("2");
        assertThat(header(testClient.send(testClient.bare("/v9/nothing")), "X-RateLimit-Remaining"))
                .isEqualTo("1");
        assertThat(header(testClient.send(testClient.request("/v2/customers/1/contacts/1")), "X-RateLimit-Remaining"))
                .isEqualTo("0");
        HttpResponse<String> refused = testClient.get(TestClient.contact(1));
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(header(refused, "X-RateLimit-Remaining")).isEqualTo("0");
        assertThat(refused.headers().firstValue("Retry-After")).isEmpty();
    }

    @Test
    void retry_after_is_the_time_until_the_next_call_is_accepted() throws Exception {
        start(Quota.of(1, Duration.ofSeconds(10)).withRetryAfter());
        assertThat(calls(1)).containsExactly(200);
        now.addAndGet(Duration.ofMillis(2500).toNanos());
        assertThat(header(testClient.get(TestClient.contact(1)), "Retry-After")).isEqualTo("8");
        seconds(8);
        assertThat(calls(1)).containsExactly(200);
    }

    @Test
    void the_limit_can_be_changed_while_it_runs() throws Exception {
        start(Quota.of(5, Duration.ofSeconds(10)));
        assertThat(calls(2)).containsOnly(200);
        simulator.quotaLimit(3);
        assertThat(calls(2)).containsExactly(200, 429);
        simulator.quotaLimit(5);
        assertThat(calls(3)).containsExactly(200, 200, 429);
        assertThatThrownBy(() -> simulator.quotaLimit(0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void a_quota_can_be_enforced_without_headers() throws Exception {
        start(Quota.of(1, Duration.ofSeconds(10)).withRetryAfter().withoutHeaders());
        testClient.get(TestClient.contact(1));
        HttpResponse<String> refused = testClient.get(TestClient.contact(1));
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.headers().map().keySet())
                .noneMatch(name -> name.toLowerCase().startsWith("x-ratelimit"));
        assertThat(header(refused, "Retry-After")).isEqualTo("10");
    }

    @Test
    void without_a_quota_no_headers_are_sent() throws Exception {
        start(null);
        HttpResponse<String> response = testClient.get(TestClient.contact(1));
        assertThat(response.headers().map().keySet())
                .noneMatch(name -> name.toLowerCase().startsWith("x-ratelimit"));
        assertThatThrownBy(() -> simulator.quotaLimit(5)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void the_text_form_is_calls_per_interval() {
        assertThat(Quota.parse("60/10s")).isEqualTo(Quota.of(60, Duration.ofSeconds(10)));
        assertThatThrownBy(() -> Quota.parse("60 per minute")).hasMessageContaining("60 per minute", "60/10s");
        assertThatThrownBy(() -> Quota.parse("60/ten")).hasMessageContaining("\"ten\"");
        assertThatThrownBy(() -> Quota.parse("0/10s")).hasMessageContaining("at least 1");
    }

    private void start(Quota quota) {
        simulator = JtlSimulator.start(
                SimulatorOptions.builder().quota(quota).nanoTime(now::get).build());
        testClient = new TestClient(simulator);
    }

    private List<Integer> calls(int count) throws Exception {
        List<Integer> statuses = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            statuses.add(testClient.get(TestClient.contact(1)).statusCode());
        }
        return statuses;
    }

    private void seconds(long seconds) {
        now.addAndGet(Duration.ofSeconds(seconds).toNanos());
    }

    private static String header(HttpResponse<String> response, String name) {
        return response.headers().firstValue(name).orElse(null);
    }
}
