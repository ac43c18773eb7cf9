package de.contactsync.crm.mapping;

import java.util.Locale;

/** What can be done to a value on its way, by the name that the mapping file uses. */
enum FieldTransform {
    TRIM,
    LOWER_CASE,
    UPPER_CASE,
    E164,
    SALUTATION;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
