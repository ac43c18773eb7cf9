package de.contactsync.crm;

import de.contactsync.crm.CrmAudit.Difference;
import de.contactsync.crm.CrmAudit.Verdict;
import java.util.List;

/**
 * What a CRM has of something that belongs to a contact, such as a phone number that is a record of its own.
 *
 * @param part as of {@link de.contactsync.model.DeliveryResult.Unlinked}
 */
public record PartFinding(String part, Verdict verdict, List<Difference> differences) {

    /** Without values. */
    @Override
    public String toString() {
        return part + " " + verdict;
    }
}
