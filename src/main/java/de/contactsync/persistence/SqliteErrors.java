package de.contactsync.persistence;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.Optional;
import java.util.Set;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** By the result codes of SQLite. */
final class SqliteErrors extends DatabaseErrors {

    static final String OF_DAMAGED = "restore a backup of it, or rescue readable data by sqlite3 FILE .recover";

    /** Held by another process; no room; the disk or the folder is away. */
    private static final Set<Integer> PASSING = Set.of(
            SQLiteErrorCode.SQLITE_BUSY.code,
            SQLiteErrorCode.SQLITE_LOCKED.code,
            SQLiteErrorCode.SQLITE_FULL.code,
            SQLiteErrorCode.SQLITE_IOERR.code,
            SQLiteErrorCode.SQLITE_CANTOPEN.code);

    @Override
    boolean isTransient(SQLException e) {
        // The one connection was busy: another thread waits for another process.
        return e instanceof SQLTransientConnectionException
                || find(SQLiteException.class, e)
                        .map(SqliteErrors::plainCode)
                        .filter(PASSING::contains)
                        .isPresent();
    }

    /** Of its general error the driver says that the database may be missing, which is never so. */
    @Override
    String message(String text) {
        return text.replaceFirst("(?s)^\\[SQLITE_ERROR\\] SQL error or missing database \\((.*)\\)$", "$1")
                .replaceFirst("(?s)^\\[SQLITE_NOTADB\\] .*$", "the file is not an SQLite database");
    }

    @Override
    String remedy(SQLException e) {
        int code = find(SQLiteException.class, e).map(SqliteErrors::plainCode).orElse(0);
        if (code == SQLiteErrorCode.SQLITE_NOTADB.code) {
            return "name another in contacts.database.url";
        }
        if (code == SQLiteErrorCode.SQLITE_CORRUPT.code) {
            return "the file is damaged: " + OF_DAMAGED;
        }
        if (code == SQLiteErrorCode.SQLITE_ERROR.code) {
            return "the command check says whether its tables are as they should be";
        }
        if (code == SQLiteErrorCode.SQLITE_FULL.code) {
            return "its file system is full: free some space";
        }
        if (code == SQLiteErrorCode.SQLITE_READONLY.code || code == SQLiteErrorCode.SQLITE_CANTOPEN.code) {
            return "this program's user may not write to the file or its folder, their file system is read-only, or"
                    + " contacts.database.url says so (mode=ro, immutable=1): see to permissions with chmod or"
                    + " chown, mount the file system for writing, or name another file there";
        }
        return "check contacts.database.url, and that its folder has room and can be written to";
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

    /** Whether an SQLite file could not be had because another connection was writing to it. */
    static boolean isHeldByAnother(Exception failure) {
        return find(SQLiteException.class, failure)
                .filter(e -> plainCode(e) == SQLiteErrorCode.SQLITE_BUSY.code)
                .isPresent();
    }

    /** Extended codes hold it in their low byte; SQLite's driver gives no SQLState. */
    private static int plainCode(SQLiteException e) {
        return e.getResultCode().code & 0xFF;
    }
}
