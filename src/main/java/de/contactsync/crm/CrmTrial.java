package de.contactsync.crm;

/**
 * What was asked of a CRM to see whether it can be used.
 *
 * @param tried    for people, such as {@code its properties were read}
 * @param notTried for people
 */
public record CrmTrial(String tried, String notTried) {

    @Override
    public String toString() {
        return tried + "; not tried: " + notTried;
    }
}
