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

    /** @throws de.contactsync.model.ProcessingHaltedException when SQLite cannot be used on this machine */
    public DuplicateDetector() throws SQLException {
        SqliteLibrary.require();
        connection = DriverManager.getConnection("jdbc:sqlite:");
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA journal_mode = OFF");
            statement.execute("PRAGMA synchronous = OFF");
            statement.execute("PRAGMA cache_size = -4000");
            statement.execute("CREATE TABLE seen (key BLOB PRIMARY KEY) WITHOUT ROWID");
        }
        connection.setAutoCommit(false);
        insert = connection.prepareStatement("INSERT OR IGNORE INTO seen VALUES (?)");
    }

    /** Adds the keys in order; true stands at each that was there before. */
    public boolean[] add(List<ContactKey> keys) throws SQLException {
        for (ContactKey key : keys) {
            insert.setBytes(1, bytes(key));
            insert.addBatch();
        }
        int[] inserted = keys.isEmpty() ? new int[0] : insert.executeBatch();
        boolean[] seen = new boolean[keys.size()];
        for (int i = 0; i < seen.length; i++) {
            seen[i] = inserted[i] == 0;
        }
        return seen;
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
