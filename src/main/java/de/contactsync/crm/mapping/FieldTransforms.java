package de.contactsync.crm.mapping;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;

/**
 * How a mapping file has values transformed, in its fields and in those of its steps; counts the phone numbers that it
 * cannot read. Thread-safe.
 */
final class FieldTransforms {

    private final Map<String, String> salutations;
    private final String country;
    private final LongAdder unreadableNumbers = new LongAdder();

    /**
     * @param salutations by what is written for them, {@linkplain Blanks#plain plain}
     * @param country     of phone numbers that name none; null where no field needs it
     */
    FieldTransforms(Map<String, String> salutations, String country) {
        this.salutations = new TreeMap<>(salutations);
        this.country = country;
    }

    /** In the order of the alphabet. */
    Map<String, String> salutations() {
        return salutations;
    }

    /** May be null. */
    String country() {
        return country;
    }

    /** Of a field of a contact that is sent. @param contact what it has, by name */
    BiFunction<FieldTransform, String, String> counting(FieldMapping field, UnaryOperator<String> contact) {
        String region = field.country().of(contact, country);
        return (transform, value) -> apply(transform, value, region, unreadableNumbers::increment);
    }

    /** The same where a contact is only looked at, so that no number counts twice. */
    BiFunction<FieldTransform, String, String> silent(FieldMapping field, UnaryOperator<String> contact) {
        String region = field.country().of(contact, country);
        return (transform, value) -> apply(transform, value, region, () -> {});
    }

    /** How many so far stayed as they are because they could not be read. */
    long unreadableNumbers() {
        return unreadableNumbers.sum();
    }

    private String apply(FieldTransform transform, String value, String region, Runnable unreadable) {
        return switch (transform) {
            case TRIM -> Blanks.trim(value);
            case LOWER_CASE -> value.toLowerCase(Locale.ROOT);
            case UPPER_CASE -> value.toUpperCase(Locale.ROOT);
            case E164 -> e164(value, region, unreadable);
            case E164_NUMBER ->
                e164(
                        PhoneNumbers.withText(value, region)
                                .map(PhoneNumbers.WithText::number)
                                .orElse(value),
                        region,
                        unreadable);
            case E164_TEXT ->
                PhoneNumbers.withText(value, region)
                        .map(PhoneNumbers.WithText::text)
                        .orElse(null);
            case SALUTATION -> salutations.getOrDefault(Blanks.plain(value), value);
        };
    }

    private static String e164(String value, String region, Runnable unreadable) {
        if (value.isBlank()) {
            return value;
        }
        return PhoneNumbers.e164(value, region).orElseGet(() -> {
            unreadable.run();
            return value;
        });
    }
}
