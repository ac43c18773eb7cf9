package de.contactsync.cli;

import de.contactsync.crm.CrmSettings.Mode;

/** What would become of a record in the CRM. */
enum PlannedAction {
    CREATE,
    /** A record that people have made becomes the contact's. */
    TAKE_OVER,
    /** Several records that people have made may be the contact's. */
    AMBIGUOUS,
    /** By a rule of the mapping, or by {@link Mode}: there is a record, or there is none. */
    LEFT_OUT,
    /** Not looked at again until it changes. */
    LEFT_OUT_BEFORE,
    UPDATE,
    AGAIN,
    UNCHANGED,
    /** There without its e-mail address, and sent if that is free by now. */
    ADDRESS,
    REMOVE,
    /** The same, and where it is not to be removed it is sent as it is stored. */
    REMOVE_WAITING,
    /** By what an earlier run has found. */
    BEING_REMOVED,
    UNFIT,
    REFUSED,
    /** A contact before it has the same value of a field that only one record may have. */
    SHARED,
    DUPLICATE,
    INVALID,
    /** Sent as it is stored. */
    WAITS,
    NONE
}
