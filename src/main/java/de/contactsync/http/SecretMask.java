package de.contactsync.http;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Takes secrets out of what servers answer, because some repeat what they were sent. */
public final class SecretMask {

    private static final String HIDDEN = "***";

    /** Characters from which on a secret is found inside of other words; a shorter one may be part of any word. */
    private static final int UNMISTAKABLE = 8;

    private SecretMask() {}

    /** Of a short secret only where it stands alone, so that the text can still be read. */
    public static String hide(String text, String secret) {
        if (secret == null || secret.isBlank()) {
            return text;
        }
        if (secret.length() >= UNMISTAKABLE) {
            return text.replace(secret, HIDDEN);
        }
        return Pattern.compile("(?<![\\p{L}\\p{N}])" + Pattern.quote(secret) + "(?![\\p{L}\\p{N}])")
                .matcher(text)
                .replaceAll(Matcher.quoteReplacement(HIDDEN));
    }
}
