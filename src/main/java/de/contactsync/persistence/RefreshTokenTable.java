package de.contactsync.persistence;

import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.RefreshTokens;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A sink's row of the table {@code refresh_token}: for all processes the token that the server gave out last, and which
 * of them is spending it. Another one in the settings takes its place.
 */
public final class RefreshTokenTable implements RefreshTokens {

    private static final Logger LOG = LoggerFactory.getLogger(RefreshTokenTable.class);

    /** Longer than any token request takes. */
    private static final Duration SILENT = Duration.ofMinutes(3);

    private record Row(String claimedBy, long claims, String seed, String token) {}

    private final Database database;
    private final String sink;
    private final String owner;
    private final String first;
    private final String seed;
    /** What the server gave out, and the database could not take at once. */
    private String unsaved;

    private long observed = -1;
    private long observedSince;

    /** @param first that the settings have */
    public RefreshTokenTable(Database database, String sink, RunStore runs, String first) {
        this.database = database;
        this.sink = sink;
        this.owner = runs.owner();
        this.first = first;
        this.seed = hash(first);
    }

    @Override
    public synchronized Optional<String> claim() {
        if (unsaved != null) {
            save(unsaved);
            unsaved = null;
        }
        return database.inTransaction(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(
                    "INSERT INTO refresh_token (sink, seed, token) VALUES (?, ?, ?) ON CONFLICT (sink) DO NOTHING")) {
                statement.setString(1, sink);
                statement.setString(2, seed);
                statement.setString(3, first);
                statement.executeUpdate();
            }
            Row row;
            try (PreparedStatement statement = connection.prepareStatement(
                    "SELECT claimed_by, claims, seed, token FROM refresh_token WHERE sink = ?")) {
                statement.setString(1, sink);
                try (ResultSet found = statement.executeQuery()) {
                    found.next();
                    row = new Row(found.getString(1), found.getLong(2), found.getString(3), found.getString(4));
                }
            }
            if (!isFree(row)) {
                return Optional.empty();
            }
            String token = row.seed.equals(seed) ? row.token : first;
            try (PreparedStatement statement = connection.prepareStatement(
                    "UPDATE refresh_token SET claimed_by = ?, claims = claims + 1, seed = ?, token = ?"
                            + " WHERE sink = ? AND claims = ? AND claimed_by IS NOT DISTINCT FROM ?")) {
                statement.setString(1, owner);
                statement.setString(2, seed);
                statement.setString(3, token);
                statement.setString(4, sink);
                statement.setLong(5, row.claims);
                statement.setString(6, row.claimedBy);
                return statement.executeUpdate() == 1 ? Optional.of(token) : Optional.empty();
            }
        });
    }

    /** Of a process that is gone, or that we have seen hold the same claim for longer than a request takes. */
    private boolean isFree(Row row) {
        if (row.claimedBy == null
                || Objects.equals(row.claimedBy, owner)
                || ProcessId.parse(row.claimedBy).isGone()) {
            return true;
        }
        long now = System.nanoTime();
        if (observed != row.claims) {
            observed = row.claims;
            observedSince = now;
        }
        return now - observedSince >= SILENT.toNanos();
    }

    @Override
    public synchronized void release(String rotated) {
        try {
            save(rotated);
        } catch (ProcessingHaltedException e) {
            unsaved = rotated;
            LOG.warn(
                    "The refresh token of the CRM could not be written down, it is tried again before the next is"
                            + " asked for:"
                            + " {}",
                    e.getMessage());
        }
    }

    private void save(String rotated) {
        database.inTransaction(connection -> {
            try (PreparedStatement statement =
                    connection.prepareStatement("UPDATE refresh_token SET claimed_by = NULL, token = coalesce(?, token)"
                            + " WHERE sink = ? AND claimed_by = ?")) {
                statement.setString(1, rotated);
                statement.setString(2, sink);
                statement.setString(3, owner);
                return statement.executeUpdate();
            }
        });
    }

    private static String hash(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
