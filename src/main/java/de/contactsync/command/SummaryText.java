package de.contactsync.command;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import de.contactsync.ledger.Run;
import de.contactsync.source.FileSummary;
import de.contactsync.source.FileSummary.End;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Locale;

/** How a summary is printed: for a person, or as one JSON object for a script. */
final class SummaryText {

    private static final JsonFactory JSON = new JsonFactory();

    private SummaryText() {}

    static String forPeople(FileSummary summary) {
        StringBuilder text = new StringBuilder();
        Run run = summary.run();
        text.append(summary.file()).append(": ").append(headline(summary)).append('\n');
        if (run != null) {
            line(text, "stored", run.stored());
            line(text, "not found", run.notFound());
            line(text, "rejected", run.rejected());
            line(text, "invalid", run.invalid());
            line(text, "failed", run.failed());
            line(text, "duplicates", run.duplicates());
            if (summary.end() == End.FINISHED && run.deadLetters() > 0) {
                text.append("  why, line by line: ").append(summary.file()).append(".errors.csv\n");
            }
        }
        return text.toString().stripTrailing();
    }

    private static String headline(FileSummary summary) {
        Run run = summary.run();
        return switch (summary.end()) {
            case FINISHED -> String.format(Locale.ROOT, "%,d records in %.1f s (%,.0f/s)%s",
                    run.total(), summary.seconds(), rate(summary),
                    summary.resumed() > 0 ? String.format(Locale.ROOT, ", %,d of them done before", summary.resumed())
                            : "");
            case HALTED -> "halted, nothing is lost: " + summary.message()
                    + "\n  give the same command again and it goes on where it stopped";
            case UNREADABLE -> summary.message();
            case BUSY -> "left alone: " + summary.message();
            case UNBALANCED -> "does not add up, please report this: " + summary.message();
        };
    }

    private static void line(StringBuilder text, String name, long count) {
        text.append(String.format(Locale.ROOT, "  %-10s %,9d%n", name, count));
    }

    /** The counts are 0 for a file that never became a run. */
    static String json(FileSummary summary) {
        Run run = summary.run();
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            json.writeStringField("file", summary.file().toString());
            if (run != null && run.total() != null) {
                json.writeNumberField("total", run.total());
            } else {
                json.writeNullField("total");
            }
            json.writeNumberField("stored", run == null ? 0 : run.stored());
            json.writeNumberField("notFound", run == null ? 0 : run.notFound());
            json.writeNumberField("rejected", run == null ? 0 : run.rejected());
            json.writeNumberField("invalid", run == null ? 0 : run.invalid());
            json.writeNumberField("failed", run == null ? 0 : run.failed());
            json.writeNumberField("duplicates", run == null ? 0 : run.duplicates());
            json.writeNumberField("resumed", summary.resumed());
            json.writeBooleanField("halted", summary.end() == End.HALTED || summary.end() == End.BUSY);
            json.writeNumberField("seconds", Math.round(summary.seconds() * 1000) / 1000.0);
            json.writeNumberField("contactsPerSecond", Math.round(rate(summary)));
            if (summary.message() != null) {
                json.writeStringField("message", summary.message());
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("a string cannot fail", e);
        }
        return text.toString();
    }

    /** Records done in this pass per second. */
    private static double rate(FileSummary summary) {
        long done = summary.run() == null ? 0 : summary.run().done() - summary.resumed();
        return summary.seconds() == 0 ? 0 : done / summary.seconds();
    }
}
