package de.contactsync.crm.mapping;

import com.google.i18n.phonenumbers.NumberParseException;
import com.google.i18n.phonenumbers.PhoneNumberUtil;
import com.google.i18n.phonenumbers.PhoneNumberUtil.PhoneNumberFormat;
import com.google.i18n.phonenumbers.PhoneNumberUtil.ValidationResult;
import com.google.i18n.phonenumbers.Phonenumber.PhoneNumber;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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

    private final String country;

    /** @param country of numbers that name none, two capitals */
    PhoneNumbers(String country) {
        this.country = country;
    }

    static boolean knows(String country) {
        return countries().contains(country);
    }

    /** Two capitals each, in the order of the alphabet. */
    static Set<String> countries() {
        return new TreeSet<>(LIBRARY.getSupportedRegions());
    }

    /** @return empty when it cannot be read for sure, or has words or a second extension in it */
    Optional<String> e164(String text) {
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
