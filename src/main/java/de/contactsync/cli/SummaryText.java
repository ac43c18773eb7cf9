package de.contactsync.cli;

import static java.time.temporal.ChronoUnit.SECONDS;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import de.contactsync.app.DeliverySummary;
import de.contactsync.imports.FileNames;
import de.contactsync.imports.RunSummary;
import de.contactsync.imports.RunSummary.End;
import de.contactsync.imports.VerificationResult;
import de.contactsync.persistence.Run;
import de.contactsync.persistence.RunTotals;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/** How a summary is printed: for a person, or as one JSON object for a script. */
final class SummaryText {

    private static final JsonFactory JSON = new JsonFactory();

    private SummaryText() {}

    /** @param deliveries one for each sink that is fed from an outbox */
    static String humanReadable(RunSummary summary, List<DeliverySummary> deliveries) {
        StringBuilder text = new StringBuilder();
        Run run = summary.run();
        text.append(summary.name()).append(": ").append(headline(summary)).append('\n');
        if (run != null) {
            line(text, "stored", run.stored());
            line(text, "not found", run.notFound());
            line(text, "rejected", run.rejected());
            line(text, "invalid", run.invalid());
            line(text, "failed", run.failed());
            line(text, "duplicates", run.duplicates());
            if (summary.errorReport() != null) {
                text.append("  why, line by line: ")
                        .append(FileNames.shown(summary.errorReport()))
                        .append('\n');
            }
            if (summary.file() == null && run.deadLetters() > 0) {
                text.append("  why: table dead_letter, run_id ")
                        .append(run.id())
                        .append('\n');
            }
            if (run.total() != null) {
                text.append("  ").append(run.totals()).append('\n');
            }
        }
        deliveries.forEach(each -> append(text, each));
        return text.toString().stripTrailing();
    }

    static String humanReadable(List<DeliverySummary> deliveries) {
        StringBuilder text = new StringBuilder();
        deliveries.forEach(each -> append(text, each));
        return text.toString().stripTrailing();
    }

    private static void append(StringBuilder text, DeliverySummary deliverySummary) {
        text.append("  to ").append(deliverySummary.label()).append('\n');
        line(text, "delivered", deliverySummary.counts().delivered());
        if (deliverySummary.counts().removed() > 0) {
            line(text, "removed", deliverySummary.counts().removed());
        }
        if (deliverySummary.counts().notThere() > 0) {
            line(text, "not there", deliverySummary.counts().notThere());
            text.append("  to be deleted or flagged, but without a record of their own there\n");
        }
        if (deliverySummary.counts().leftOut() > 0) {
            line(text, "left out", deliverySummary.counts().leftOut());
            text.append(
                    "  by the mapping's only-if or block-list, contacts.crm.mode or contacts.crm.on-missing=skip: the"
                            + " command explain gives the reason of each\n");
        }
        if (deliverySummary.counts().withoutEmail() > 0) {
            line(text, "no address", deliverySummary.counts().withoutEmail());
            text.append("  delivered without their e-mail address, which another record has: table dead_letter, stage"
                            + " sink:")
                    .append(deliverySummary.sink())
                    .append(":email\n");
        }
        line(text, "refused", deliverySummary.counts().refused());
        if (deliverySummary.counts().refused() > 0) {
            text.append("  why: table dead_letter, stages that begin with sink:")
                    .append(deliverySummary.sink())
                    .append('\n');
        }
        if (deliverySummary.unreadablePhoneNumbers() > 0) {
            text.append("  sent unchanged, because they cannot be parsed: ")
                    .append(deliverySummary.unreadablePhoneNumbers())
                    .append(" phone numbers\n");
        }
        if (deliverySummary.waitsFor() != null) {
            line(text, "pending", deliverySummary.pending());
            text.append("  pending, nothing is lost: ")
                    .append(deliverySummary.waitsFor())
                    .append("\n  once that is resolved, re-run the same command to send them\n");
        }
    }

    private static String headline(RunSummary summary) {
        Run run = summary.run();
        return switch (summary.end()) {
            case FINISHED ->
                String.format(
                        Locale.ROOT,
                        "%,d records in %.1f s (%,.0f/s)%s",
                        run.total(),
                        summary.seconds(),
                        summary.recordsPerSecond(),
                        summary.resumed() > 0
                                ? String.format(Locale.ROOT, ", %,d of them done before", summary.resumed())
                                : "");
            case HALTED ->
                "halted, nothing is lost: " + summary.message()
                        + (run != null && run.haltedAtEnd()
                                ? ""
                                : "\n  once that is resolved, re-run the same command to resume");
            case UNREADABLE -> summary.message();
            case BUSY -> "left alone: " + summary.message();
            case UNBALANCED -> "reconciliation failed, please report this: " + summary.message();
        };
    }

