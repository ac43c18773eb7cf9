package de.contactsync.keyfile;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * How far the beginning of an element can be understood.
 *
 * @param lastToken offset in bytes of the last token before the damage; when a quotation mark is missing, this token
 *                  is a string that has swallowed what came behind it
 * @param onlyShort nothing is wrong but that the text ends
 */
record JsonErrorLocator(int lastToken, boolean onlyShort) {

    private static final int LONGEST_WORD = "false".length();

    static JsonErrorLocator locate(byte[] bytes, int from, int length) {
        // Byte for byte a character, so that offsets need no translation; all that JSON is made of is ASCII.
        String text = new String(bytes, from, length, StandardCharsets.ISO_8859_1);
        int lastToken = 0;
        try (JsonParser parser = JsonKeyParser.FACTORY.createParser(text)) {
            while (parser.nextToken() != null) {
                lastToken = (int) parser.currentTokenLocation().getCharOffset();
            }
            return new JsonErrorLocator(lastToken, true);
        } catch (JsonProcessingException e) {
            // Half a "false" at the end is an error like any other to the parser, at the place where the word begins.
            boolean atEnd = e.getLocation() != null && e.getLocation().getCharOffset() > length - LONGEST_WORD;
            return new JsonErrorLocator(lastToken, atEnd);
        } catch (IOException e) {
            throw new UncheckedIOException("a text in memory cannot fail to be read", e);
        }
    }
}
