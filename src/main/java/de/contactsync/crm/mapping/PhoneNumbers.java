package de.contactsync.crm.mapping;

import com.google.i18n.phonenumbers.NumberParseException;
import com.google.i18n.phonenumbers.PhoneNumberUtil;
import com.google.i18n.phonenumbers.PhoneNumberUtil.PhoneNumberFormat;
import com.google.i18n.phonenumbers.PhoneNumberUtil.ValidationResult;
import com.google.i18n.phonenumbers.Phonenumber.PhoneNumber;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Phone numbers as people write them, made into E.164. The library takes letters for digits and leaves out what stands
 * between two numbers, so it is given only what is one number for sure. Thread-safe.
 */
final class PhoneNumbers {

    private static final PhoneNumberUtil LIBRARY = PhoneNumberUtil.getInstance();

    private static final Pattern KIND =
            Pattern.compile("(?:tel(?:efon|efax)?|fax|mobil(?:telefon)?|handy)[ .:]*", Pattern.CASE_INSENSITIVE);

    /**
     * Country, area, and the rest with at most one hyphen, in front of an extension. A slash stands behind country or
     * area only: further back, or with few digits behind it, it leads to another number.
     */
    private static final Pattern ONE_NUMBER =
            Pattern.compile("(?:\\(?(?:\\+|00 ?)[1-9]\\d{0,2}\\)?[ ./-]?(?:\\(0\\) ?)?|\\(0\\) ?|0 )?"
                    + "(?:\\([ \\d]{1,7}\\)[ /-]?|\\d{1,6}/(?=(?:[ .-]?\\d){4})|\\d+[ .-]?)"
                    + "[\\d .]+(?:-[\\d .]+)?");

    /** A number, and a text that begins with a letter, perhaps in brackets. */
    private static final Pattern WITH_TEXT = Pattern.compile(
            "(.*?\\d)[\\s,;:/|\\p{Pd}]*(?:\\((\\p{L}.*)\\)|\\[(\\p{L}.*)\\]|(\\p{L}.*))", Pattern.DOTALL);

    /** @param number as it is written */
    record WithText(String number, String text) {}

    private PhoneNumbers() {}

    static boolean knows(String country) {
        return LIBRARY.getSupportedRegions().contains(country);
    }

    /** Two capitals each, in the order of the alphabet. */
    static Set<String> countries() {
        return new TreeSet<>(LIBRARY.getSupportedRegions());
    }

    /**
     * @param country of numbers that name none, two capitals
     * @return empty when it cannot be read for sure, or has words or a second extension in it
     */
    static Optional<String> e164(String text, String country) {
        String plain = plain(text);
        if (!ONE_NUMBER.matcher(plain).matches()) {
            return Optional.empty();
        }
        try {
            PhoneNumber number = LIBRARY.parse(plain, country);
            return LIBRARY.isPossibleNumberWithReason(number) == ValidationResult.IS_POSSIBLE
                    ? Optional.of(LIBRARY.format(number, PhoneNumberFormat.E164))
                    : Optional.empty();
        } catch (NumberParseException e) {
            return Optional.empty();
        }
    }

    /**
     * A number apart from the text behind it, such as {@code (Zentrale)} or {@code App. 12}.
     *
     * @param country as of {@link #e164}
     * @return empty when there is no such text, or what is before it is not a valid number for sure
     */
    static Optional<WithText> withText(String text, String country) {
        String trimmed = Blanks.trim(text);
        Matcher kind = KIND.matcher(trimmed);
        Matcher parts = WITH_TEXT.matcher(kind.lookingAt() ? trimmed.substring(kind.end()) : trimmed);
        if (!parts.matches()
                || e164(parts.group(1), country).filter(PhoneNumbers::isValid).isEmpty()) {
            return Optional.empty();
        }
        String behind = Stream.of(parts.group(2), parts.group(3), parts.group(4))
                .filter(Objects::nonNull)
                .findFirst()
                .orElseThrow();
        return Optional.of(new WithText(parts.group(1), Blanks.trim(behind)));
    }

    /** What is cut off is certain only where the rest can be called. */
    private static boolean isValid(String e164) {
        try {
            return LIBRARY.isValidNumber(LIBRARY.parse(e164, null));
        } catch (NumberParseException e) {
            return false;
        }
    }

    /** Without what only makes it easier to read, and with a plus for two zeros in front. */
    static String digits(String number) {
        return number.replaceAll("[^\\d+]", "").replaceFirst("^00", "+");
    }

    /**
     * Without what kind of number it is in front, every dash a hyphen, and blanks only where nothing else separates.
     */
    private static String plain(String text) {
        String number = Blanks.trim(text).replaceAll("[\\p{Zs}\\t]+", " ").replaceAll("\\p{Pd}", "-");
        Matcher kind = KIND.matcher(number);
        return (kind.lookingAt() ? number.substring(kind.end()) : number).replaceAll(" ?([./-]) ?", "$1");
    }
}
