package de.contactsync.crm.mapping;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * What of a contact goes into a field of the CRM.
 *
 * @param name     of the CRM
 * @param value    text, which may hold names of {@link FieldSource}
 * @param literal  whether it is a constant number, or true or false
 * @param others   in its place where it is missing, the first that is there
 * @param clears   whether no value here clears the CRM's
 * @param valueMap what its values become in the end
 * @param fallback what is sent where there is no value; null for nothing
 * @param maxLength most characters; 0: no limit
 * @param tooLong  what becomes of a value that has more
 * @param country  of phone numbers that name none
 * @param write    when it is written into a record that is there
 * @param when     for which contacts it is filled
 * @param split    which part of a value is taken
 * @param type     as what it is sent; what does not fit counts as no value
 */
record FieldMapping(
        String name,
        Template value,
        List<Template> others,
        boolean literal,
        List<FieldTransform> transforms,
        boolean clears,
        ValueMap valueMap,
        String fallback,
        int maxLength,
        TooLong tooLong,
        Country country,
        WritePolicy write,
        FieldCondition when,
        Split split,
        ValueType type) {

    /** What becomes of a value that has too many characters, by the name that the mapping file uses. */
    enum TooLong {
        CUT,
        /** The contact is not sent, and gets a dead letter. */
        REFUSE;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Of phone numbers that name none; that of the file where it says neither, or nothing that is a country.
     *
     * @param fixed two capitals, or null
     * @param from  where it stands in a contact, or null
     */
    record Country(String fixed, String from) {

        static final Country DEFAULT = new Country(null, null);

        boolean isDefault() {
            return equals(DEFAULT);
        }

        String of(UnaryOperator<String> contact, String otherwise) {
            String value = from == null ? fixed : contact.apply(from);
            if (value == null) {
                return otherwise;
            }
            String plain = Blanks.trim(value).toUpperCase(Locale.ROOT);
            return PhoneNumbers.knows(plain) ? plain : otherwise;
        }
    }

    /** Names of all that it is made of. */
    Stream<String> sources() {
        return Stream.of(
                        value.names().stream(),
                        others.stream().flatMap(each -> each.names().stream()),
                        when.wanted().keySet().stream(),
                        Stream.ofNullable(country.from()))
                .flatMap(each -> each);
    }

    static FieldMapping constant(String name, Template value, boolean literal) {
        return new FieldMapping(
                name,
                value,
                List.of(),
                literal,
                List.of(),
                false,
                ValueMap.NONE,
                null,
                0,
                TooLong.CUT,
                Country.DEFAULT,
                WritePolicy.ALWAYS,
                FieldCondition.NONE,
                Split.NONE,
                ValueType.TEXT);
    }

    /** Whether it is the same for all contacts. */
    boolean isConstant() {
        return isFixed() && when.isNone();
    }

    /** Whether it is the same for all contacts that it is filled for. */
    boolean isFixed() {
        return value.names().isEmpty();
    }

    /** Whether a value is sent as something other than text. */
    boolean isLiteral(String sent) {
        return isFixed() ? literal && constant().equals(sent) : type != ValueType.TEXT && type.fits(sent);
    }

    /** Whether nothing else of a contact is in it. @param sources names of {@link FieldSource} */
    boolean isOnly(Set<String> sources) {
        return !isFixed()
                && Stream.concat(Stream.of(value), others.stream()).allMatch(each -> sources.containsAll(each.names()));
    }

    /** Of a constant. */
    String constant() {
        return value.fill(name -> name);
    }

    /**
     * Null, or empty, when all that it is made of is.
     *
     * @param contact   what it has, by name
     * @param transform applies one of the transformations
     */
    String fill(UnaryOperator<String> contact, BiFunction<FieldTransform, String, String> transform) {
        String whole = whole(contact, transform);
        return isTooLong(whole) ? cut(whole) : whole;
    }

    /**
     * How many characters a contact's value has that is too long to be sent; 0 when it is not.
     *
     * @param transform as of {@link #fill}
     */
    int excess(UnaryOperator<String> contact, BiFunction<FieldTransform, String, String> transform) {
        String whole = tooLong == TooLong.REFUSE ? whole(contact, transform) : null;
        return isTooLong(whole) ? whole.codePointCount(0, whole.length()) : 0;
    }

    private boolean isTooLong(String value) {
        return value != null && maxLength > 0 && value.codePointCount(0, value.length()) > maxLength;
    }

    private String whole(UnaryOperator<String> contact, BiFunction<FieldTransform, String, String> transform) {
        if (when.broken(contact) != null) {
            return null;
        }
        // What is trimmed is trimmed within a template as well.
        UnaryOperator<String> given = transforms.contains(FieldTransform.TRIM) ? trimmed(contact) : contact;
        String filled = transformed(isFixed() ? constant() : joined(value, given), transform);
        for (int i = 0; i < others.size() && isNothing(filled); i++) {
            String other = transformed(joined(others.get(i), given), transform);
            filled = isNothing(other) ? filled : other;
        }
        String sent = isNothing(filled) && fallback != null ? fallback : filled;
        return sent == null || !sent.isEmpty() && !type.fits(sent) ? null : sent;
    }

    /** Not within a character, also one of a letter and an accent, and without blanks at the new end. */
    private String cut(String text) {
        int end = text.offsetByCodePoints(0, maxLength);
        while (end > 0 && isCombining(text.codePointAt(end))) {
            end = text.offsetByCodePoints(end, -1);
        }
        return Blanks.trim(text.substring(0, end));
    }

    /** Such as an accent, which belongs to the letter before it. */
    private static boolean isCombining(int character) {
        int type = Character.getType(character);
        return type == Character.NON_SPACING_MARK
                || type == Character.ENCLOSING_MARK
                || type == Character.COMBINING_SPACING_MARK;
    }

    private static boolean isNothing(String value) {
        return value == null || value.isEmpty();
    }

    private String transformed(String value, BiFunction<FieldTransform, String, String> transform) {
        String transformed = split.of(value);
        for (FieldTransform each : transforms) {
            transformed = transformed == null ? null : transform.apply(each, transformed);
        }
        return isNothing(transformed) ? transformed : valueMap.of(transformed);
    }

    private static UnaryOperator<String> trimmed(UnaryOperator<String> contact) {
        return name -> {
            String value = contact.apply(name);
            return value == null ? null : Blanks.trim(value);
        };
    }

    private static String joined(Template value, UnaryOperator<String> contact) {
        List<String> values = value.names().stream().map(contact).toList();
        return values.stream().allMatch(Objects::isNull)
                ? null
                : values.stream().allMatch(each -> each == null || each.isEmpty()) ? "" : value.join(contact);
    }

    /** {@link Mapping#hash} is stored: what a field does not use is not in it, so that an update changes none. */
    @Override
    public String toString() {
        return "Field[name=" + name + ", value=" + value + ", literal=" + literal + ", transforms=" + transforms
                + ", clears=" + clears + "]" + (others.isEmpty() ? "" : "others=" + others)
                + (valueMap.isEmpty() ? "" : "values=" + valueMap)
                + (fallback == null ? "" : "default=" + fallback)
                + (maxLength == 0 ? "" : "max=" + maxLength)
                + (tooLong == TooLong.CUT ? "" : "too-long=" + tooLong)
                + (country.isDefault() ? "" : country)
                + (write == WritePolicy.ALWAYS ? "" : "write=" + write)
                + (when.isNone() ? "" : "when=" + when)
                + (split.at() == null ? "" : "split=" + split)
                + (type == ValueType.TEXT ? "" : "type=" + type);
    }
}
