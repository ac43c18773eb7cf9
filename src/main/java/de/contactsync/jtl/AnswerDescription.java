package de.contactsync.jtl;

import de.contactsync.http.ApiResponse;
import java.nio.charset.StandardCharsets;

/** Says for people what was answered and by whom, without anything that may be of a contact. */
final class AnswerDescription {

    private static final int FIRST_WORDS = 60;
    /** More of a body is not looked through. */
    private static final int LONGEST_BODY = 256 * 1024;

    private AnswerDescription() {}

    /** Status, media type and first words. */
    static String of(String host, ApiResponse answer, byte[] body) {
        String header = answer.header("Content-Type");
        String type = header == null ? null : header.replaceFirst(";.*$", "").strip();
        return host + " answered HTTP " + answer.status() + (type == null ? "" : ", " + firstWords(type)) + ", "
                + what(new String(body, 0, Math.min(body.length, LONGEST_BODY), StandardCharsets.UTF_8).strip(), type);
    }

    private static String what(String text, String type) {
        if (text.isEmpty()) {
            return "an empty body";
        }
        // It may be a contact.
        if (text.startsWith("{") || text.startsWith("[")) {
            return "JSON that is not JTL's own";
        }
        return "text/html".equalsIgnoreCase(type) ? "\"" + firstWords(text) + "\"" : "a body that is not JTL's own";
    }

    private static String firstWords(String text) {
        String words = text.replaceAll("(?s)<(script|style)\\b.*?</\\1>", " ")
                .replaceAll("<[^<>]*>", " ")
                // The words stand in quotation marks themselves.
                .replace('"', '\'')
                .replaceAll("[\\p{Cntrl}\\s]+", " ")
                .strip();
        return words.length() <= FIRST_WORDS ? words : words.substring(0, FIRST_WORDS) + "…";
    }

    /** Whether an API answered, though perhaps not JTL's: pages, and answers without a body, come from gateways too. */
    static boolean isJson(byte[] body) {
        for (byte b : body) {
            if (b == '{') {
                return true;
            }
            if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
                return false;
            }
        }
        return false;
    }
}
