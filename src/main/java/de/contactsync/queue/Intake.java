package de.contactsync.queue;

import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;

/** Takes messages from a queue and makes of them the body of an exchange. */
interface Intake {

    /**
     * @param body what the route works on
     * @param keys how many there are in it
     */
    record Taken(Object body, int keys) {}

    /**
     * @param session of the consumer, which commits
     * @param replies of the same connection, which does not
     * @param most    keys to take at once
     * @return null when no message came for a while
     * @throws JMSException when the session has failed
     */
    Taken take(JMSContext session, JMSContext replies, JMSConsumer consumer, int most) throws JMSException;

    /**
     * What is left of a body when that was put aside which waits for a tenant; null when that is all.
     *
     * @throws JMSException when the session has failed
     */
    default Object withoutAway(Object body) throws JMSException {
        return body;
    }
}
