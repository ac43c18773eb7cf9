package de.contactsync.persistence;

import de.contactsync.model.ContactKey;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;

/** What the transactions that store contacts and end runs write to the outbox, so that both commit or neither does. */
public interface OutboxWriter {

    /** @param unchanged of the contacts that were stored: those that need not be sent */
    void committed(int unchanged);

    /**
     * Within the transaction that writes the contacts.
     *
     * @return how many of them are not as the sink is to have them
     */
    int enqueue(Connection connection, Collection<ContactKey> keys, Object now) throws SQLException;

    /** Whether the sink is to remove contacts that JTL has no longer. */
    boolean removesGone();

    /**
     * Within the transaction that writes the dead letters, of a sink that {@linkplain #removesGone removes}: JTL says
     * that it does not know these.
     */
    void enqueueMissing(Connection connection, long runId, Collection<ContactKey> keys) throws SQLException;

    /** What the run did not find is to be removed from the sink, unless these are too many to be right. */
    void removeMissing(long runId, long total);

    /**
     * Within the transaction that ends the run.
     *
     * @param total records of the run
     * @return null, or what to do when it did not find too many to be right
     */
    String tooManyMissing(Connection connection, long runId, long total) throws SQLException;
}