    private static void line(StringBuilder text, String name, long count) {
        text.append(String.format(Locale.ROOT, "  %-10s %,9d%n", name, count));
    }

    /**
     * The counts are 0 for a file that never became a run.
     *
     * @param deliveries one for each sink that is fed from an outbox
     * @param forecast   when a halted run would be done if it continued now, or null
     */
    static String json(RunSummary summary, List<DeliverySummary> deliveries, Instant forecast) {
        Run run = summary.run();
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            if (summary.file() == null) {
                json.writeStringField("run", summary.name());
            } else {
                json.writeStringField("file", summary.file().toString());
            }
            if (run != null && run.total() != null) {
                json.writeNumberField("total", run.total());
            } else {
                json.writeNullField("total");
            }
            ends(json, run == null ? RunTotals.EMPTY : run.totals());
            json.writeNumberField("resumed", summary.resumed());
            boolean halted = summary.end() == End.HALTED || summary.end() == End.BUSY;
            json.writeBooleanField("halted", halted);
            json.writeNumberField("seconds", Math.round(summary.seconds() * 1000) / 1000.0);
            json.writeNumberField("contactsPerSecond", Math.round(summary.recordsPerSecond()));
            if (halted) {
                json.writeStringField(
                        "forecast",
                        forecast == null ? null : forecast.truncatedTo(SECONDS).toString());
            }
            deliveries(json, deliveries);
            if (summary.message() != null) {
                json.writeStringField("message", summary.message());
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("a string cannot fail", e);
        }
        return text.toString();
    }

    private static void deliveries(JsonGenerator json, List<DeliverySummary> deliveries) throws IOException {
        List<DeliverySummary> routes =
                deliveries.stream().filter(each -> !each.isOfCrm()).toList();
        for (DeliverySummary each : deliveries) {
            if (each.isOfCrm()) {
                delivery(json, "crm", each);
            }
        }
        if (!routes.isEmpty()) {
            json.writeObjectFieldStart("routes");
            for (DeliverySummary each : routes) {
                delivery(json, each.sink(), each);
            }
            json.writeEndObject();
        }
    }

    private static void delivery(JsonGenerator json, String name, DeliverySummary summary) throws IOException {
        json.writeObjectFieldStart(name);
        json.writeNumberField("delivered", summary.counts().delivered());
        json.writeNumberField("refused", summary.counts().refused());
        json.writeNumberField("removed", summary.counts().removed());
        if (summary.isOfCrm()) {
            json.writeNumberField("withoutEmail", summary.counts().withoutEmail());
            json.writeNumberField("notThere", summary.counts().notThere());
            json.writeNumberField("leftOut", summary.counts().leftOut());
        }
        json.writeNumberField("pending", summary.pending());
        if (summary.isOfCrm()) {
            json.writeNumberField("unreadablePhoneNumbers", summary.unreadablePhoneNumbers());
        }
        json.writeStringField("message", summary.waitsFor());
        json.writeEndObject();
    }

    private static void ends(JsonGenerator json, RunTotals totals) throws IOException {
        json.writeNumberField("stored", totals.stored());
        json.writeNumberField("notFound", totals.notFound());
        json.writeNumberField("rejected", totals.rejected());
        json.writeNumberField("invalid", totals.invalid());
        json.writeNumberField("failed", totals.failed());
        json.writeNumberField("duplicates", totals.duplicates());
    }

    static String humanReadable(VerificationResult verificationResult) {
        StringBuilder text = new StringBuilder(FileNames.shown(verificationResult.file()));
        if (verificationResult instanceof VerificationResult.NotYet notYet) {
            return text.append(' ').append(notYet.why()).toString();
        }
        VerificationResult.Compared compared = (VerificationResult.Compared) verificationResult;
        text.append(": ").append(compared.totals());
        compared.problems().forEach(problem -> text.append("\n  ").append(problem));
        if (!compared.problems().isEmpty()) {
            text.append(
                    "\n  please report this, unless jtl.tenant-id has changed since the import, or rows were deleted"
                            + " from the tables");
        }
        return text.toString();
    }

    /** Without counts where there is nothing to compare the file with. */
    static String json(VerificationResult verificationResult) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            json.writeStringField("file", verificationResult.file().toString());
            if (verificationResult instanceof VerificationResult.Compared compared) {
                json.writeNumberField("run", compared.run().id());
                json.writeNumberField("total", compared.totals().accepted());
                ends(json, compared.totals());
                json.writeNumberField("lost", compared.totals().lost());
                json.writeArrayFieldStart("problems");
                for (String problem : compared.problems()) {
                    json.writeString(problem);
                }
                json.writeEndArray();
            } else if (verificationResult instanceof VerificationResult.NotYet notYet) {
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
