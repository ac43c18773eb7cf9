package de.contactsync.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

class SecretMaskTest {

    @Test
    void a_long_secret_is_hidden_wherever_it_is() {
        assertThat(SecretMask.hide("no client kanarien.secret4711x", "kanarien.secret4711"))
                .isEqualTo("no client ***x");
    }

    /** A password "a" once hid every a of an answer, or was not hidden at all. */
    @Test
    void a_short_one_is_hidden_where_it_stands_alone() {
        assertThat(SecretMask.hide("bad password 'a' and a bad day", "a"))
                .isEqualTo("bad password '***' and *** bad day");
        assertThat(SecretMask.hide("{\"secret\":\"p$1\"}", "p$1")).isEqualTo("{\"secret\":\"***\"}");
        assertThat(SecretMask.hide("invalid client", "in")).isEqualTo("invalid client");
    }

    @Test
    void nothing_is_no_secret() {
        assertThat(SecretMask.hide("a b", "")).isEqualTo("a b");
        assertThat(SecretMask.hide("a b", null)).isEqualTo("a b");
    }

    /** A password with a blank and a plus sign stood in messages as the form that it had been sent in. */
    @Test
    void a_secret_is_hidden_in_each_form_that_servers_repeat_it_in() {
        String secret = "Pass w0rd&/+99\"x";
        assertThat(List.of(
                        "p=Pass+w0rd%26%2F%2B99%22x&",
                        "p=Pass%20w0rd%26%2F%2B99%22x&",
                        "{\"p\": \"Pass w0rd&/+99\\\"x\"}",
                        "{\"p\": \"Pass w0rd&\\/+99\\\"x\"}",
                        "<p>Pass w0rd&amp;/+99&quot;x</p>",
                        "Basic " + Base64.getEncoder().encodeToString(secret.getBytes(StandardCharsets.UTF_8))))
                .allSatisfy(said -> assertThat(SecretMask.hide(said, secret))
                        .contains("***")
                        .doesNotContain("w0rd", "UGFzc"));
    }
}
