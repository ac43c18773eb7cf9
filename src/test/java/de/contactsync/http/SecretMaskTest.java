package de.contactsync.http;

import static org.assertj.core.api.Assertions.assertThat;

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
}
