package de.contactsync.crm;

import java.net.URI;

/**
 * How the CRM is reached: the keys under {@code contacts.crm.}.
 *
 * @param kind           which CRM it is
 * @param baseUrl        without a slash at its end
 * @param apiVersion     of HubSpot's paths: {@code v3}, or a date such as {@code 2026-03}
 * @param createProperty whether properties that are missing are created
 * @param mostGone       of a run's records, 0 to 1, that may be taken back from the CRM
 * @param full           whether all contacts are sent once at the start, also those that have not changed
 */
public record CrmSettings(
        String kind,
        URI baseUrl,
        String apiVersion,
        String token,
        boolean createProperty,
        EmailConflict emailConflict,
        Gone gone,
        double mostGone,
        boolean full) {

    /** What becomes of a contact in the CRM that JTL has no longer. */
    public enum Gone {
        KEEP,
        /** Fields that the mapping names say so. */
        FLAG,
        /** Into the CRM's recycle bin. */
        DELETE
    }

    /** What to do with a contact that is new to the CRM while its e-mail address belongs to another record there. */
    public enum EmailConflict {
        DEAD_LETTER,
        /** The record becomes that of the contact, unless it is that of another contact of JTL. */
        ADOPT,
        WITHOUT_EMAIL
    }

    /** Without the token. */
    @Override
    public String toString() {
        return "CrmSettings[" + kind + ", " + baseUrl + ", " + apiVersion + ", token=***, " + createProperty + ", "
                + emailConflict + ", " + gone + ", " + mostGone + ", " + full + "]";
    }
}
