package de.contactsync.ledger;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Types;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import java.util.UUID;
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
        Object instant(Instant value) {
            return MILLISECONDS.format(value.truncatedTo(ChronoUnit.MILLIS));
        }

        /** Its driver gives no SQLState; the low byte of an extended result code is the code. */
        @Override
        boolean mayPass(SQLException e) {
            if (e instanceof SQLTransientConnectionException) {
                // The one connection was busy: another thread waits for another process.
                return true;
            }
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                if (cause instanceof SQLiteException failure) {
                    int code = failure.getResultCode().code & 0xFF;
                    return PASSING.contains(code);
                }
            }
            return false;
        }
    },
    POSTGRESQL("db/postgresql") {
        /** The pool has tried for seconds before it gives up. */
        @Override
        boolean mayPassAtOnce(SQLException e) {
            return !(e instanceof SQLTransientConnectionException);
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
        Object instant(Instant value) {
            return value.atOffset(ZoneOffset.UTC);
        }

        /** Connection lost (class 08), server going down (57), no room for now (53), serialization or deadlock (40). */
        @Override
        boolean mayPass(SQLException e) {
            String state = e.getSQLState();
            return state != null && state.matches("(08|57|53|40)...");
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

    /** For {@code setObject}. */
    abstract Object instant(Instant value);

    /** Whether the same work may succeed when it is tried again. */
    abstract boolean mayPass(SQLException e);

    /** Whether, of what {@linkplain #mayPass may pass}, it is worth another try without a pause. */
    boolean mayPassAtOnce(SQLException e) {
        return true;
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
