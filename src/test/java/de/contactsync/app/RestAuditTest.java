package de.contactsync.app;

import static de.contactsync.app.RestCrmFixture.delivery;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import de.contactsync.crm.CrmAudit.Difference;
import de.contactsync.crm.CrmAudit.Finding;
import de.contactsync.crm.CrmAudit.Verdict;
import de.contactsync.crm.rest.RestApiFixture;
import de.contactsync.crm.rest.RestCrmServer;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryResult;
import de.contactsync.resilience.OutageException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a CRM has that is described by properties is read back and compared. */
class RestAuditTest {

    private static final String READ = "contacts.crm.rest.read=GET /api/v2/persons/{remoteId}\n"
            + "contacts.crm.rest.read-key=/data/custom_fields/" + RestApiFixture.Pipedrive.FIELD + "\n";

    @TempDir
    Path folder;

    private final RestApiFixture.Pipedrive api = new RestApiFixture.Pipedrive();

    private static List<Delivery> delivered(RestCrmFixture station, int count) {
        List<Delivery> delivered = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            Delivery sent = delivery(i, "c" + i + "@example.org", "Name " + i);
            DeliveryResult.Accepted accepted =
                    (DeliveryResult.Accepted) station.send(sent).get(0);
            delivered.add(delivery(i, "c" + i + "@example.org", "Name " + i, accepted.remoteId()));
        }
        return delivered;
    }

    @Test
    void missing_edited_and_duplicate_records_are_distinguished_by_find_and_read() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(api);
                RestCrmFixture station = RestCrmFixture.pipedrive(folder, crm, READ)) {
            List<Delivery> delivered = delivered(station, 4);
            ((ObjectNode) crm.records().get(delivered.get(0).remoteId())).put("name", "Jemand");
            api.remove(delivered.get(1).remoteId());
            api.put("99", crm.records().get(delivered.get(2).remoteId()).deepCopy());
            int calls = crm.calls().size();

            List<Finding> findings = station.sink.audit().compare(delivered);

            assertThat(findings)
                    .extracting(Finding::verdict)
                    .containsExactly(Verdict.EDITED, Verdict.MISSING, Verdict.DOUBLED, Verdict.AS_SENT);
            assertThat(findings.get(2).recordId())
                    .as("both")
                    .contains(", ")
                    .contains(delivered.get(2).remoteId(), "99");
            assertThat(findings.get(0).differences()).containsExactly(new Difference("name", "Name 1", "Jemand"));
            assertThat(crm.calls().subList(calls, crm.calls().size()))
                    .allSatisfy(call -> assertThat(call.method()).isEqualTo("GET"));
        }
    }

    /** A record with none of the fields counted as sent. */
    @Test
    void a_record_that_shows_none_of_the_fields_does_not_count_as_sent() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(api);
                RestCrmFixture station = RestCrmFixture.pipedrive(folder, crm, READ)) {
            List<Delivery> delivered = delivered(station, 2);
            ((ObjectNode) crm.records().get(delivered.get(0).remoteId())).retain("id", "custom_fields");

            List<Finding> findings = station.sink.audit().compare(delivered);

            assertThat(findings).extracting(Finding::verdict).containsExactly(Verdict.NOT_COMPARED, Verdict.AS_SENT);
        }
    }

    @Test
    void without_a_call_that_reads_it_says_which_setting_names_one() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Pipedrive());
                RestCrmFixture station = new RestCrmFixture(
                        folder,
                        crm,
                        "jtl_id",
                        "name: {from: lastName}",
                        "contacts.crm.token=" + RestCrmServer.TOKEN + "\n"
                                + "contacts.crm.rest.mode=single\ncontacts.crm.rest.write=PUT /people/{key}\n")) {
            assertThatThrownBy(() -> station.sink.audit().compare(List.of(delivery(1, "c@example.org", "Name"))))
                    .isInstanceOf(OutageException.class)
                    .hasMessageContaining("contacts.crm.rest.read");
        }
    }
}
