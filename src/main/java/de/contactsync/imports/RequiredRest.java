package de.contactsync.imports;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/**
 * How long a file must stay unchanged before it is read. Some producers pause behind the header, or in the middle of a
 * line: a file that ends like that rests longer, but not forever, because many complete files end without a line end.
 */
final class RequiredRest {

    private static final Duration MOST_ADDED = Duration.ofMinutes(1);
    private static final Duration HEADER_ONLY = Duration.ofSeconds(30);
    /** A longer file is taken to hold more than its header. */
    private static final int LONGEST_HEADER = 64 * 1024;

    private static final int TAIL = 64;

    private RequiredRest() {}

    static Duration of(Path file, Duration settle) throws IOException {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        if (name.endsWith(".gz")) {
            return settle;
        }
        try (SeekableByteChannel channel = Files.newByteChannel(file);
                InputStream in = Channels.newInputStream(channel)) {
            Duration added = settle.multipliedBy(2);
            Duration longer = settle.plus(added.compareTo(MOST_ADDED) < 0 ? added : MOST_ADDED);
            boolean json = name.endsWith("json") || name.endsWith(".jsonl");
            if (!json && channel.size() <= LONGEST_HEADER && isOneLine(in.readAllBytes())) {
                return longer.compareTo(HEADER_ONLY) > 0 ? longer : HEADER_ONLY;
            }
            channel.position(Math.max(0, channel.size() - TAIL));
            byte[] tail = in.readAllBytes();
            return json && endsWithValue(tail) || !name.endsWith(".json") && endsWithLineEnd(tail) ? settle : longer;
        }
    }

    /** Also in UTF-16, where every second byte is zero. */
    private static boolean isOneLine(byte[] content) {
        boolean ended = false;
        boolean text = false;
        for (byte b : content) {
            boolean blank = b == ' ' || b == 0;
            if (b == '\n' || b == '\r') {
                ended = text;
            } else if (!blank && ended) {
                return false;
            } else {
                text |= !blank;
            }
        }
        return true;
    }

    private static boolean endsWithLineEnd(byte[] tail) {
        int end = tail.length;
        while (end > 0 && tail[end - 1] == 0) {
            end--;
        }
        return end > 0 && (tail[end - 1] == '\n' || tail[end - 1] == '\r');
    }

    private static boolean endsWithValue(byte[] tail) {
        int end = tail.length;
        while (end > 0 && tail[end - 1] >= 0 && tail[end - 1] <= ' ') {
            end--;
        }
        return end > 0 && (tail[end - 1] == '}' || tail[end - 1] == ']');
    }
}
