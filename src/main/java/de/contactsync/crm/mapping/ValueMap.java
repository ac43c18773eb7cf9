package de.contactsync.crm.mapping;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What values become, such as options of the CRM. Whatever their case, and with or without blanks around or a dot behind.
 *
 * @param values by {@linkplain Blanks#plain plain} value, and by {@link #OTHERS}; null: it counts as no value
 */
record ValueMap(Map<String, String> values) {

    /** Stands for every value that is not named. */
    static final String OTHERS = "*";

    static final ValueMap NONE = new ValueMap(Map.of());

    ValueMap {
        values = new HashMap<>(values);
    }

    /** Null when it is dropped; itself where nothing is said of it. */
    String of(String value) {
        String plain = Blanks.plain(value);
        return values.containsKey(plain) ? values.get(plain) : values.getOrDefault(OTHERS, value);
    }

    boolean isEmpty() {
        return values.isEmpty();
    }

    /** What can come of it for sure. */
    Set<String> results() {
        return values.values().stream().filter(value -> value != null).collect(Collectors.toSet());
    }

    /** In the order of the alphabet. */
    @Override
    public String toString() {
        return new TreeMap<>(values).toString();
    }
}
