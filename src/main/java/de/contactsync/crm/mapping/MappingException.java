package de.contactsync.crm.mapping;

/** The mapping file cannot be used. The message names file, line and field, and says what was expected. */
public final class MappingException extends RuntimeException {

    public MappingException(String message) {
        super(message);
    }
}
