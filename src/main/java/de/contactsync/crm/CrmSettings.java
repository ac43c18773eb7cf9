package de.contactsync.crm;

import java.net.URI;

/**
 * How the CRM is reached: the keys under {@code contacts.crm.} that every kind has.
 *
 * @param baseUrl  without a slash at its end
 * @param mostGone of a run's records, 0 to 1, that may be taken back from the CRM
 * @param full     whether all contacts are sent once at the start, also those that have not changed
 */
public record CrmSettings(CrmKind kind, URI baseUrl, Gone gone, double mostGone, boolean full) {

    /** Whether contacts are linked to companies of the CRM. */
    public enum Company {
        NONE,
        /** To that of their customer. */
        LINK
    }

    /** What becomes of a contact in the CRM that JTL has no longer. */
    public enum Gone {
        KEEP,
        /** Fields that the mapping names say so. */
        FLAG,
        /** Into the CRM's recycle bin. */
        DELETE
    }
}
