package de.contactsync.cli;

import de.contactsync.crm.EmailMatcher;
import de.contactsync.model.ContactKey;
import de.contactsync.model.CustomerContact;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.Outcome;
import de.contactsync.outbox.DeliveryQueries;
import java.util.Map;
import java.util.Set;

/** What a run would do in the CRM for one key of a file, as {@link PreviewPlanner} decides it. */
sealed interface PlannedKey {

    PlannedAction action();

    /**
     * JTL has no contact for it.
     *
     * @param known   null when the CRM was never sent this contact
     * @param dropped whether the CRM is to have it no longer
     */
    record Failed(
            KeyEntry entry, Outcome.Failed failed, DeliveryQueries.Known known, PlannedAction action, boolean dropped)
            implements PlannedKey {}

    /**
     * @param known         null when the CRM was never sent this contact
     * @param screened      why it is not sent; null when our own checks let it pass
     * @param match         the record of the CRM that decides; null for none
     * @param sent          every field as it would be sent
     * @param before        as it was sent last, by the mapping as it is now; null when that is not known
     * @param changed       fields of a record that would be written
     * @param uniqueField   that only one record may have with the same value; null for none
     * @param sharedWith    who has its value of that field already, for people; null for nobody
     * @param withoutUnique whether it is sent without that field for that
     */
    record Found(
            KeyEntry.Valid entry,
            CustomerContact contact,
            DeliveryQueries.Known known,
            PlannedAction action,
            DeliveryResult screened,
            EmailMatcher.Preview match,
            Map<String, String> sent,
            Map<String, String> before,
            Set<String> changed,
            String uniqueField,
            String sharedWith,
            boolean withoutUnique)
            implements PlannedKey {

        ContactKey key() {
            return entry.key();
        }

        Delivery delivery() {
            return PreviewPlanner.delivery(key(), contact);
        }
    }
}
