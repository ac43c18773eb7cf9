package de.contactsync.crm.mapping;

import de.contactsync.model.Delivery;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which contacts a field is filled for: all of the named have one of the values, whatever its case, and with or without
 * blanks around or a dot behind.
 *
 * @param values {@linkplain MappingFile#plain plain} ones, by names of {@link FieldSource}; {@link #ANY} is every value
 */
record FieldCondition(Map<String, Set<String>> values) {

    static final String ANY = "*";

    static final FieldCondition NONE = new FieldCondition(Map.of());

    boolean isNone() {
        return values.isEmpty();
    }

    boolean holds(Delivery delivery) {
        return values.entrySet().stream().allMatch(each -> {
            String value = FieldSource.named(each.getKey()).of(delivery);
            return value != null
                    && !Blanks.trim(value).isEmpty()
                    && (each.getValue().contains(ANY)
                            || each.getValue().contains(MappingFile.plain(Blanks.trim(value))));
        });
    }

    /** In the order of the alphabet. */
    @Override
    public String toString() {
        Map<String, Set<String>> sorted = new TreeMap<>();
        values.forEach((name, each) -> sorted.put(name, new TreeSet<>(each)));
        return sorted.toString();
    }
}
