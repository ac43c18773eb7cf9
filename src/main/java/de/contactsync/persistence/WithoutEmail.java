package de.contactsync.persistence;

/**
 * How a row of the table {@code delivery} says that the sink has the contact of {@code content_hash}, but for its
 * e-mail address, which is another record's there: by {@code refused_hash}.
 */
public final class WithoutEmail {

    private static final String MARK = "without-email:";

    /** A condition. */
    public static final String IS = "coalesce(delivery.refused_hash, '') LIKE '" + MARK + "%'";

    /** An assignment: the contact is to be written, and not only to get its address where that is free by now. */
    public static final String WRITE_ALL =
            "refused_hash = CASE WHEN " + IS + " THEN '" + MARK + "' ELSE delivery.refused_hash END";

    private WithoutEmail() {}

    /** @param hash of the contact as the sink is to have it; nothing is written while it stays so */
    public static String of(String hash) {
        return MARK + hash;
    }

    public static boolean is(String refusedHash) {
        return refusedHash != null && refusedHash.startsWith(MARK);
    }
}
