package de.contactsync.crm;

import de.contactsync.crm.CrmSettings.Missing;
import de.contactsync.model.ContactKey;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.JtlId;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import de.contactsync.model.RecordOwners;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** What has become of a record that is remembered and is not there any more under its contact's key. */
public final class RemotePresence {

    /** More than anybody merges one after another. */
    private static final int MOST_MERGES = 5;

    private RemotePresence() {}

    /** @return null when it is to be created anew */
    public static DeliveryResult missing(Missing wish, String crm) {
        return switch (wish) {
            case CREATE -> null;
            case SKIP -> new DeliveryResult.LeftOut("contacts.crm.on-missing=skip");
            case DEAD_LETTER ->
                refused("The contact's record is not in " + crm + " any more; contacts.crm.on-missing"
                        + "=create makes a new one" + ErrorSanitizer.ONCE_CHANGED);
        };
    }

    /**
     * @param decided receipts of some of a batch
     * @param others  those of the others, in their order
     */
    public static List<DeliveryResult> together(
            List<CrmRecord> batch, Map<CrmRecord, DeliveryResult> decided, List<DeliveryResult> others) {
        Iterator<DeliveryResult> next = others.iterator();
        return batch.stream()
                .map(contact -> decided.containsKey(contact) ? decided.get(contact) : next.next())
                .toList();
    }

    /** @param owner the key of the record that it was merged into */
    public static DeliveryResult merged(String crm, String owner) {
        return refused("In " + crm + " the contact's record was merged into that of another contact of JTL-Wawi ("
                + owner.replaceAll("[^\\w/-]", "?") + "): merge the two in JTL-Wawi as well"
                + ErrorSanitizer.ONCE_CHANGED);
    }

    /**
     * Whether merges are followed no further: where they end nowhere, a record made anew would be a second one.
     *
     * @param ids  of the record that is remembered and those that it was merged into, as far as they were read
     * @param next of the one that the last of them was merged into
     * @return null when that is to be read
     */
    public static DeliveryResult endless(String crm, List<String> ids, String next) {
        boolean circle = ids.contains(next);
        if (!circle && ids.size() <= MOST_MERGES) {
            return null;
        }
        return refused("In " + crm + " the contact's record was merged into another, and that again, "
                + (circle ? "round in a circle (" : "more than " + MOST_MERGES + " times (")
                + (String.join(" into ", ids) + " into " + next).replaceAll("[^\\w -]", "?")
                + "), so it was neither written nor made anew. Set right there into which record it was merged, then"
                + " the command replay tries again");
    }

    /**
     * Whether a record may be deleted or flagged.
     *
     * @param owner as of {@link RecordOwners#living}
     * @param field of the CRM that holds the keys
     * @param key   what stands there for a contact
     * @return null when it may
     */
    public static DeliveryResult removable(
            String crm, Delivery gone, ContactKey owner, String field, Function<Delivery, String> key) {
        if (owner == null) {
            return null;
        }
        String owned = key.apply(new Delivery(owner, gone.contact(), gone.hash(), null, false));
        if (owner.isSameContact(gone.key())) {
            // A key that names the customer, too, is that of another record.
            return owned.equals(key.apply(gone)) ? new DeliveryResult.Absent() : null;
        }
        return refused("In " + crm + " the contact's record is also that of another contact, which JTL-Wawi still"
                + " has, since the two were merged: it was left as it is. Enter " + owned + " in its field " + field
                + ", then the command replay tries both contacts again");
    }

    /**
     * Of a record that is to be deleted or flagged and is not found by the contact's key.
     *
     * @param shown the key of the record that is remembered of the contact; null when that is not there either
     * @param field of the CRM that holds the keys
     * @return null when it is the contact's all the same
     */
    public static DeliveryResult notFound(String crm, String shown, String field, String key) {
        if (shown != null && shown.isBlank()) {
            return refused("JTL no longer has the contact, and its remembered record has no key in " + crm
                    + ": it was left as it was. Delete it there, or enter " + key + " in its field " + field
                    + ", then the command replay tries again");
        }
        return key.equalsIgnoreCase(shown) ? null : new DeliveryResult.Absent();
    }

    /** A record may be written that does not show whose it is, unless it is remembered of another contact as well. */
    public static DeliveryResult ofTwo(ContactKey owner) {
        return refused("The record that the CRM has for the contact is also remembered as that of the contact "
                + JtlId.text(owner.contactId())
                + ", which JTL-Wawi has as well, and does not show whose it is: it was left as it"
                + " is. Merge the two in JTL-Wawi, or set contacts.crm.rest.found-key and contacts.crm.rest.read, so"
                + " that only the record with the contact's key is written" + ErrorSanitizer.ONCE_CHANGED);
    }

    /** The CRM did not say what has become of the record: written all the same, there might be a second one. */
    public static DeliveryResult unreadable(String crm, int status) {
        return new DeliveryResult.Refused(new Outcome.Failed(
                Reason.RETRIES_EXHAUSTED,
                status,
                null,
                crm + " did not say what has become of the contact's record (HTTP " + status
                        + "), so it was not written" + ErrorSanitizer.ONCE_CHANGED,
                null,
                1));
    }

    private static DeliveryResult refused(String message) {
        return new DeliveryResult.Refused(new Outcome.Failed(Reason.SINK_REJECTED, null, null, message, null, 1));
    }
}
