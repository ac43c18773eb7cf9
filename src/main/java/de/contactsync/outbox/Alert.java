package de.contactsync.outbox;

import java.util.Locale;

/**
 * What people are notified of.
 *
 * @param kind    such as {@code out-of-reach}
 * @param subject what it is about: with the kind it identifies a condition
 * @param text    what happened and what to do, for people, without personal data
 */
public record Alert(String kind, String subject, Severity severity, String text) {

    /** JTL's own words may quote a contact. */
    private static final String JTLS_WORDS = " (JTL: ";

    public enum Severity {
        /** All is well again. */
        INFO,
        /** A person should look. */
        WARNING,
        /** A person has to act. */
        ERROR;

        /** As the column {@code severity} has it. */
        public String code() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** A reason without what others said. */
    public static String withoutQuotes(String reason) {
        int words = reason.indexOf(JTLS_WORDS);
        return words < 0 ? reason : reason.substring(0, words);
    }
}
