package de.contactsync.imports;

import de.contactsync.model.ContactKey;
import de.contactsync.persistence.SqliteLibrary;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.UUID;

/**
 * The keys a run has come across, kept in a nameless SQLite database that spills to a temporary file: exact, and of
 * the same memory for a file of any size. Not thread-safe.
 */
public final class DuplicateDetector implements AutoCloseable {

    private static final UUID NO_TENANT = new UUID(0, 0);

    private final Connection connection;
    private final PreparedStatement insert;
    private final PreparedStatement append;
    private boolean appended;

    /** @throws de.contactsync.model.ProcessingHaltedException when SQLite cannot be used on this machine */
    public DuplicateDetector() throws SQLException {
        SqliteLibrary.require();
        connection = DriverManager.getConnection("jdbc:sqlite:");
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA journal_mode = OFF");
            statement.execute("PRAGMA synchronous = OFF");
            statement.execute("PRAGMA cache_size = -16000");
            statement.execute("CREATE TABLE seen (key BLOB PRIMARY KEY) WITHOUT ROWID");
            statement.execute("CREATE TABLE skipped (key BLOB)");
        }
        connection.setAutoCommit(false);
        insert = connection.prepareStatement("INSERT OR IGNORE INTO seen VALUES (?)");
        append = connection.prepareStatement("INSERT INTO skipped VALUES (?)");
    }

    /** Adds the keys in order; true stands at each that was there before. */
    public boolean[] add(List<ContactKey> keys) throws SQLException {
        if (appended) {
            sortIn();
        }
        int[] inserted = execute(insert, keys);
        boolean[] seen = new boolean[keys.size()];
        for (int i = 0; i < seen.length; i++) {
            seen[i] = inserted[i] == 0;
        }
        return seen;
    }

    /**
     * Adds keys of which nobody needs to know whether they were there before. In any order they would be put into the
     * index one by one, at random places; a run that resumes has millions of them, so they are sorted first.
     */
    void skip(List<ContactKey> keys) throws SQLException {
        execute(append, keys);
        appended = true;
    }

    private void sortIn() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("INSERT OR IGNORE INTO seen SELECT key FROM skipped ORDER BY key");
            statement.execute("DELETE FROM skipped");
        }
        appended = false;
    }

    private static int[] execute(PreparedStatement statement, List<ContactKey> keys) throws SQLException {
        for (ContactKey key : keys) {
            statement.setBytes(1, bytes(key));
            statement.addBatch();
        }
        return keys.isEmpty() ? new int[0] : statement.executeBatch();
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }

    private static byte[] bytes(ContactKey key) {
        UUID tenant = key.tenantId() == null ? NO_TENANT : key.tenantId();
        return ByteBuffer.allocate(48)
                .putLong(key.contactId().getMostSignificantBits())
                .putLong(key.contactId().getLeastSignificantBits())
                .putLong(key.customerId().getMostSignificantBits())
                .putLong(key.customerId().getLeastSignificantBits())
                .putLong(tenant.getMostSignificantBits())
                .putLong(tenant.getLeastSignificantBits())
                .array();
    }
}
