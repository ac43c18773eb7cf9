package de.contactsync.config;

import java.net.URI;
import java.time.Duration;
import java.util.List;

/**
 * The keys under {@code contacts.alert.}: who is notified when something is wrong.
 *
 * @param mail            null when no mail is sent
 * @param webhook         null when there is none; a secret
 * @param after           how long something must have been wrong
 * @param silence         how long no key may arrive; null for ever
 * @param mostDeadLetters of a run's records, 0 to 1
 */
public record AlertSettings(Mail mail, URI webhook, Duration after, Duration silence, double mostDeadLetters) {

    /** How the mail server is spoken to. */
    public enum Tls {
        STARTTLS,
        IMPLICIT,
        NONE
    }

    /**
     * @param username null when the server asks for none
     */
    public record Mail(List<String> to, String from, String host, int port, Tls tls, String username, String password) {

        public Mail {
            to = List.copyOf(to);
        }

        /** Without addresses and password. */
        @Override
        public String toString() {
            return "Mail[" + host + ":" + port + "]";
        }
    }

    /** Without the webhook. */
    @Override
    public String toString() {
        return "AlertSettings[]";
    }
}
