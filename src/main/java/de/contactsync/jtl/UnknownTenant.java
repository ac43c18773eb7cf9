package de.contactsync.jtl;

import de.contactsync.model.Chunk;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.Outcome;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Keys of a tenant for which no settings say how its JTL is reached: each is refused by itself, the others pass. */
final class UnknownTenant {

    private UnknownTenant() {}

    static ProcessingHaltedException exception(UUID tenantId) {
        return new ProcessingHaltedException(message(tenantId));
    }

    private static String message(UUID tenantId) {
        return "no settings say how tenant " + tenantId
                + " is reached: set jtl.tenants.NAME.tenant-id and what belongs to"
                + " it, or jtl.oauth.client-id and jtl.oauth.client-secret for all tenants without settings of their"
                + " own";
    }

    /** @param known outcomes of the chunk's entries, by index, null or nothing where there is none */
    static List<Outcome> fill(Chunk chunk, List<Outcome> known, JtlConnections connections) {
        List<Outcome> filled = null;
        for (int i = 0; i < chunk.entries().size(); i++) {
            if (chunk.entries().get(i) instanceof KeyEntry.Valid valid
                    && connections.of(valid.key().tenantId()).isEmpty()) {
                if (filled == null) {
                    filled = new ArrayList<>(known);
                }
                while (filled.size() <= i) {
                    filled.add(null);
                }
                if (filled.get(i) == null) {
                    filled.set(
                            i,
                            new Outcome.Failed(
                                    Reason.REJECTED,
                                    null,
                                    "unknown-tenant",
                                    message(valid.key().tenantId()),
                                    null,
                                    0));
                }
            }
        }
        return filled == null ? known : filled;
    }
}
