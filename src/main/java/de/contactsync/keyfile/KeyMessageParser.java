package de.contactsync.keyfile;

import de.contactsync.model.KeyEntry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The keys in the body of a message: one JSON object with a customerId and a contactId, or an array of them. */
public final class KeyMessageParser {

    private static final String EXPECTED =
            "expected one JSON object with customerId and contactId, or an array of such objects";
    private static final String NOT_UTF_8 =
            "the message has bytes that are not UTF-8: " + EXPECTED + ", as text in UTF-8";

    private KeyMessageParser() {}

    /**
     * Never fails and never loses a key without a word: whatever cannot be read comes as {@link KeyEntry.Invalid}.
     *
     * @param body JSON in UTF-8 or UTF-16; other encodings are not guessed. An entry of ids that can be read is a key
     *             even if the bytes of its other fields are not UTF-8
     * @param most where reading ends; one entry more tells that there are more
     * @return one entry per element, positions from 1; empty only for an empty array
     */
    public static List<KeyEntry> parse(byte[] body, int most) {
        if (Utf8Transcoder.isText(body)) {
            return parseText(body, most);
        }
        byte[] replaced = new String(body, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8);
        return parseText(replaced, most).stream()
                .map(KeyMessageParser::nameEncoding)
                .toList();
    }

    /** What is wrong with bytes that are not UTF-8 is that, whatever else is missing. */
    private static KeyEntry nameEncoding(KeyEntry entry) {
        return entry instanceof KeyEntry.Invalid invalid && invalid.raw().indexOf('\uFFFD') >= 0
                ? invalid.withProblem(NOT_UTF_8)
                : entry;
    }

    /**
     * As {@link #parse}, for JSON Lines: positions are lines.
     *
     * @throws UnreadableKeyFileException where they break off
     */
    public static List<KeyEntry> parseLines(byte[] body, int most) {
        boolean isText = Utf8Transcoder.isText(body);
        byte[] text = isText ? body : new String(body, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8);
        List<KeyEntry> entries = new ArrayList<>();
        try (KeyFile keys = KeyFile.open("message.ndjson", new ByteArrayInputStream(text))) {
            while (keys.hasNext() && entries.size() <= most) {
                KeyEntry entry = keys.next();
                entries.add(isText ? entry : nameEncoding(entry));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("a text in memory cannot fail to be read", e);
        }
        return entries;
    }

    private static List<KeyEntry> parseText(byte[] body, int most) {
        List<KeyEntry> entries = new ArrayList<>();
        JsonArrayKeyReader keys = null;
        try {
            keys = new JsonArrayKeyReader(
                    new ReadBuffer(
                            Utf8Transcoder.of(new ByteArrayInputStream(body)), Utf8Transcoder.longest(body.length)),
                    EXPECTED);
            for (KeyEntry entry = keys.next(); entry != null && entries.size() <= most; entry = keys.next()) {
                entries.add(entry);
            }
            if (entries.isEmpty() && !keys.isStarted()) {
                entries.add(unreadable(1, body, "the message is empty: " + EXPECTED));
            }
        } catch (UnreadableKeyFileException e) {
            // A broken element says so itself.
            if (keys == null || !keys.endsWithin()) {
                entries.add(unreadable(entries.size() + 1L, body, e.getMessage()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("a text in memory cannot fail to be read", e);
        }
        return entries;
    }

    private static KeyEntry unreadable(long position, byte[] body, String problem) {
        String head = body.length <= KeyEntry.Invalid.RAW_LIMIT
                ? TextDecoder.decode(body, 0, body.length)
                : TextDecoder.decodeHead(body, 0, KeyEntry.Invalid.RAW_LIMIT);
        return KeyEntryFactory.invalid(position, head, problem);
    }
}
