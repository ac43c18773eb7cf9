package de.contactsync.ledger;

import de.contactsync.contact.ContactKey;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** Where the two databases differ: how uuids and instants are written, and which migrations make the tables. */
enum Dialect {
    SQLITE("db/sqlite") {
        @Override
        void setUuid(PreparedStatement statement, int index, UUID value) throws SQLException {
            statement.setString(index, value == null ? null : value.toString());
        }

        @Override
        UUID uuid(ResultSet row, int column) throws SQLException {
            String text = row.getString(column);
            return text == null ? null : UUID.fromString(text);
        }

        @Override
        Object instant(Instant value) {
            return MILLISECONDS.format(value.truncatedTo(ChronoUnit.MILLIS));
        }

        @Override
        Instant instant(ResultSet row, int column) throws SQLException {
            String text = row.getString(column);
            return text == null ? null : Instant.parse(text);
        }

        @Override
        boolean mayPass(SQLException e) {
            // The one connection was busy: another thread waits for another process.
            return e instanceof SQLTransientConnectionException
                    || find(SQLiteException.class, e)
                            .map(Dialect::plainCode)
                            .filter(PASSING::contains)
                            .isPresent();
        }

        /** The texts of constraints name columns or what was declared; that of a trigger may be made of the row. */
        @Override
        Optional<String> refusal(SQLException e) {
            return find(SQLiteException.class, e)
                    .filter(failure -> plainCode(failure) == SQLiteErrorCode.SQLITE_CONSTRAINT.code)
                    .map(failure -> failure.getResultCode() == SQLiteErrorCode.SQLITE_CONSTRAINT_TRIGGER
                            ? "a trigger"
                            : failure.getMessage().replaceFirst("(?s)^.*\\((.*)\\)$", "$1"));
        }
    },
    POSTGRESQL("db/postgresql") {
        /** The pool has tried for seconds before it gives up. */
        @Override
        boolean mayPassAtOnce(SQLException e) {
            return !(e instanceof SQLTransientConnectionException);
        }

        @Override
        String skipLocked() {
            return " FOR UPDATE SKIP LOCKED";
        }

        @Override
        void setUuid(PreparedStatement statement, int index, UUID value) throws SQLException {
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
        Object instant(Instant value) {
            return value.atOffset(ZoneOffset.UTC);
        }

        @Override
        Instant instant(ResultSet row, int column) throws SQLException {
            OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
            return time == null ? null : time.toInstant();
        }

        /** Connection lost (class 08), server going down (57), no room for now (53), serialization or deadlock (40). */
        @Override
        boolean mayPass(SQLException e) {
            String state = e.getSQLState();
            return e instanceof SQLTransientConnectionException || state != null && state.matches("(08|57|53|40)...");
        }

        /** Data (class 22), integrity (23), and what a trigger raises (P0001), whose text may be made of the row. */
        @Override
        Optional<String> refusal(SQLException e) {
            String state = e.getSQLState();
            if (state == null || !state.matches("22...|23...|P0001")) {
                return Optional.empty();
            }
            ServerErrorMessage server =
                    find(PSQLException.class, e).map(PSQLException::getServerErrorMessage).orElse(null);
            String place = server == null ? null
                    : server.getConstraint() != null ? "constraint " + server.getConstraint()
                    : server.getColumn() != null ? "column " + server.getColumn()
                    : state.equals("P0001") ? "a trigger" : null;
            return Optional.of((place == null ? "" : place + ", ") + "SQLState " + state);
        }
    };

    /** Always three digits of fraction, so that text order is time order. */
    private static final DateTimeFormatter MILLISECONDS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    /** Held by another process; no room; the disk or the folder is away. */
    private static final Set<Integer> PASSING = Set.of(
            SQLiteErrorCode.SQLITE_BUSY.code,
            SQLiteErrorCode.SQLITE_LOCKED.code,
            SQLiteErrorCode.SQLITE_FULL.code,
            SQLiteErrorCode.SQLITE_IOERR.code,
            SQLiteErrorCode.SQLITE_CANTOPEN.code);

    private final String migrations;

    Dialect(String migrations) {
        this.migrations = migrations;
    }

    /** Folder on the class path. */
    String migrations() {
        return migrations;
    }

    abstract void setUuid(PreparedStatement statement, int index, UUID value) throws SQLException;

    /** @return the parameter behind the key's three */
    int setKey(PreparedStatement statement, int index, ContactKey key) throws SQLException {
        setUuid(statement, index, key.tenantId());
        setUuid(statement, index + 1, key.customerId());
        setUuid(statement, index + 2, key.contactId());
        return index + 3;
    }

    /** Null where it is NULL. */
    abstract UUID uuid(ResultSet row, int column) throws SQLException;

    /** For {@code setObject}. */
    abstract Object instant(Instant value);

    /** Null where it is NULL. */
    abstract Instant instant(ResultSet row, int column) throws SQLException;

    /** Behind a SELECT whose rows others shall not take as well; SQLite has one writer at a time anyway. */
    String skipLocked() {
        return "";
    }

    /** Whether the same work may succeed when it is tried again. */
    abstract boolean mayPass(SQLException e);

    /** Whether a database that cannot be opened may be there later: a server that does not answer yet. */
    boolean mayComeUp(Exception failure) {
        return this == POSTGRESQL && find(SQLException.class, failure).filter(this::mayPass).isPresent();
    }

    /** Whether an SQLite file could not be had because another connection was writing to it. */
    static boolean isHeldByAnother(Exception failure) {
        return find(SQLiteException.class, failure)
                .filter(e -> plainCode(e) == SQLiteErrorCode.SQLITE_BUSY.code)
                .isPresent();
    }

    /** Whether, of what {@linkplain #mayPass may pass}, it is worth another try without a pause. */
    boolean mayPassAtOnce(SQLException e) {
        return true;
    }

    /**
     * What keeps a row out for what is in it: a constraint, a trigger, the encoding. Without anything of the row.
     *
     * @return empty when the failure is of another kind
     */
    abstract Optional<String> refusal(SQLException e);

    /** Extended codes hold it in their low byte; SQLite's driver gives no SQLState. */
    private static int plainCode(SQLiteException e) {
        return e.getResultCode().code & 0xFF;
    }

    private static <T extends Throwable> Optional<T> find(Class<T> type, Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return Optional.of(type.cast(cause));
            }
        }
        return Optional.empty();
    }

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
