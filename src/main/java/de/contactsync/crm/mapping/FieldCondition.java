package de.contactsync.crm.mapping;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/**
 * Which contacts something is for: all of the named have one of the values, or none of them, whatever its case, and with
 * or without blanks around or a dot behind.
 *
 * @param wanted by names of what a contact has
 */
record FieldCondition(Map<String, Wanted> wanted) {

    static final String ANY = "*";

    static final FieldCondition NONE = new FieldCondition(Map.of());

    /**
     * @param values {@linkplain Blanks#plain plain} ones; {@link #ANY} is every value
     * @param not    whether it must be none of them
     */
    record Wanted(Set<String> values, boolean not) {

        private boolean holds(String value) {
            String trimmed = value == null ? "" : Blanks.trim(value);
            boolean one = !trimmed.isEmpty() && (values.contains(ANY) || values.contains(Blanks.plain(trimmed)));
            return one != not;
        }

        @Override
        public String toString() {
            return (not ? "not" : "") + new TreeSet<>(values);
        }
    }

    FieldCondition {
        wanted = new LinkedHashMap<>(wanted);
    }

    boolean isNone() {
        return wanted.isEmpty();
    }

    /**
     * @param contact what it has, by name
     * @return the name of the first that is not as it must be; null when all are
     */
    String broken(UnaryOperator<String> contact) {
        return wanted.entrySet().stream()
                .filter(each -> !each.getValue().holds(contact.apply(each.getKey())))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(null);
    }

    /** In the order of the alphabet. */
    @Override
    public String toString() {
        return new TreeMap<>(wanted).toString();
    }
}
