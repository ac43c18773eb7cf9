package de.contactsync.crm;

import de.contactsync.contact.Outcome;
import de.contactsync.contact.Reason;
import de.contactsync.contact.Receipt;
import de.contactsync.crm.CrmSettings.Missing;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** What has become of a record that is remembered and is not there any more under its contact's key. */
final class Presence {

    private Presence() {}

    /** @return null when it is to be created anew */
    static Receipt missing(Missing wish, String crm) {
        return switch (wish) {
            case CREATE -> null;
            case SKIP -> new Receipt.Accepted(null);
            case DEAD_LETTER -> refused("The contact's record is not in " + crm + " any more; contacts.crm.on-missing"
                    + "=create makes a new one" + Words.ONCE_CHANGED);
        };
    }

    /**
     * @param decided receipts of some of a batch
     * @param others  those of the others, in their order
     */
    static List<Receipt> together(List<Outgoing> batch, Map<Outgoing, Receipt> decided, List<Receipt> others) {
        Iterator<Receipt> next = others.iterator();
        return batch.stream().map(contact -> decided.containsKey(contact) ? decided.get(contact) : next.next()).toList();
    }

    /** @param owner the key of the record that it was merged into */
    static Receipt merged(String crm, String owner) {
        return refused("In " + crm + " the contact's record was merged into that of another contact of JTL-Wawi ("
                + owner.replaceAll("[^\\w/-]", "?") + "): merge the two in JTL-Wawi as well" + Words.ONCE_CHANGED);
    }

    private static Receipt refused(String message) {
        return new Receipt.Refused(new Outcome.Failed(Reason.SINK_REJECTED, null, null, message, null, 1));
    }
}
