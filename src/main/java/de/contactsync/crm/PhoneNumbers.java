package de.contactsync.crm;

import com.google.i18n.phonenumbers.NumberParseException;
import com.google.i18n.phonenumbers.PhoneNumberUtil;
import com.google.i18n.phonenumbers.PhoneNumberUtil.PhoneNumberFormat;
import com.google.i18n.phonenumbers.PhoneNumberUtil.ValidationResult;
import com.google.i18n.phonenumbers.Phonenumber.PhoneNumber;
import java.util.Optional;

/** Phone numbers as people write them, made into E.164. Thread-safe. */
final class PhoneNumbers {

    private static final PhoneNumberUtil LIBRARY = PhoneNumberUtil.getInstance();

    private final String country;

    /** @param country of numbers that name none, two capitals */
    PhoneNumbers(String country) {
        this.country = country;
    }

    static boolean knows(String country) {
        return LIBRARY.getSupportedRegions().contains(country);
    }

    /** @return empty when it cannot be read, or would lose its extension */
    Optional<String> e164(String text) {
        try {
            PhoneNumber number = LIBRARY.parse(text, country);
            return number.hasExtension()
                            || LIBRARY.isPossibleNumberWithReason(number) != ValidationResult.IS_POSSIBLE
                    ? Optional.empty()
                    : Optional.of(LIBRARY.format(number, PhoneNumberFormat.E164));
        } catch (NumberParseException e) {
            return Optional.empty();
        }
    }
}
