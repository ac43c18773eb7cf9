package de.contactsync.outbox;

import de.contactsync.persistence.Database;
import de.contactsync.persistence.ProcessId;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/** Gives back what was claimed by processes that are gone, or silent for {@link Outbox#LEASE}. Thread-safe. */
final class ClaimTakeover {

    private static final Duration BETWEEN_TAKEOVERS = Duration.ofSeconds(5);

    /**
     * @param at by the clock of the process that claimed: tells one claim of it from its next, and is compared to no
     *        clock
     */
    record Claimed(String by, Instant at) {}

    /** The claims in a table. */
    interface Claims {

        /** Those that are not recorded yet, of all processes. */
        List<Claimed> claims(Connection connection) throws SQLException;

        void free(Connection connection, Claimed claim) throws SQLException;
    }

    private final Database database;
    private final Claims claims;
    private final String owner;
    private final LongSupplier nanoTime;
    /** When this process first saw the claims of others that still stand. */
    private Map<Claimed, Long> sightings = Map.of();

    private long nextTakeover;

    ClaimTakeover(Database database, Claims claims, String owner, LongSupplier nanoTime) {
        this.database = database;
        this.claims = claims;
        this.owner = owner;
        this.nanoTime = nanoTime;
        this.nextTakeover = nanoTime.getAsLong();
    }

    synchronized void takeOver() {
        long now = nanoTime.getAsLong();
        if (nextTakeover - now > 0) {
            return;
        }
        nextTakeover = now + BETWEEN_TAKEOVERS.toNanos();
        sightings = database.inTransaction(connection -> {
            Map<Claimed, Long> seen = new HashMap<>();
            for (Claimed claim : claims.claims(connection)) {
                long first = sightings.getOrDefault(claim, now);
                if (claim.by().equals(owner)) {
                    continue;
                }
                if (ProcessId.parse(claim.by()).isGone() || now - first >= Outbox.LEASE.toNanos()) {
                    claims.free(connection, claim);
                } else {
                    seen.put(claim, first);
                }
            }
            return seen;
        });
    }

    /** The processes that hold something, for people; empty when none does. */
    String holders() {
        List<String> holders = database.inTransaction(connection ->
                claims.claims(connection).stream().map(Claimed::by).distinct().toList());
        return holders.isEmpty()
                ? ""
                : "they are with " + String.join(", ", holders)
                        + " (host/pid/identity), and sent by the next process"
                        + " once that one is seen to have ended, or has not settled them for 10 minutes";
    }
}
