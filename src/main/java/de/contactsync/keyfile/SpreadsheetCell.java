package de.contactsync.keyfile;

import java.util.regex.Pattern;

/** Text of others in a file that people open in a spreadsheet. */
public final class SpreadsheetCell {

    private static final Pattern FORMULA = Pattern.compile("(?:^|[;,|])(?=[\\p{Z}\\p{Cf}\"']*[=+\\-@＝＋－＠])");

    private SpreadsheetCell() {}

    /**
     * Text that no spreadsheet takes for a formula: those begin with one of {@code = + - @} or their full-width forms,
     * also behind blanks, quotes or what cannot be seen; and behind a separator, because a German Excel splits cells at
     * semicolons, and quotes within the line do not keep it from that.
     *
     * @param text null for none
     */
    public static String of(String text) {
        if (text == null) {
            return "";
        }
        StringBuilder cell = new StringBuilder(text.length() + 1);
        text.codePoints().map(c -> Character.isISOControl(c) ? ' ' : c).forEach(cell::appendCodePoint);
        return FORMULA.matcher(cell).replaceAll("$0'");
    }
}
