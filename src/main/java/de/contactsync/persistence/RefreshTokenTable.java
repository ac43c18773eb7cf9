package de.contactsync.persistence;

import de.contactsync.model.Digest;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.RefreshTokens;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A row of the table {@code secret}: for all processes the refresh token that a server gave out last, what it was spent
 * for, and which process is spending it. Another one in the settings takes its place.
 */
public final class RefreshTokenTable implements RefreshTokens {

    private static final Logger LOG = LoggerFactory.getLogger(RefreshTokenTable.class);

    /** Longer than any token request takes. */
    private static final Duration SILENT = Duration.ofMinutes(3);

    /** An access token that ends sooner is of little use to another process. */
    private static final Duration SHORTEST_REST = Duration.ofSeconds(10);

    private static final String NONE_LEFT = "";

    /** @param restMicros that the access token has, by the clock of the database */
    private record Row(String claimedBy, long claims, String seed, String value, String access, long restMicros) {}

    private final Database database;
    private final SecretVault vault;
    private final String name;
    private final String owner;
    private final String first;
    private final String seed;
    private final String whenNone;
    /** What the server gave out, and the database could not take at once. */
    private Spent unsaved;

    private record Spent(String rotated, Access access) {}

    private long observed = -1;
    private long observedSince;

    private RefreshTokenTable(
            Database database, SecretVault vault, String name, String owner, String first, String whenNone) {
        this.database = database;
        this.vault = vault;
        this.name = name;
        this.owner = owner;
        this.first = first;
        this.seed = first == null ? "" : Digest.of(first);
        this.whenNone = whenNone;
    }

    /** @param first that the settings have */
    public static RefreshTokenTable ofSettings(
            Database database, SecretVault vault, String name, String owner, String first) {
        return new RefreshTokenTable(database, vault, name, owner, first, "there is no refresh token");
    }

    /**
     * Of a login, which {@link SecretTable#put} has stored.
     *
     * @param whenNone what a person is to do while there is none
     */
    public static RefreshTokenTable ofLogin(
            Database database, SecretVault vault, String name, String owner, String whenNone) {
        return new RefreshTokenTable(database, vault, name, owner, null, whenNone);
    }

    @Override
    public synchronized Turn claim(String unwanted) {
        if (unsaved != null) {
            save(unsaved);
            unsaved = null;
        }
        return database.inTransaction(connection -> claim(connection, unwanted));
    }

    private Turn claim(Connection connection, String unwanted) throws SQLException {
        if (first != null) {
            try (PreparedStatement statement = connection.prepareStatement(
                    "INSERT INTO secret (name, seed, value) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING")) {
                statement.setString(1, name);
                statement.setString(2, seed);
                statement.setString(3, NONE_LEFT);
                statement.executeUpdate();
            }
        }
        Row row = row(connection);
        if (row == null) {
            return new Turn.None(whenNone);
        }
        boolean fromSettings = first != null && (!row.seed.equals(seed) || row.value.equals(NONE_LEFT));
        if (!fromSettings && row.value.equals(NONE_LEFT)) {
            return new Turn.None(whenNone);
        }
        if (!fromSettings
                && row.access != null
                && row.restMicros >= TimeUnit.MILLISECONDS.toMicros(SHORTEST_REST.toMillis())) {
            Access access = access(row);
            if (!access.token().equals(unwanted)) {
                return new Turn.Use(access);
            }
        }
        if (!isFree(row)) {
            return new Turn.Wait();
        }
        boolean claimed;
        try (PreparedStatement statement =
                connection.prepareStatement("UPDATE secret SET claimed_by = ?, claims = claims + 1"
                        + " WHERE name = ? AND claims = ? AND claimed_by IS NOT DISTINCT FROM ?")) {
            statement.setString(1, owner);
            statement.setString(2, name);
            statement.setLong(3, row.claims);
            statement.setString(4, row.claimedBy);
            claimed = statement.executeUpdate() == 1;
        }
        if (!claimed) {
            return new Turn.Wait();
        }
        if (!fromSettings) {
            return new Turn.Spend(vault.reveal(name, row.value));
        }
        try (PreparedStatement statement = connection.prepareStatement(
                "UPDATE secret SET seed = ?, value = ?, access = NULL, access_ends = NULL WHERE name = ?")) {
            statement.setString(1, seed);
            statement.setString(2, vault.protect(name, first));
            statement.setString(3, name);
            statement.executeUpdate();
        }
        return new Turn.Spend(first);
    }

    /** Null when there is none. */
    private Row row(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT claimed_by, claims, seed, value, access,"
                + " access_ends - " + database.dialect().epochMicros() + " FROM secret WHERE name = ?")) {
            statement.setString(1, name);
            try (ResultSet found = statement.executeQuery()) {
                return found.next()
                        ? new Row(
                                found.getString(1),
                                found.getLong(2),
                                found.getString(3),
                                found.getString(4),
                                found.getString(5),
                                found.getLong(6))
                        : null;
            }
        }
    }

    private Access access(Row row) {
        String[] parts = vault.reveal(access(name), row.access).split("\n", 2);
        return new Access(parts[0], Duration.ofNanos(row.restMicros * 1_000), parts.length == 2 ? parts[1] : null);
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
    public synchronized void release(String rotated, Access access) {
        Spent spent = new Spent(rotated, access);
        try {
            save(spent);
        } catch (ProcessingHaltedException e) {
            unsaved = spent;
            LOG.warn(
                    "The refresh token {} could not be written down, it is tried again before the next is asked for: {}",
                    name,
                    e.getMessage());
        }
    }

    @Override
    public synchronized void refused() {
        try {
            save(new Spent(NONE_LEFT, null));
        } catch (ProcessingHaltedException e) {
            LOG.warn("That the refresh token {} was refused could not be written down: {}", name, e.getMessage());
        }
    }

    private void save(Spent spent) {
        database.inTransaction(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(
                    "UPDATE secret SET claimed_by = NULL WHERE name = ? AND claimed_by = ?")) {
                statement.setString(1, name);
                statement.setString(2, owner);
                if (statement.executeUpdate() == 0) {
                    // Another one was set, or somebody logged in or out meanwhile.
                    return null;
                }
            }
            if (spent.rotated != null) {
                try (PreparedStatement statement = connection.prepareStatement("UPDATE secret SET value = ?, stored_at"
                        + " = " + database.dialect().epochMicros() + " WHERE name = ?")) {
                    statement.setString(
                            1, spent.rotated.equals(NONE_LEFT) ? NONE_LEFT : vault.protect(name, spent.rotated));
                    statement.setString(2, name);
                    statement.executeUpdate();
                }
                if (spent.rotated.equals(NONE_LEFT)) {
                    vault.removeFromFile(name);
                }
            }
            saveAccess(connection, spent.access);
            return null;
        });
    }

    private void saveAccess(Connection connection, Access access) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("UPDATE secret SET access = ?, access_ends = "
                + database.dialect().epochMicros() + " + ? WHERE name = ?")) {
            statement.setString(
                    1,
                    access == null
                            ? null
                            : vault.protect(
                                    access(name),
                                    access.token() + (access.instance() == null ? "" : "\n" + access.instance())));
            statement.setLong(2, access == null ? 0 : access.lifetime().toNanos() / 1_000);
            statement.setString(3, name);
            statement.executeUpdate();
        }
    }

    /** Of the access token, as a name for {@link SecretVault}. */
    static String access(String name) {
        return name + "/access";
    }
}
