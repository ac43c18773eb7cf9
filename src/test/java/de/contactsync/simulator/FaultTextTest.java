package de.contactsync.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FaultTextTest {

    private static final String ID = "b45f6432-2462-4c6f-b00f-1d9d01000000";

    @Test
    void every_kind_has_a_text_form() {
        assertThat(Fault.parse("status=503,share=0.01"))
                .isEqualTo(Fault.status(503).share(0.01));
        assertThat(Fault.parse("body=gzip-bomb")).isEqualTo(Fault.body(Fault.Body.GZIP_BOMB));
        assertThat(Fault.parse("status=404,body=html")).isEqualTo(Fault.answer(404, Fault.Body.HTML));
        assertThat(Fault.parse("connection=reset")).isEqualTo(Fault.connection(Fault.Connection.RESET));
        assertThat(Fault.parse("drip=20ms")).isEqualTo(Fault.drip(Duration.ofMillis(20)));
        assertThat(Fault.parse("redirect=http://x/?a=b")).isEqualTo(Fault.redirect("http://x/?a=b"));
    }

    @Test
    void ids_and_times_narrow_a_rule_down() {
        assertThat(Fault.parse("body=truncated, ids=" + ID + ";" + TestClient.contact(2) + ", times=1"))
                .isEqualTo(Fault.body(Fault.Body.TRUNCATED)
                        .onlyFor(TestClient.CUSTOMER, TestClient.contact(2))
                        .times(1));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "503",
                "status=abc",
                "status=99",
                "status=600",
                "body=",
                "body=Truncated",
                "connection=lost",
                "drip=0ms",
                "drip=fast",
                "redirect=",
                "redirect=http://x/ y",
                "share=0.5",
                "status=503,share=2",
                "status=503,share=NaN",
                "status=503,share=half",
                "status=503,ids=",
                "status=503,ids=1-1-1-1-1",
                "status=503,times=-1",
                "status=503,times=1.5",
                "status=503,status=504",
                "status=503,drip=1ms",
                "status=503,tiems=1",
                "status=503,"
            })
    void a_bad_text_is_named_together_with_what_is_allowed(String text) {
        assertThatThrownBy(() -> Fault.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"" + text + "\"")
                .hasMessageContaining("status=200..599")
                .hasMessageContaining("html|truncated|empty|wrong-id|no-id|huge|gzip-bomb")
                .hasMessageContaining("reset|close|silent")
                .hasMessageContaining("ids=UUID;UUID");
    }
}
