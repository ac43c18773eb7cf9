package de.contactsync.model;

/**
 * A contact to write to a sink as it is now, or to remove from it.
 *
 * @param contact  as JTL sent it last
 * @param hash     of {@code contact}; null when JTL has the contact no longer
 * @param remoteId the contact's id in the sink, null when none is known
 * @param refused  whether the sink refused it before, so that a dead letter stands for it
 * @param lacksOnlyEmail whether the sink has it as it is, but for its e-mail address
 * @param known    whether the sink has, or may have, the contact from before
 * @param tries    how often it was sent since the sink last said something of it
 * @param fieldHashes what is known of single fields as they were written, as the sink wrote it down; null for nothing
 */
public record Delivery(
        ContactKey key,
        CustomerContact contact,
        String hash,
        String remoteId,
        boolean refused,
        boolean lacksOnlyEmail,
        boolean known,
        int tries,
        String fieldHashes) {

    /** Of whose single fields nothing is known. */
    public Delivery(
            ContactKey key,
            CustomerContact contact,
            String hash,
            String remoteId,
            boolean refused,
            boolean lacksOnlyEmail,
            boolean known,
            int tries) {
        this(key, contact, hash, remoteId, refused, lacksOnlyEmail, known, tries, null);
    }

    /** One that the sink does not have as it is, and knows by the id that it has given it, if any. */
    public Delivery(ContactKey key, CustomerContact contact, String hash, String remoteId, boolean refused) {
        this(key, contact, hash, remoteId, refused, false, remoteId != null, 0);
    }

    public boolean gone() {
        return hash == null;
    }
}
