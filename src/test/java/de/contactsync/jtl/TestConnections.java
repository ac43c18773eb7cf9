package de.contactsync.jtl;

import de.contactsync.http.Network;
import de.contactsync.oauth.CredentialSource;
import de.contactsync.resilience.TestBreakers;
import java.net.URI;
import java.time.Duration;
import java.util.Map;

/** The ways in to the JTL of a test. */
public final class TestConnections {

    private TestConnections() {}

    /** The same for all tenants. */
    static JtlConnections of(JtlSettings settings, CredentialSource credentials) {
        return new JtlConnections(
                settings,
                new JtlConnection(null, settings, () -> new JtlConnection.Access(credentials, Network.DIRECT)),
                Map.of());
    }

    /** Where nobody is called. */
    public static JtlConnections none() {
        return of(settings(URI.create("http://127.0.0.1:1"), 1, Duration.ofSeconds(1)), null);
    }

    /** JTL's cloud, by a service account, where a failed call is not made again. */
    static JtlSettings settings(URI baseUrl, int concurrency, Duration timeout) {
        return new JtlSettings(
                baseUrl,
                null,
                null,
                null,
                concurrency,
                timeout,
                timeout,
                1,
                0,
                TestBreakers.AFTER_REFUSAL,
                true,
                JtlAuth.CLIENT_CREDENTIALS,
                null,
                true,
                null,
                null,
                null);
    }
}
