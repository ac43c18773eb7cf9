package de.contactsync.jtl;

import de.contactsync.http.Network;
import de.contactsync.model.JtlId;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.oauth.CredentialSource;
import java.util.Optional;
import java.util.function.Supplier;

/** One way in to JTL: how calls are made for a tenant, or for all that share it. Compared by identity. Thread-safe. */
public final class JtlConnection {

    /** @param network the way to the server */
    public record Access(CredentialSource credentials, Network network) {}

    private final String tenant;
    private final JtlSettings settings;
    private final Supplier<Access> open;
    private volatile Access access;

    /**
     * @param tenant its name for people; null where it is for tenants without settings of their own
     * @param open   asked once, when the first call is made
     */
    public JtlConnection(String tenant, JtlSettings settings, Supplier<Access> open) {
        this.tenant = tenant;
        this.settings = settings;
        this.open = open;
    }

    Optional<String> tenant() {
        return Optional.ofNullable(tenant);
    }

    JtlSettings settings() {
        return settings;
    }

    CredentialSource credentials() {
        return access().credentials;
    }

    /** What the ids of customers and contacts are; either while the app is not registered, which the call will say. */
    JtlId.Kind ids() {
        if (settings.ids() == JtlId.Kind.ANY && credentials() instanceof WawiKeySource wawi) {
            try {
                return JtlId.Kind.of(wawi.apiVersion());
            } catch (ProcessingHaltedException e) {
                return JtlId.Kind.ANY;
            }
        }
        return settings.ids();
    }

    Network network() {
        return access().network;
    }

    /** The credentials; null while no call has been made. */
    CredentialSource opened() {
        Access known = access;
        return known == null ? null : known.credentials;
    }

    private Access access() {
        Access opened = access;
        if (opened == null) {
            synchronized (this) {
                if (access == null) {
                    access = open.get();
                }
                opened = access;
            }
        }
        return opened;
    }
}
