package de.contactsync.crm.mapping;

/** What a field becomes that has no value, where the mapping does not say that it clears the CRM's. */
public record NullHandling(Rule ofNull, Rule ofEmpty) {

    /** The CRM's value stays, whatever JTL has no value for. */
    public static final NullHandling OMITTED = new NullHandling(Rule.OMIT, Rule.OMIT);

    public enum Rule {
        /** It is not sent. */
        OMIT,
        /** The CRM's is cleared. */
        CLEAR,
        /** What the CRM has is sent back, to a CRM that clears what is not sent. */
        KEEP
    }

    /** @param value null or empty */
    Rule of(String value) {
        return value == null ? ofNull : ofEmpty;
    }

    /** Whether the record must be read before it can be written. */
    public boolean keep() {
        return ofNull == Rule.KEEP || ofEmpty == Rule.KEEP;
    }
}
