package de.contactsync.crm.mapping;

import de.contactsync.model.Digest;
import java.math.BigDecimal;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Tells values of fields apart, however a CRM writes phone numbers, e-mail addresses and blanks. */
public final class ValueComparison {

    /** Characters that are enough to tell two values of one field apart. */
    private static final int FINGERPRINT = 16;

    /** Before what is hashed without regard to case, so that it is no value's own fingerprint. */
    private static final String IN_ANY_CASE = "\n";

    private static final Pattern BLANKS = Pattern.compile("\\s+");

    private final Map<String, FieldMapping> fields;
    private final String country;

    /**
     * @param fields  by name
     * @param country of phone numbers that name none, or null
     */
    ValueComparison(Map<String, FieldMapping> fields, String country) {
        this.fields = fields;
        this.country = country;
    }

    /**
     * Whether a value that the CRM shows is the one that it was sent.
     *
     * @param name  of the field
     * @param sent  empty for none
     * @param there empty for none
     */
    public boolean isSame(String name, String sent, String there) {
        return canonical(name, sent).equals(canonical(name, there));
    }

    /**
     * The same for a CRM that also changes the case of what it is sent, such as all names into capitals: then a change of
     * case alone cannot be told from a person's.
     *
     * @param sent  empty for none
     * @param there empty for none
     */
    public boolean isSameInAnyCase(String name, String sent, String there) {
        return inOneCase(canonical(name, sent)).equals(inOneCase(canonical(name, there)));
    }

    /** By which a value is known again, however the CRM writes it. */
    public String fingerprint(String name, String value) {
        return digest(canonical(name, value));
    }

    /**
     * By which a value that is sent is known again, also where the CRM puts it into capitals or small letters.
     *
     * @return fingerprints with blanks between them
     */
    public String fingerprints(String name, String sent) {
        String any = inOneCase(canonical(name, sent));
        return fingerprint(name, sent)
                + (any.equals(any.toUpperCase(Locale.ROOT)) ? "" : " " + digest(IN_ANY_CASE + any));
    }

    /**
     * Whether a value is one that was sent. What differs in the case of some letters is a person's.
     *
     * @param sent of {@link #fingerprints}
     */
    public boolean isAmong(Set<String> sent, String name, String there) {
        String value = canonical(name, there);
        // Some leave the small letter that has no capital.
        boolean oneCase =
                value.replace("ß", "SS").equals(value.toUpperCase(Locale.ROOT)) || value.equals(lowerCase(value));
        return sent.contains(digest(value)) || oneCase && sent.contains(digest(IN_ANY_CASE + inOneCase(value)));
    }

    /** Of "Groß" and "GROSS" the same. */
    private static String inOneCase(String value) {
        return lowerCase(value.toUpperCase(Locale.ROOT));
    }

    private static String lowerCase(String value) {
        return value.toLowerCase(Locale.ROOT);
    }

    private static String digest(String text) {
        return Digest.of(text).substring(0, FINGERPRINT);
    }

    /** The same for all ways in which a CRM may write a value. */
    private String canonical(String name, String value) {
        String plain = BLANKS.matcher(Blanks.trim(value)).replaceAll(" ");
        FieldMapping field = fields.get(name);
        if (plain.isEmpty() || field == null) {
            return plain;
        }
        if (field.isOnly(FieldSource.PHONES) && !field.transforms().contains(FieldTransform.E164_TEXT)) {
            String region =
                    field.country().fixed() == null ? country : field.country().fixed();
            String digits = PhoneNumbers.digits(
                    region == null ? plain : PhoneNumbers.e164(plain, region).orElse(plain));
            return digits.isEmpty() ? plain : digits;
        }
        if (field.literal() || field.type() != ValueType.TEXT) {
            return typed(field, lowerCase(plain));
        }
        return field.isOnly(Set.of(FieldSource.EMAIL_ADDRESS.toString())) ? lowerCase(plain) : plain;
    }

    /** As columns of databases have them: truth as 1 and 0, numbers with more decimals than they need. */
    private static String typed(FieldMapping field, String value) {
        boolean isTruth =
                field.literal() ? ValueType.BOOLEAN.fits(field.constant()) : field.type() == ValueType.BOOLEAN;
        if (isTruth) {
            return value.equals("1") ? "true" : value.equals("0") ? "false" : value;
        }
        return ValueType.NUMBER.fits(value)
                ? new BigDecimal(value).stripTrailingZeros().toPlainString()
                : value;
    }
}
