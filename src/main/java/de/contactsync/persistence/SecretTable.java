package de.contactsync.persistence;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The table {@code secret}: what JTL or a CRM gave out and will not give out again, by name. */
public final class SecretTable {

    /**
     * @param name     such as {@code jtl:registration}
     * @param rests    how it is kept, for people
     * @param storedAt by the clock of the database; null for one of an earlier version
     */
    public record Entry(String name, String rests, Instant storedAt) {}

    private final Database database;
    private final SecretVault vault;

    public SecretTable(Database database, SecretVault vault) {
        this.database = database;
        this.vault = vault;
    }

    public Optional<String> get(String name) {
        String stored = database.inTransaction(connection -> {
            try (PreparedStatement statement = connection.prepareStatement("SELECT value FROM secret WHERE name = ?")) {
                statement.setString(1, name);
                try (ResultSet row = statement.executeQuery()) {
                    return row.next() ? row.getString(1) : "";
                }
            }
        });
        return stored.isEmpty() ? Optional.empty() : Optional.of(vault.reveal(name, stored));
    }

    /** Replaces what there was of that name. Committed, and if in a file on the disk, when it returns. */
    public void put(String name, String secret) {
        database.inTransaction(connection -> {
            // Also keeps other writers out until the file is written.
            update(
                    connection,
                    "INSERT INTO secret (name, seed, value) VALUES (?, '', '') ON CONFLICT (name) DO UPDATE SET"
                            + " claimed_by = NULL",
                    name);
            return update(
                    connection,
                    "UPDATE secret SET seed = '', access = NULL, access_ends = NULL, claimed_by = NULL, claims = claims"
                            + " + 1, stored_at = " + database.dialect().epochMicros() + ", value = ? WHERE name = ?",
                    vault.protect(name, secret),
                    name);
        });
        if (!vault.keepsInFile()) {
            removeFromFile(name);
        }
    }

    public void remove(String name) {
        database.inTransaction(connection -> update(connection, "DELETE FROM secret WHERE name = ?", name));
        removeFromFile(name);
    }

    private void removeFromFile(String name) {
        database.inTransaction(connection -> {
            update(connection, "UPDATE secret SET name = name WHERE name = ?", name);
            vault.removeFromFile(name);
            vault.removeFromFile(RefreshTokenTable.access(name));
            return null;
        });
    }

    /** By name. */
    public List<Entry> list() {
        return database.inTransaction(connection -> {
            List<Entry> entries = new ArrayList<>();
            try (PreparedStatement statement =
                            connection.prepareStatement("SELECT name, value, stored_at FROM secret ORDER BY name");
                    ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    long micros = row.getLong(3);
                    Instant storedAt =
                            row.wasNull() ? null : Instant.ofEpochMilli(TimeUnit.MICROSECONDS.toMillis(micros));
                    entries.add(new Entry(row.getString(1), vault.describe(row.getString(2)), storedAt));
                }
            }
            return entries;
        });
    }

    /**
     * Protects anew what is not protected as the settings have it today.
     *
     * @return the names of those
     */
    public List<String> rotate() {
        List<String> names = new ArrayList<>();
        for (Entry entry : list()) {
            boolean changed = database.inTransaction(connection -> rotate(connection, entry.name()));
            if (changed) {
                names.add(entry.name());
            }
            if (!vault.keepsInFile()) {
                removeFromFile(entry.name());
            }
        }
        return names;
    }

    private boolean rotate(Connection connection, String name) throws SQLException {
        // Keeps other writers out of the row.
        update(connection, "UPDATE secret SET name = name WHERE name = ?", name);
        String stored;
        try (PreparedStatement statement = connection.prepareStatement("SELECT value FROM secret WHERE name = ?")) {
            statement.setString(1, name);
            try (ResultSet row = statement.executeQuery()) {
                stored = row.next() ? row.getString(1) : "";
            }
        }
        if (stored.isEmpty() || !vault.isOutdated(stored)) {
            return false;
        }
        // An access token is fetched anew; the processes have theirs.
        update(
                connection,
                "UPDATE secret SET value = ?, access = NULL, access_ends = NULL WHERE name = ?",
                vault.protect(name, vault.reveal(name, stored)),
                name);
        return true;
    }

    private static int update(Connection connection, String sql, String... parameters) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setString(i + 1, parameters[i]);
            }
            return statement.executeUpdate();
        }
    }
}
