package de.contactsync.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import de.contactsync.config.ConfigurationException;
import de.contactsync.crm.CrmAudit.Difference;
import de.contactsync.crm.CrmAudit.Finding;
import de.contactsync.crm.CrmAudit.Verdict;
import de.contactsync.imports.FileNames;
import de.contactsync.model.JtlId;
import de.contactsync.outbox.DeliveryAudit.State;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** What an audit found: a table without the contacts' data, and a file with it. Holds no more than counts. */
final class AuditReport implements AutoCloseable {

    /** Lines of the table: who has more findings needs the file. */
    private static final int MOST_LINES = 200;

    /** What a step's record can be. */
    private static final Set<Verdict> OF_PARTS =
            EnumSet.of(Verdict.AS_SENT, Verdict.EDITED, Verdict.MISSING, Verdict.DOUBLED, Verdict.UNREADABLE);

    private static final Set<Verdict> SHOWN_WHERE_THERE_ARE = EnumSet.of(Verdict.NOT_COMPARED, Verdict.WITHOUT_EMAIL);

    private final PrintStream out;
    /** Null when there is no file. */
    private final JsonGenerator json;

    private final Map<State, Long> states = new EnumMap<>(State.class);
    private final Map<Verdict, Long> verdicts = new EnumMap<>(Verdict.class);
    private final Map<Verdict, Long> parts = new EnumMap<>(Verdict.class);
    private int lines;
    private long marked;

    private AuditReport(PrintStream out, JsonGenerator json) {
        this.out = out;
        this.json = json;
    }

    /**
     * @param file null for none
     * @throws ConfigurationException when it cannot be written
     */
    static AuditReport open(Path file, PrintStream out) {
        if (file == null) {
            return new AuditReport(out, null);
        }
        try {
            JsonGenerator json = new JsonFactory()
                    .createGenerator(Files.newOutputStream(file))
                    .useDefaultPrettyPrinter();
            json.writeStartObject();
            json.writeArrayFieldStart("contacts");
            return new AuditReport(out, json);
        } catch (IOException e) {
            throw new ConfigurationException(
                    List.of("--report " + FileNames.shown(file) + " cannot be written: " + e.getMessage()));
        }
    }

    void count(State state) {
        states.merge(state, 1L, Long::sum);
    }

    void add(Finding finding) throws IOException {
        verdicts.merge(finding.verdict(), 1L, Long::sum);
        finding.parts().forEach(part -> parts.merge(part.verdict(), 1L, Long::sum));
        if (finding.verdict() == Verdict.AS_SENT || finding.verdict() == Verdict.NOT_COMPARED) {
            return;
        }
        if (json != null) {
            write(finding);
        }
        if (finding.verdict() == Verdict.WITHOUT_EMAIL) {
            // Its dead letter tells of it.
            return;
        }
        if (lines == 0) {
            out.printf("%-9s %-36s %-36s %-18s %s%n", "", "customer", "contact", "record", "fields");
        }
        if (lines++ < MOST_LINES) {
            out.printf(
                    "%-9s %-36s %-36s %-18s %s%n",
                    finding.verdict(),
                    JtlId.text(finding.key().customerId()),
                    JtlId.text(finding.key().contactId()),
                    finding.recordId() == null ? "-" : finding.recordId(),
                    finding.differences().stream()
                            .map(difference -> shown(finding.verdict(), difference))
                            .collect(Collectors.joining(", ")));
        }
    }

    /** Without values, but for the key of the contact whose record a merged one is. */
    private static String shown(Verdict verdict, Difference difference) {
        return verdict == Verdict.MERGED && difference.there() != null
                ? difference.field() + " " + difference.there().replaceAll("[^\\w/-]", "?")
                : difference.field();
    }

