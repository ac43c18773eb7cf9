package de.contactsync.observability;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;

/**
 * A line of the log for a program that reads it.
 *
 * @param level     {@code ERROR}, {@code WARN}, {@code INFO} or less
 * @param exception null where there is none; of its stack nothing is shown
 */
public record LogLine(Instant time, String level, String logger, String thread, String message, String exception) {

    private static final JsonFactory JSON = new JsonFactory();

    /** Of syslog, which the journal takes from the beginning of a line. */
    private static final Map<String, String> PRIORITIES =
            Map.of("ERROR", "<3>", "WARN", "<4>", "INFO", "<6>", "DEBUG", "<7>", "TRACE", "<7>");

    /** One JSON object, without a line break. */
    public String json() {
        StringWriter out = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartObject();
            json.writeStringField("time", time.toString());
            json.writeStringField("level", level);
            json.writeStringField("logger", logger);
            json.writeStringField("thread", thread);
            json.writeStringField("message", message);
            if (exception != null) {
                json.writeStringField("exception", exception);
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toString();
    }

    /** For the journal, which notes the time itself. */
    public String plain() {
        return exception == null ? message : message + "\n" + exception;
    }

    /**
     * With the priority before each line.
     *
     * @see <a href="https://man7.org/linux/man-pages/man3/sd-daemon.3.html">sd-daemon(3)</a>
     */
    public String withPriority(String text) {
        String priority = PRIORITIES.getOrDefault(level, "<6>");
        return priority + text.replaceAll("\\R", "\n" + priority);
    }

    /**
     * Whether systemd has connected {@code stream} with the journal.
     *
     * @param journalStream the environment variable JOURNAL_STREAM, device and inode; null where it is not set
     * @param stream        such as {@code /proc/self/fd/2}
     * @see <a href="https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html">systemd.exec(5)</a>
     */
    public static boolean isJournal(String journalStream, Path stream) {
        try {
            return journalStream != null
                    && journalStream.equals(
                            Files.getAttribute(stream, "unix:dev") + ":" + Files.getAttribute(stream, "unix:ino"));
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
            return false;
        }
    }
}
