package de.contactsync.persistence;

import com.zaxxer.hikari.SQLExceptionOverride;
import java.sql.SQLException;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Keeps the pool from taking what a trigger raises for a broken connection, whichever SQLState it chose: the pool would
 * log its text, which may be made of the row, and so of a contact.
 */
public final class RaisedByTrigger implements SQLExceptionOverride {

    @java.lang.Override
    public Override adjudicate(SQLException e) {
        return isCauseOf(e) ? Override.DO_NOT_EVICT : Override.CONTINUE_EVICT;
    }

    static boolean isCauseOf(SQLException e) {
        return DatabaseErrors.find(PSQLException.class, e)
                .map(PSQLException::getServerErrorMessage)
                .map(ServerErrorMessage::getRoutine)
                .filter("exec_stmt_raise"::equals)
                .isPresent();
    }
}
