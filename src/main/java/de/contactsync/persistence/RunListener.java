package de.contactsync.persistence;

import java.sql.Connection;
import java.sql.SQLException;

/** Hears of the end of each run, within the transaction that writes it. */
public interface RunListener {

    void finished(Connection connection, Run run) throws SQLException;

    /** @param run with the reason */
    void halted(Connection connection, Run run) throws SQLException;
}
