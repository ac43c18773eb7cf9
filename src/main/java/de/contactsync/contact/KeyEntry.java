package de.contactsync.contact;

/** One record of a source: a contact key, or the reason why it is none. */
public sealed interface KeyEntry {

    /** Where it stands in its source: line or element number, counted from 1. */
    long position();

    record Valid(long position, ContactKey key) implements KeyEntry {}

    /**
     * @param raw     the first 1 KiB of what stood there
     * @param problem what is wrong and what was expected, for the person who wrote the file
     */
    record Invalid(long position, String raw, String problem) implements KeyEntry {

        /** Without what stood there, which may be anything: it must not reach a log. */
        @Override
        public String toString() {
            return "Invalid[" + position + "]";
        }
    }
}
