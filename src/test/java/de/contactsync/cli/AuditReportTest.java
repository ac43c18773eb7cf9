package de.contactsync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import de.contactsync.crm.CrmAudit.Difference;
import de.contactsync.crm.CrmAudit.Finding;
import de.contactsync.crm.CrmAudit.Verdict;
import de.contactsync.crm.PartFinding;
import de.contactsync.model.ContactKey;
import de.contactsync.model.CustomerContact;
import de.contactsync.model.Delivery;
import de.contactsync.outbox.DeliveryAudit.State;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The closing line of an audit, and its file. */
class AuditReportTest {

    @TempDir
    Path folder;

    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    private static Finding finding(Verdict verdict, List<Difference> differences, PartFinding... parts) {
        ContactKey key = new ContactKey(new UUID(1, 1), new UUID(2, 2), new UUID(3, 3));
        CustomerContact contact = new CustomerContact(null, null, null, "Groß", null, null, null, null);
        return new Finding(new Delivery(key, contact, "hash", null, false), verdict, "17", differences, List.of(parts));
    }

    private String closingLine() {
        List<String> lines = written.toString(StandardCharsets.UTF_8).lines().toList();
        return lines.get(lines.size() - 1);
    }

    @Test
    void the_closing_line_counts_records_of_steps_and_adds_up() throws Exception {
        Path file = folder.resolve("audit.json");
        try (AuditReport report = AuditReport.open(file, new PrintStream(written, true, StandardCharsets.UTF_8))) {
            report.count(State.DELIVERED);
            report.count(State.DELIVERED);
            report.add(finding(Verdict.AS_SENT, List.of(), new PartFinding("phone", Verdict.AS_SENT, List.of())));
            report.add(finding(
                    Verdict.EDITED,
                    List.of(new Difference("phone.value", "+4930", null)),
                    new PartFinding("phone", Verdict.MISSING, List.of()),
                    new PartFinding("mobile", Verdict.AS_SENT, List.of())));
            report.end(Set.of(), false, false);
        }

        assertThat(closingLine())
                .isEqualTo("read back 2 = 1 as sent + 1 edited + 0 missing + 0 merged + 0 doubled + 0 unreadable;"
                        + " of steps 3 = 2 as sent + 0 edited + 1 missing + 0 doubled + 0 unreadable");
        JsonNode steps = new ObjectMapper().readTree(file.toFile()).path("steps");
        assertThat(steps.path("readBack").asInt()).isEqualTo(3);
        assertThat(steps.path("missing").asInt()).isEqualTo(1);
    }

    @Test
    void without_steps_the_closing_line_says_nothing_of_them() throws Exception {
        try (AuditReport report = AuditReport.open(null, new PrintStream(written, true, StandardCharsets.UTF_8))) {
            report.count(State.DELIVERED);
            report.add(finding(Verdict.AS_SENT, List.of()));
            report.end(Set.of(), false, false);
        }

        assertThat(closingLine())
                .isEqualTo("read back 1 = 1 as sent + 0 edited + 0 missing + 0 merged + 0 doubled + 0 unreadable");
    }

    /** The file of an audit that was halted looked like that of a whole one. */
    @Test
    void an_audit_that_was_halted_says_so() throws Exception {
        Path file = folder.resolve("audit.json");
        try (AuditReport report = AuditReport.open(file, new PrintStream(written, true, StandardCharsets.UTF_8))) {
            report.count(State.DELIVERED);
            report.count(State.DELIVERED);
            report.count(State.DELIVERED);
            report.add(finding(Verdict.AS_SENT, List.of()));
            report.end(Set.of(), false, true);
        }

        assertThat(closingLine())
                .isEqualTo("read back 1 of 3 delivered, then halted = 1 as sent + 0 edited + 0 missing + 0 merged"
                        + " + 0 doubled + 0 unreadable");
        assertThat(new ObjectMapper().readTree(file.toFile()).path("halted").asBoolean())
                .isTrue();
    }

    /** They counted as sent. */
    @Test
    void contacts_of_which_nothing_was_compared_are_counted_apart() throws Exception {
        try (AuditReport report = AuditReport.open(null, new PrintStream(written, true, StandardCharsets.UTF_8))) {
            report.count(State.DELIVERED);
            report.add(finding(Verdict.NOT_COMPARED, List.of()));
            report.end(Set.of("name"), false, false);

            assertThat(report.isClean()).isTrue();
        }

        assertThat(closingLine())
                .isEqualTo("read back 1 = 0 as sent + 1 not compared + 0 edited + 0 missing + 0 merged + 0 doubled"
                        + " + 0 unreadable");
    }

    /** Only the record was named, which a person cannot part without knowing whose else it is. */
    @Test
    void a_merged_record_is_listed_with_the_key_of_the_contact_that_has_it() throws Exception {
        try (AuditReport report = AuditReport.open(null, new PrintStream(written, true, StandardCharsets.UTF_8))) {
            report.add(finding(Verdict.MERGED, List.of(new Difference("jtl_id", "t/mine", "t/\u001bother"))));
        }

        assertThat(closingLine()).endsWith(" 17                 jtl_id t/?other");
    }
}
