package de.contactsync.persistence;

import de.contactsync.model.Reason;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;

/**
 * Which of the open dead letters are meant.
 *
 * @param reason null for any
 * @param source as the column {@code source} has it, null for any
 * @param since  those that failed last at this time or later, null for any
 */
public record DeadLetterFilter(Reason reason, String source, Instant since) {

    /** Behind a WHERE or AND, of a table with this alias. */
    String condition(String alias) {
        return alias + ".state = 'open'"
                + (reason == null ? "" : " AND " + alias + ".reason = ?")
                + (source == null ? "" : " AND " + alias + ".source = ?")
                + (since == null ? "" : " AND " + alias + ".last_failed_at >= ?");
    }

    /** @return the parameter behind those of the condition */
    int bind(PreparedStatement statement, int parameter, Dialect dialect) throws SQLException {
        int next = parameter;
        if (reason != null) {
            statement.setString(next++, reason.code());
        }
        if (source != null) {
            statement.setString(next++, source);
        }
        if (since != null) {
            statement.setObject(next++, dialect.instant(since));
        }
        return next;
    }
}
