package de.contactsync.persistence;

import de.contactsync.model.ContactKey;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import java.util.UUID;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** Where the SQL of the two databases differs, and which migrations make the tables. */
public enum Dialect {
    SQLITE("db/sqlite", new SqliteErrors()) {
        @Override
        public void setUuid(PreparedStatement statement, int index, UUID value) throws SQLException {
            statement.setString(index, value == null ? null : value.toString());
        }

        @Override
        UUID uuid(ResultSet row, int column) throws SQLException {
            String text = row.getString(column);
            return text == null ? null : UUID.fromString(text);
        }

        @Override
        public Object instant(Instant value) {
            return MILLISECONDS.format(value.truncatedTo(ChronoUnit.MILLIS));
        }

        @Override
        public Instant instant(ResultSet row, int column) throws SQLException {
            String text = row.getString(column);
            return text == null ? null : Instant.parse(text);
        }

        @Override
        String greatest() {
            return "max";
        }

        @Override
        public String epochMicros() {
            return "CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)";
        }

        /**
         * Deleted rows stay in free pages, in gaps of pages that are used (with {@code secure_delete}, too, where rows
         * were moved before) and in the log. A new file has none of that.
         *
         * @see <a href="https://www.sqlite.org/lang_vacuum.html">VACUUM</a>
         */
        @Override
        void overwriteDeleted(Connection connection) throws SQLException {
            try (Statement statement = connection.createStatement()) {
                statement.execute("VACUUM");
                try (ResultSet row = statement.executeQuery("PRAGMA wal_checkpoint(TRUNCATE)")) {
                    if (row.next() && row.getInt(1) != 0) {
                        throw new SQLiteException(
                                "another process reads the file, so its log cannot be emptied",
                                SQLiteErrorCode.SQLITE_BUSY);
                    }
                }
            }
        }

        @Override
        String schemaObjects() {
            return "SELECT 'table ' || name, NULL FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
                    + " UNION SELECT 'column ' || t.name || '.' || c.name, NULL FROM sqlite_master t,"
                    + " pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'"
                    + " UNION SELECT 'index ' || tbl_name || '.' || name, sql FROM sqlite_master WHERE type = 'index'"
                    + " AND name NOT LIKE 'sqlite_%'";
        }
    },
    POSTGRESQL("db/postgresql", new PostgresqlErrors()) {
        @Override
        String greatest() {
            return "greatest";
        }

        @Override
        public String epochMicros() {
            return "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)";
        }

        @Override
        String schemaObjects() {
            return "SELECT 'table ' || tablename, NULL FROM pg_tables WHERE schemaname = current_schema()"
                    + " UNION SELECT 'column ' || c.relname || '.' || a.attname, NULL FROM pg_class c"
                    + " JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid"
                    + " WHERE n.nspname = current_schema() AND c.relkind = 'r' AND a.attnum > 0"
                    + " AND NOT a.attisdropped"
                    + " UNION SELECT 'index ' || t.relname || '.' || c.relname, CASE WHEN k.oid IS NULL"
                    + " THEN replace(pg_get_indexdef(i.indexrelid), ' ON ' || quote_ident(n.nspname) || '.', ' ON ')"
                    + " ELSE 'ALTER TABLE ' || quote_ident(t.relname) || ' ADD CONSTRAINT ' || quote_ident(k.conname)"
                    + " || ' ' || pg_get_constraintdef(k.oid) END FROM pg_index i"
                    + " JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid"
                    + " JOIN pg_namespace n ON n.oid = c.relnamespace"
                    + " LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.contype IN ('p', 'u')"
                    + " WHERE n.nspname = current_schema()"
                    + " AND i.indisvalid";
        }

        @Override
        public String skipLocked() {
            return " FOR UPDATE SKIP LOCKED";
        }

        /** Not of the table, whose lock would wait for a dump of the database, and all chunks behind it. */
        @Override
        void lockForgotten(Connection connection, boolean alone) throws SQLException {
            try (Statement statement = connection.createStatement()) {
                statement.execute("SELECT pg_advisory_xact_lock" + (alone ? "" : "_shared") + "(" + FORGOTTEN + ")");
            }
        }

        /** In one order, so that no two wait for each other. Tenants that share a number wait for nothing more. */
        @Override
        void lockAnswers(Connection connection, Set<UUID> tenants, boolean alone) throws SQLException {
            try (PreparedStatement statement = connection.prepareStatement(
                    "SELECT pg_advisory_xact_lock" + (alone ? "" : "_shared") + "(" + ANSWERS + ", ?)")) {
                for (int number : tenants.stream()
                        .mapToInt(UUID::hashCode)
                        .sorted()
                        .distinct()
                        .toArray()) {
                    statement.setInt(1, number);
                    statement.execute();
                }
            }
        }

        @Override
        public void setUuid(PreparedStatement statement, int index, UUID value) throws SQLException {
            if (value == null) {
                statement.setNull(index, Types.OTHER, "uuid");
            } else {
                statement.setObject(index, value);
            }
        }

        @Override
        UUID uuid(ResultSet row, int column) throws SQLException {
            return row.getObject(column, UUID.class);
        }

        @Override
        public Object instant(Instant value) {
            return value.atOffset(ZoneOffset.UTC);
        }

        @Override
        public Instant instant(ResultSet row, int column) throws SQLException {
            OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
            return time == null ? null : time.toInstant();
        }

        /** Less than the socket timeout: a statement whose end nobody awaits any more must not continue. */
        @Override
        void limitStatements(Connection connection) throws SQLException {
            try (Statement statement = connection.createStatement()) {
                statement.execute(
                        "SELECT set_config('statement_timeout', '" + ConnectionPools.STATEMENT_TIMEOUT.toMillis()
                                + "', true) WHERE current_setting('statement_timeout') = '0'");
            }
        }

        @Override
        void checkConstraintsAtOnce(Connection connection) throws SQLException {
            try (Statement statement = connection.createStatement()) {
                statement.execute("SET CONSTRAINTS ALL IMMEDIATE");
            }
        }
    };

