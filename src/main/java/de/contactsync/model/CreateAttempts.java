package de.contactsync.model;

import java.time.Duration;

/**
 * Creates that were sent to a sink and not answered, kept beyond the process: the record may be there and not yet be
 * found.
 */
public interface CreateAttempts {

    /** For a sink that finds what it has written at once. */
    CreateAttempts NONE = new CreateAttempts() {
        @Override
        public boolean isRecent(ContactKey key, Duration within) {
            return false;
        }

        @Override
        public void note(ContactKey key, Duration within) {}

        @Override
        public void forget(ContactKey key) {}
    };

    /** Whether a create of this contact may have been done so short a time ago. */
    boolean isRecent(ContactKey key, Duration within);

    /**
     * Before the create is sent.
     *
     * @param within how long an attempt counts; older ones are removed now and then
     */
    void note(ContactKey key, Duration within);

    /** The create was answered, or the record is known. */
    void forget(ContactKey key);
}
