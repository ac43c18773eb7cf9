package de.contactsync.cli;

import java.nio.charset.Charset;

/**
 * The character set in which this process hears and gives the names of files: that of its locale, whatever its texts
 * are written in. Names beyond it reach the program with other characters in them, and lead to nothing, or to
 * something else.
 */
final class NativeNames {

    /** As the JVM reports it; null when it does not. */
    static final String CHARSET = System.getProperty("sun.jnu.encoding");

    static final String REMEDY = "start the program with LC_ALL=C.UTF-8 in its environment";

    /** What decoders write in place of bytes that are no character. */
    private static final String NO_CHARACTER = "\uFFFD";

    private NativeNames() {}

    /** Whether names in {@code charset} can hold {@code text}; true when the character set is not known. */
    static boolean canHold(String charset, String text) {
        return charset == null
                || !Charset.isSupported(charset)
                || Charset.forName(charset).newEncoder().canEncode(text);
    }

    /** Why a file or folder of this name cannot be found, and what helps; null when its name is not the reason. */
    static String trouble(String charset, String name) {
        if (!canHold(charset, name)) {
            return "this process supports file names in " + charset + " only, and this name has other characters: "
                    + REMEDY;
        }
        return name.contains(NO_CHARACTER)
                ? "its name contains bytes that are invalid in " + charset + ": rename it, or start this program with"
                        + " the locale in which it was named"
                : null;
    }
}
