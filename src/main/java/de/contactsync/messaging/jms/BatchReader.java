package de.contactsync.messaging.jms;

import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;

/** Takes messages from a queue and makes of them the body of an exchange. */
interface BatchReader {

    /**
     * @param body what the route works on
     * @param keys how many there are in it
     */
    record Taken(Object body, int keys) {}

    /**
     * @param session of the consumer
     * @param most    keys to take at once
     * @return null when no message came for a while
     * @throws JMSException when the session has failed
     */
    Taken take(JMSContext session, JMSConsumer consumer, int most) throws JMSException;

    /** The same body, of which that is put aside which waits for a tenant. */
    default Object excludeUnavailable(Object body) {
        return body;
    }

    /** Whether something is left to be worked on. */
    default boolean hasWork(Object body) {
        return true;
    }

    /**
     * Sends what was put aside to where it waits; last before the commit, so that a failure of the rest sends nothing.
     *
     * @throws JMSException when the session has failed
     */
    default void putAside(Object body) throws JMSException {}
}
