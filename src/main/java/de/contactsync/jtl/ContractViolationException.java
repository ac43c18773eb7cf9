package de.contactsync.jtl;

/** JTL's answer is not what was asked for. The message names the field, never a value of the contact. */
final class ContractViolationException extends Exception {

    ContractViolationException(String message) {
        super(message);
    }
}
