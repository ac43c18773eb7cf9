package de.contactsync.crm.mapping;

import java.util.Locale;
import java.util.regex.Pattern;

/** As what a value is sent, by the name that the mapping file uses. */
enum ValueType {
    TEXT(".*"),
    NUMBER("-?(0|[1-9]\\d{0,17})(\\.\\d{1,17})?"),
    BOOLEAN("true|false");

    private final Pattern fitting;

    ValueType(String fitting) {
        this.fitting = Pattern.compile(fitting, Pattern.DOTALL);
    }

    /** Whether a value can be sent so. */
    boolean fits(String value) {
        return fitting.matcher(value).matches();
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
