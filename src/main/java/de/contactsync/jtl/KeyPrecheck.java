package de.contactsync.jtl;

import de.contactsync.model.Chunk;
import de.contactsync.model.ContactKey;
import de.contactsync.model.JtlId;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.Outcome;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Keys that JTL cannot be asked for, because no settings say how their tenant's is reached, or its API has other ids:
 * each is refused by itself, the others pass.
 */
final class KeyPrecheck {

    private KeyPrecheck() {}

    static ProcessingHaltedException unknownTenant(UUID tenantId) {
        return new ProcessingHaltedException(message(tenantId));
    }

    private static String message(UUID tenantId) {
        return "no settings say how to reach the tenant " + tenantId
                + ": set jtl.tenants.NAME.tenant-id and its other settings, or jtl.oauth.client-id and"
                + " jtl.oauth.client-secret for all tenants without settings of their own";
    }

    /** @param known outcomes of the chunk's entries, by index, null or nothing where there is none */
    static List<Outcome> fill(Chunk chunk, List<Outcome> known, JtlConnections connections) {
        List<Outcome> filled = null;
        for (int i = 0; i < chunk.entries().size(); i++) {
            Outcome refused =
                    chunk.entries().get(i) instanceof KeyEntry.Valid valid ? refused(valid.key(), connections) : null;
            if (refused != null) {
                if (filled == null) {
                    filled = new ArrayList<>(known);
                }
                while (filled.size() <= i) {
                    filled.add(null);
                }
                if (filled.get(i) == null) {
                    filled.set(i, refused);
                }
            }
        }
        return filled == null ? known : filled;
    }

    /** Null when JTL can be asked for it. */
    private static Outcome refused(ContactKey key, JtlConnections connections) {
        Optional<JtlConnection> connection = connections.of(key.tenantId());
        return connection.isEmpty()
                ? failed(Reason.REJECTED, "unknown-tenant", message(key.tenantId()))
                : JtlId.problem(key, connection.get().ids())
                        .map(problem -> failed(Reason.INVALID_KEY, null, problem))
                        .orElse(null);
    }

    private static Outcome failed(Reason reason, String code, String message) {
        return new Outcome.Failed(reason, null, code, message, null, 0);
    }
}
