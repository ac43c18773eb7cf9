package de.contactsync.command;

import static java.time.temporal.ChronoUnit.SECONDS;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import de.contactsync.ledger.Account;
import de.contactsync.ledger.Run;
import de.contactsync.source.FileNames;
import de.contactsync.source.RunSummary;
import de.contactsync.source.RunSummary.End;
import de.contactsync.source.Verification;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Locale;

/** How a summary is printed: for a person, or as one JSON object for a script. */
final class SummaryText {

    private static final JsonFactory JSON = new JsonFactory();

    private SummaryText() {}

    /** @param sent null without a CRM */
    static String forPeople(RunSummary summary, Sent sent) {
        StringBuilder text = new StringBuilder();
        Run run = summary.run();
        text.append(FileNames.shown(summary.file())).append(": ").append(headline(summary)).append('\n');
        if (run != null) {
            line(text, "stored", run.stored());
            line(text, "not found", run.notFound());
            line(text, "rejected", run.rejected());
            line(text, "invalid", run.invalid());
            line(text, "failed", run.failed());
            line(text, "duplicates", run.duplicates());
            if (summary.end() == End.FINISHED && run.deadLetters() > 0) {
                text.append("  why, line by line: ").append(FileNames.shown(summary.file())).append(".errors.csv\n");
            }
            if (run.total() != null) {
                text.append("  ").append(run.account()).append('\n');
            }
        }
        if (sent != null) {
            append(text, sent);
        }
        return text.toString().stripTrailing();
    }

    static String forPeople(Sent sent) {
        StringBuilder text = new StringBuilder();
        append(text, sent);
        return text.toString().stripTrailing();
    }

    private static void append(StringBuilder text, Sent sent) {
        text.append("  to the CRM").append('\n');
        line(text, "delivered", sent.tally().delivered());
        if (sent.tally().removed() > 0) {
            line(text, "removed", sent.tally().removed());
        }
        line(text, "refused", sent.tally().refused());
        if (sent.tally().refused() > 0) {
            text.append("  why: table dead_letter, stage sink:crm\n");
        }
        if (sent.unreadablePhoneNumbers() > 0) {
            text.append("  sent as they are, because they cannot be read: ").append(sent.unreadablePhoneNumbers())
                    .append(" phone numbers\n");
        }
        if (sent.waitsFor() != null) {
            line(text, "pending", sent.pending());
            text.append("  they wait and nothing is lost: ").append(sent.waitsFor())
                    .append("\n  give the same command again and they are sent\n");
        }
    }

    private static String headline(RunSummary summary) {
        Run run = summary.run();
        return switch (summary.end()) {
            case FINISHED -> String.format(Locale.ROOT, "%,d records in %.1f s (%,.0f/s)%s",
                    run.total(), summary.seconds(), summary.recordsPerSecond(),
                    summary.resumed() > 0 ? String.format(Locale.ROOT, ", %,d of them done before", summary.resumed())
                            : "");
            case HALTED -> "halted, nothing is lost: " + summary.message()
                    + (run != null && run.haltedAtEnd() ? ""
                            : "\n  give the same command again and it goes on where it stopped");
            case UNREADABLE -> summary.message();
            case BUSY -> "left alone: " + summary.message();
            case UNBALANCED -> "does not add up, please report this: " + summary.message();
        };
    }

    private static void line(StringBuilder text, String name, long count) {
        text.append(String.format(Locale.ROOT, "  %-10s %,9d%n", name, count));
    }

    /**
     * The counts are 0 for a file that never became a run.
     *
     * @param sent     null without a CRM
     * @param forecast when a halted run would be done if it went on now, or null
     */
    static String json(RunSummary summary, Sent sent, Instant forecast) {
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
            ends(json, run == null ? Account.EMPTY : run.account());
            json.writeNumberField("resumed", summary.resumed());
            boolean halted = summary.end() == End.HALTED || summary.end() == End.BUSY;
            json.writeBooleanField("halted", halted);
            json.writeNumberField("seconds", Math.round(summary.seconds() * 1000) / 1000.0);
            json.writeNumberField("contactsPerSecond", Math.round(summary.recordsPerSecond()));
            if (halted) {
                json.writeStringField("forecast", forecast == null ? null : forecast.truncatedTo(SECONDS).toString());
            }
            if (sent != null) {
                json.writeObjectFieldStart("crm");
                json.writeNumberField("delivered", sent.tally().delivered());
                json.writeNumberField("refused", sent.tally().refused());
                json.writeNumberField("removed", sent.tally().removed());
                json.writeNumberField("pending", sent.pending());
                json.writeNumberField("unreadablePhoneNumbers", sent.unreadablePhoneNumbers());
                json.writeStringField("message", sent.waitsFor());
                json.writeEndObject();
            }
            if (summary.message() != null) {
                json.writeStringField("message", summary.message());
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("a string cannot fail", e);
        }
        return text.toString();
    }

    private static void ends(JsonGenerator json, Account account) throws IOException {
        json.writeNumberField("stored", account.stored());
        json.writeNumberField("notFound", account.notFound());
        json.writeNumberField("rejected", account.rejected());
        json.writeNumberField("invalid", account.invalid());
        json.writeNumberField("failed", account.failed());
        json.writeNumberField("duplicates", account.duplicates());
    }

    static String forPeople(Verification verification) {
        StringBuilder text = new StringBuilder(FileNames.shown(verification.file()));
        if (verification instanceof Verification.NotYet notYet) {
            return text.append(' ').append(notYet.why()).toString();
        }
        Verification.Compared compared = (Verification.Compared) verification;
        text.append(": ").append(compared.account());
        compared.problems().forEach(problem -> text.append("\n  ").append(problem));
        if (!compared.problems().isEmpty()) {
            text.append("\n  please report this, unless jtl.tenant-id was another one at the import,"
                    + " or somebody took rows out of the tables");
        }
        return text.toString();
    }

    /** Without counts where there is nothing to compare the file with. */
    static String json(Verification verification) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            json.writeStringField("file", verification.file().toString());
            if (verification instanceof Verification.Compared compared) {
                json.writeNumberField("run", compared.run().id());
                json.writeNumberField("total", compared.account().accepted());
                ends(json, compared.account());
                json.writeNumberField("lost", compared.account().lost());
                json.writeArrayFieldStart("problems");
                for (String problem : compared.problems()) {
                    json.writeString(problem);
                }
                json.writeEndArray();
            } else if (verification instanceof Verification.NotYet notYet) {
                json.writeNullField("run");
                json.writeStringField("message", notYet.why());
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("a string cannot fail", e);
        }
        return text.toString();
    }
}