    /** The name of the advisory lock; any number that nobody else takes in this database. */
    private static final long FORGOTTEN = 7_165_031_982_466_015_301L;

    /** As {@link #FORGOTTEN}, of locks that have a second number. */
    private static final int ANSWERS = 1_668_247_155;

    /** Always three digits of fraction, so that text order is time order. */
    private static final DateTimeFormatter MILLISECONDS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    private final String migrations;
    private final DatabaseErrors errors;

    Dialect(String migrations, DatabaseErrors errors) {
        this.migrations = migrations;
        this.errors = errors;
    }

    /** Folder on the class path. */
    String migrations() {
        return migrations;
    }

    DatabaseErrors errors() {
        return errors;
    }

    public abstract void setUuid(PreparedStatement statement, int index, UUID value) throws SQLException;

    /** @return the parameter behind the key's three */
    public int setKey(PreparedStatement statement, int index, ContactKey key) throws SQLException {
        setUuid(statement, index, key.tenantId());
        setUuid(statement, index + 1, key.customerId());
        setUuid(statement, index + 2, key.contactId());
        return index + 3;
    }

    /** @param first column of the key's three, none of which is NULL */
    public ContactKey key(ResultSet row, int first) throws SQLException {
        return new ContactKey(uuid(row, first), uuid(row, first + 1), uuid(row, first + 2));
    }

    /** Null where it is NULL. */
    abstract UUID uuid(ResultSet row, int column) throws SQLException;

    /** For {@code setObject}. */
    public abstract Object instant(Instant value);

    /** Null where it is NULL. */
    public abstract Instant instant(ResultSet row, int column) throws SQLException;

    /** Behind a SELECT whose rows others must not take as well; SQLite has one writer at a time anyway. */
    public String skipLocked() {
        return "";
    }

    /**
     * Held until the transaction ends: by those who store contacts together, by who adds to the forgotten alone. SQLite
     * has one writer at a time anyway.
     */
    void lockForgotten(Connection connection, boolean alone) throws SQLException {}

    /**
     * Held until the transaction ends: by those who store contacts of these tenants together, by who writes failures of
     * theirs alone. SQLite has one writer at a time anyway.
     */
    void lockAnswers(Connection connection, Set<UUID> tenants, boolean alone) throws SQLException {}

    /** Where the server's own upkeep (VACUUM of PostgreSQL) does not come to it; not in a transaction. */
    void overwriteDeleted(Connection connection) throws SQLException {}

    /** A query for the tables, columns and indexes, as {@link SchemaObjects} has them: name, creating statement. */
    abstract String schemaObjects();

    /** Begins a transaction in which the server ends statements that take longer than anybody waits for them. */
    void limitStatements(Connection connection) throws SQLException {}

    /**
     * Has constraints and triggers that wait for the commit look at each statement of the transaction instead, so that
     * what they refuse can be told from the rest.
     */
    void checkConstraintsAtOnce(Connection connection) throws SQLException {}

    /** The function that gives the largest of its arguments. */
    abstract String greatest();

    /** The database's own time as microseconds since 1970. */
    public abstract String epochMicros();

    static Dialect of(String url) {
        if (url.startsWith("jdbc:sqlite:")) {
            return SQLITE;
        }
        if (url.startsWith("jdbc:postgresql:")) {
            return POSTGRESQL;
        }
        throw new IllegalArgumentException(
                "contacts.database.url: expected a URL that begins with jdbc:sqlite: or jdbc:postgresql:");
    }
}
