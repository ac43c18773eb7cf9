package de.contactsync.model;

/**
 * What became of one key. A failure that concerns all keys is not an outcome but a {@link ProcessingHaltedException}.
 */
public sealed interface Outcome {

    /** Of a {@linkplain ForgottenContacts forgotten} contact. Compared by identity. */
    Failed FORGOTTEN = new Failed(
            Reason.REJECTED,
            null,
            "forgotten",
            "the contact was forgotten on request, so nothing about it was stored; forget --undo lifts that",
            null,
            0);

    /** When the call began whose answer it is, a reading of the {@link CallClock}; 0 where nobody was called. */
    long askedAt();

    Outcome withAskedAt(long askedAt);

    record Found(CustomerContact contact, long askedAt) implements Outcome {

        public Found(CustomerContact contact) {
            this(contact, 0);
        }

        @Override
        public Found withAskedAt(long askedAt) {
            return new Found(contact, askedAt);
        }
    }

    /**
     * @param httpStatus   status of JTL's last answer, null when there was none
     * @param errorCode    {@code errorCode} of JTL's ErrorResponse, or null
     * @param errorMessage what happened, in words a clerk can act on; JTL's own where it sent some
     * @param errors       {@code errors} of JTL's ErrorResponse as JSON, or null
     * @param attempts     calls made for this key
     */
    record Failed(
            Reason reason,
            Integer httpStatus,
            String errorCode,
            String errorMessage,
            String errors,
            int attempts,
            long askedAt)
            implements Outcome {

        public Failed(
                Reason reason, Integer httpStatus, String errorCode, String errorMessage, String errors, int attempts) {
            this(reason, httpStatus, errorCode, errorMessage, errors, attempts, 0);
        }

        public Failed withAttempts(int attempts) {
            return new Failed(reason, httpStatus, errorCode, errorMessage, errors, attempts, askedAt);
        }

        @Override
        public Failed withAskedAt(long askedAt) {
            return new Failed(reason, httpStatus, errorCode, errorMessage, errors, attempts, askedAt);
        }

        /** Without the words, which may quote a contact: Camel logs what it hands to a bean. */
        @Override
        public String toString() {
            return "Failed[" + reason.code() + ", " + httpStatus + "]";
        }
    }
}
