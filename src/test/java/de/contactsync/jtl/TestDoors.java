package de.contactsync.jtl;

import de.contactsync.http.Network;
import de.contactsync.oauth.CredentialSource;
import de.contactsync.resilience.TestBreakers;
import java.net.URI;
import java.time.Duration;
import java.util.Map;

/** The ways in to the JTL of a test. */
final class TestDoors {

    private TestDoors() {}

    /** The same for all tenants. */
    static JtlDoors of(JtlSettings settings, CredentialSource credentials) {
        return new JtlDoors(
                settings, new JtlDoor(null, settings, () -> new JtlDoor.Access(credentials, Network.DIRECT)), Map.of());
    }

    /** Where nobody is called. */
    static JtlDoors none() {
        return of(
                new JtlSettings(
                        URI.create("http://127.0.0.1:1"),
                        null,
                        null,
                        null,
                        1,
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(1),
                        1,
                        0,
                        TestBreakers.AFTER_REFUSAL,
                        true),
                null);
    }
}
