package de.contactsync.crm;

import de.contactsync.http.SecretMask;
import java.util.Collection;
import java.util.Comparator;
import java.util.regex.Pattern;

/** What people are told of a refusal: what the CRM says, without anything of the contact, which it may quote. */
public final class ErrorSanitizer {

    /** What becomes of a contact that the CRM refused; behind the reason. */
    public static final String ONCE_CHANGED = "; it is sent again once it has changed in JTL-Wawi";
    /** The same of one that it refused to flag or to delete. */
    public static final String ONCE_REPLAYED =
            "; JTL has it no longer: see to it there, then the command replay tries again";

    private static final int LONGEST = 500;
    /** This and the next take time in proportion to the text, and no more stack for a long one. */
    private static final Pattern EMAIL = Pattern.compile("(?<![^\\s\"'<>,;:()@])[^\\s\"'<>,;:()@]++@[^\\s\"'<>,;:()]+");
    /** Six to 31 digits with what stands between those of a phone number; not the id of a record. */
    private static final Pattern PHONE =
            Pattern.compile("(?<!ID: )(?<![\\w-])\\+?\\(?\\d(?:[\\s()/.-]*\\d){5,30}(?![\\w-])");

    private ErrorSanitizer() {}

    /**
     * @param said   null when there is none
     * @param values of the contact
     */
    public static String redact(Collection<String> values, String said) {
        String words = said == null ? "no reason given" : said;
        for (String value : values.stream()
                .filter(value -> !value.isBlank())
                .flatMap(value -> SecretMask.forms(value.strip()).stream())
                .sorted(Comparator.comparing(String::length).reversed())
                .toList()) {
            words = Pattern.compile(
                            "(?<![\\p{L}\\p{N}])" + Pattern.quote(value) + "(?![\\p{L}\\p{N}])",
                            Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE)
                    .matcher(words)
                    .replaceAll("…");
        }
        words = PHONE.matcher(EMAIL.matcher(words).replaceAll("…")).replaceAll("…");
        words = words.replaceAll("\\p{Cntrl}+", " ");
        return words.length() > LONGEST ? words.substring(0, LONGEST) + "…" : words;
    }
}
