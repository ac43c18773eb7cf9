package de.contactsync.crm.mapping;

import java.util.Locale;

/**
 * What nobody sees around a value, and what comes with it when it is copied from a web page or a letter: besides blanks
 * and line ends, no-break spaces and characters without a width, which {@link String#strip} leaves.
 */
final class Blanks {

    private Blanks() {}

    /** Empty when there is nothing else. What stands between words stays. */
    static String trim(String value) {
        int begin = 0;
        int end = value.length();
        while (begin < end && isUnseen(value.charAt(begin))) {
            begin++;
        }
        while (begin < end && isUnseen(value.charAt(end - 1))) {
            end--;
        }
        return value.substring(begin, end);
    }

    /** As salutations and other values are looked up: in lower case, without blanks around and without a dot behind. */
    static String plain(String value) {
        String plain = value.strip().toLowerCase(Locale.ROOT);
        return plain.endsWith(".") ? plain.substring(0, plain.length() - 1) : plain;
    }

    /** White space of Unicode, controls, and format characters such as U+200B, U+200E, U+2060 and U+FEFF. */
    private static boolean isUnseen(char c) {
        int type = Character.getType(c);
        return Character.isSpaceChar(c) || type == Character.CONTROL || type == Character.FORMAT;
    }
}
