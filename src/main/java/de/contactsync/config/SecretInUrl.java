package de.contactsync.config;

import java.util.regex.Pattern;

/** Passwords in URLs, where none belongs: a URL is shown in messages and logs. */
final class SecretInUrl {

    private static final Pattern SECRET = Pattern.compile("(?i)[?&;][\\w.]*password=|//[^/?]*:[^/?]*@");

    private SecretInUrl() {}

    static boolean isIn(String url) {
        return SECRET.matcher(url).find();
    }

    /** The text without a password that it may hold. */
    static String masked(String text) {
        return text.replaceAll("(?s)^.*@", "***@").replaceAll("(?i)(password|secret)=[^&]*", "$1=***");
    }
}
