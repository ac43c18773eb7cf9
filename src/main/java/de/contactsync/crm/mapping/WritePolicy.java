package de.contactsync.crm.mapping;

import java.util.Locale;

/** When a field is written into a record that is there, by the name that the mapping file uses. */
public enum WritePolicy {
    ALWAYS,
    /** Only into a record that is created. */
    CREATE_ONLY,
    /** While the CRM has no value. */
    WHEN_EMPTY,
    /** While the CRM has the value that was written last: one that a person has changed there stays. */
    UNLESS_EDITED;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