    private void write(Finding finding) throws IOException {
        json.writeStartObject();
        json.writeStringField("verdict", finding.verdict().toString());
        json.writeStringField("tenantId", finding.key().tenantId().toString());
        json.writeStringField("customerId", JtlId.text(finding.key().customerId()));
        json.writeStringField("contactId", JtlId.text(finding.key().contactId()));
        json.writeStringField("recordId", finding.recordId());
        json.writeArrayFieldStart("fields");
        for (Difference difference : finding.differences()) {
            json.writeStartObject();
            json.writeStringField("name", difference.field());
            json.writeStringField("sent", difference.sent());
            json.writeStringField("inCrm", difference.there());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    /** So many are to be sent once more. */
    void marked(int contacts) {
        marked += contacts;
    }

    boolean isClean() {
        return lines == 0;
    }

    /**
     * @param notShown fields that the CRM shows of no contact
     * @param repair   whether what can be mended by sending was marked
     * @param halted   whether the CRM could be read no further
     */
    void end(Set<String> notShown, boolean repair, boolean halted) throws IOException {
        if (lines > MOST_LINES) {
            out.println("and " + (lines - MOST_LINES) + " more"
                    + (json == null ? ": --report FILE.json lists all" : ", see the report"));
        }
        if (!notShown.isEmpty()) {
            out.println("Not compared, since the CRM does not show them: " + String.join(", ", notShown));
        }
        if (repair) {
            out.println(number(marked) + " marked to be sent once more: the command sync sends them, or the process"
                    + " that runs");
        }
        List<String> others = new ArrayList<>();
        name(others, State.LEFT_OUT, "left out");
        name(others, State.WAITING, "waiting to be sent");
        name(others, State.REFUSED, "refused");
        name(others, State.REMOVED, "removed");
        name(others, State.ELSEWHERE, "of another customer by now");
        name(others, State.NOT_STORED, "not stored as sent");
        if (!others.isEmpty()) {
            out.println("Not read back: " + String.join(", ", others));
        }
        long read = sum(verdicts);
        long delivered = states.getOrDefault(State.DELIVERED, 0L);
        out.println("read back " + number(read) + (read == delivered ? "" : " of " + number(delivered) + " delivered")
                + (halted ? ", then halted" : "")
                + " = "
                + counts(verdicts, verdict -> !SHOWN_WHERE_THERE_ARE.contains(verdict))
                + (parts.isEmpty()
                        ? ""
                        : "; of steps " + number(sum(parts)) + " = " + counts(parts, OF_PARTS::contains)));
        if (json != null) {
            json.writeEndArray();
            json.writeBooleanField("halted", halted);
            json.writeNumberField("delivered", delivered);
            json.writeNumberField("readBack", read);
            for (Verdict verdict : Verdict.values()) {
                json.writeNumberField(camelCase(verdict.name()), verdicts.getOrDefault(verdict, 0L));
            }
            for (State state : State.values()) {
                if (state != State.DELIVERED) {
                    json.writeNumberField(camelCase(state.name()), states.getOrDefault(state, 0L));
                }
            }
            json.writeObjectFieldStart("steps");
            json.writeNumberField("readBack", sum(parts));
            for (Verdict verdict : OF_PARTS) {
                json.writeNumberField(camelCase(verdict.name()), parts.getOrDefault(verdict, 0L));
            }
            json.writeEndObject();
            json.writeNumberField("marked", marked);
            json.writeArrayFieldStart("notShown");
            for (String field : notShown) {
                json.writeString(field);
            }
            json.writeEndArray();
            json.writeEndObject();
        }
    }

    private static long sum(Map<Verdict, Long> counts) {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }

    /** @param always those that are shown also where there are none */
    private static String counts(Map<Verdict, Long> counts, Predicate<Verdict> always) {
        return Arrays.stream(Verdict.values())
                .filter(verdict -> always.test(verdict) || counts.containsKey(verdict))
                .map(verdict -> number(counts.getOrDefault(verdict, 0L)) + " " + verdict)
                .collect(Collectors.joining(" + "));
    }

    private void name(List<String> others, State state, String words) {
        if (states.containsKey(state)) {
            others.add(number(states.get(state)) + " " + words);
        }
    }

    private static String number(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** {@code AS_SENT} as {@code asSent}. */
    private static String camelCase(String name) {
        String[] words = name.toLowerCase(Locale.ROOT).split("_");
        StringBuilder joined = new StringBuilder(words[0]);
        for (int i = 1; i < words.length; i++) {
            joined.append(words[i].substring(0, 1).toUpperCase(Locale.ROOT)).append(words[i].substring(1));
        }
        return joined.toString();
    }

    @Override
    public void close() throws IOException {
        if (json != null) {
            json.close();
        }
    }
}
