package de.contactsync.crm.mapping;

import de.contactsync.model.Delivery;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * All that a contact has: JTL's fields, and the columns of lookup files.
 *
 * @param columns by their names
 */
record Lookups(Map<String, Lookup> columns) {

    static Lookups of(List<Lookup> lookups) {
        Map<String, Lookup> columns = new LinkedHashMap<>();
        lookups.forEach(lookup -> lookup.names().forEach(name -> columns.put(name, lookup)));
        return new Lookups(columns);
    }

    /** What the contact has, by name; null where it has nothing. */
    UnaryOperator<String> of(Delivery delivery) {
        return name -> {
            FieldSource source = FieldSource.named(name);
            return source == null ? columns.get(name).value(name, delivery.key()) : source.of(delivery);
        };
    }

    /** Empty where there is none: {@link Mapping#hash} is stored. */
    @Override
    public String toString() {
        return columns.isEmpty() ? "" : new LinkedHashSet<>(columns.values()).toString();
    }
}
