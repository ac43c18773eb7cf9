package de.contactsync.crm.mapping;

import de.contactsync.model.Delivery;
import java.util.List;
import java.util.Objects;
import java.util.function.BiFunction;

/**
 * What of a contact goes into a field of the CRM.
 *
 * @param name     of the CRM
 * @param value    text, which may hold names of {@link FieldSource}
 * @param literal  whether it is a constant number, or true or false
 * @param clears   whether no value here clears the CRM's
 * @param fallback what is sent where there is no value; null for nothing
 */
record FieldMapping(
        String name,
        Template value,
        boolean literal,
        List<FieldTransform> transforms,
        boolean clears,
        String fallback) {

    static FieldMapping constant(String name, Template value, boolean literal) {
        return new FieldMapping(name, value, literal, List.of(), false, null);
    }

    boolean isConstant() {
        return value.names().isEmpty();
    }

    /** Of a constant. */
    String constant() {
        return value.fill(name -> name);
    }

    /**
     * Null, or empty, when all that it is made of is.
     *
     * @param transform applies one of the transformations
     */
    String fill(Delivery delivery, BiFunction<FieldTransform, String, String> transform) {
        String filled = isConstant() ? constant() : joined(delivery);
        for (FieldTransform each : transforms) {
            filled = filled == null ? null : transform.apply(each, filled);
        }
        return (filled == null || filled.isEmpty()) && fallback != null ? fallback : filled;
    }

    private String joined(Delivery delivery) {
        List<String> values = value.names().stream()
                .map(source -> FieldSource.named(source).of(delivery))
                .toList();
        return values.stream().allMatch(Objects::isNull)
                ? null
                : values.stream().allMatch(each -> each == null || each.isEmpty())
                        ? ""
                        : value.join(source -> FieldSource.named(source).of(delivery));
    }

    /** {@link Mapping#hash} is stored: what a field does not use is not in it, so that an update changes none. */
    @Override
    public String toString() {
        return "Field[name=" + name + ", value=" + value + ", literal=" + literal + ", transforms=" + transforms
                + ", clears=" + clears + "]" + (fallback == null ? "" : "default=" + fallback);
    }
}
