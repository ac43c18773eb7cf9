package de.contactsync.crm;

import de.contactsync.model.DeliveryTarget;
import java.net.URI;
import java.nio.file.Path;
import java.util.Locale;

/**
 * How the CRM is reached: the keys under {@code contacts.crm.} that every kind has.
 *
 * @param name     of the sink, which its state in the database belongs to
 * @param baseUrl  without a slash at its end
 * @param mostGone of a run's records, 0 to 1, that may be removed from the CRM
 * @param mode     which contacts are written
 * @param match    by what a contact that was never delivered is looked for
 * @param review   table of what people have changed in the CRM and was left so
 * @param full     whether all contacts are sent once at the start, also those that have not changed
 */
public record CrmSettings(
        String name,
        CrmKind kind,
        URI baseUrl,
        Gone gone,
        Missing missing,
        double mostGone,
        Mode mode,
        Match match,
        Path review,
        boolean full) {

    /** The name of a CRM that was given none. */
    public static final String NAME = "crm";

    /** With the usual name. */
    public CrmSettings(CrmKind kind, URI baseUrl, Gone gone, double mostGone, boolean full) {
        this(
                NAME,
                kind,
                baseUrl,
                gone,
                Missing.CREATE,
                mostGone,
                Mode.UPSERT,
                Match.KEY,
                Path.of("crm-review.csv"),
                full);
    }

    /** Which contacts are written. */
    public enum Mode {
        UPSERT,
        /** Those that have no record yet. */
        CREATE_ONLY,
        /** Those that have one. */
        UPDATE_ONLY;

        /** As the settings have it. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** By what a contact that was never delivered is looked for. */
    public enum Match {
        KEY,
        /** Where no record has its key, also by its e-mail address: a record that is no contact's becomes its record. */
        EMAIL
    }

    /** What becomes of a contact whose record people have deleted in the CRM. */
    public enum Missing {
        /** A record of its own anew. */
        CREATE,
        /** Nothing, and it counts as delivered. */
        SKIP,
        DEAD_LETTER
    }

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

    /** @param account as of {@link Crm#account} */
    public DeliveryTarget target(String account) {
        return new DeliveryTarget(kind.id(), baseUrl.toString(), account, kind.object(), kind.writingCalls());
    }
}
