package de.contactsync.oauth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OAuthSettingsTest {

    private static final URI ENDPOINT = URI.create("https://auth.example.test:8443/oauth2/token?key=hidden");

    @Test
    void text_forms_keep_secrets_to_themselves() {
        assertThat(new OAuthSettings("jtl.oauth", ENDPOINT, "id", "s3cr3t", "a b").toString())
                .contains("https://auth.example.test:8443/oauth2/token", "id", "a b")
                .doesNotContain("s3cr3t", "hidden");
        assertThat(new AccessToken("the-token", 0, 1, null).toString()).doesNotContain("the-token");
        assertThat(new AccessToken("the-token", 0, 1, null).authorization()).isEqualTo("Bearer the-token");
    }

    @Test
    void no_scope_is_an_empty_scope() {
        assertThat(new OAuthSettings("jtl.oauth", ENDPOINT, "id", "secret", null).scope())
                .isEmpty();
        assertThat(new OAuthSettings("jtl.oauth", ENDPOINT, "id", "secret", "  ").scope())
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ftp://auth.example.test/",
                "/oauth2/token",
                "https:///token",
                "https://user:pw@auth.example.test/",
                "https://auth.example.test/#here",
                "mailto:a@example.test"
            })
    void an_endpoint_that_is_none_is_named_but_not_shown(String endpoint) {
        assertThatThrownBy(() -> new OAuthSettings("jtl.oauth", URI.create(endpoint), "id", "secret", ""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("jtl.oauth.token-endpoint")
                .hasMessageNotContaining("pw");
    }

    @Test
    void what_is_missing_is_named() {
        assertThatThrownBy(() -> new OAuthSettings("jtl.oauth", ENDPOINT, " ", "secret", ""))
                .hasMessageContaining("jtl.oauth.client-id");
        assertThatThrownBy(() -> new OAuthSettings("jtl.oauth", ENDPOINT, "id", null, ""))
                .hasMessageContaining("jtl.oauth.client-secret");
    }
}
