package de.contactsync.crm.mapping;

import java.util.Locale;

/** What can be done to a value on its way, by the name that the mapping file uses. */
enum FieldTransform {
    TRIM,
    LOWER_CASE,
    UPPER_CASE,
    E164,
    /** Without text behind it, as of {@link #E164_TEXT}. */
    E164_NUMBER,
    /** What stands behind a number, and nothing else. */
    E164_TEXT,
    SALUTATION;

    boolean isOfNumbers() {
        return this == E164 || this == E164_NUMBER || this == E164_TEXT;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
