package de.contactsync.jtl;

/** JTL's answer is not what was asked for. The message names the field, never a value of the contact. */
final class ContractViolationException extends Exception {

    private final boolean ofTheContact;

    ContractViolationException(String message) {
        this(message, false);
    }

    /** @param ofTheContact whether the answer is evidently about the contact that was asked for */
    ContractViolationException(String message, boolean ofTheContact) {
        super(message);
        this.ofTheContact = ofTheContact;
    }

    boolean isOfTheContact() {
        return ofTheContact;
    }
}
