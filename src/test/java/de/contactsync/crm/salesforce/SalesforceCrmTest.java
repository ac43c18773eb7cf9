package de.contactsync.crm.salesforce;

import static de.contactsync.crm.CrmFixture.deliveries;
import static de.contactsync.crm.CrmFixture.delivery;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.contactsync.crm.CrmFixture;
import de.contactsync.crm.CrmSettings.Company;
import de.contactsync.crm.CrmSettings.Gone;
import de.contactsync.crm.mapping.Mapping;
import de.contactsync.crm.mapping.MappingException;
import de.contactsync.crm.mapping.MappingFile;
import de.contactsync.model.ContactKey;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.Reason;
import de.contactsync.resilience.OutageException;
import de.contactsync.simulator.SalesforceOptions;
import de.contactsync.simulator.SalesforceOptions.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What goes into Salesforce, and what has to be there for it. */
class SalesforceCrmTest extends SalesforceFixture {

    @Test
    void two_hundred_contacts_are_one_call_and_each_has_its_record() throws Exception {
        try (CrmFixture station = station()) {
            List<DeliveryResult> receipts = station.send(deliveries(1, 200));

            assertThat(accepted(receipts)).hasSize(200).doesNotHaveDuplicates();
            assertThat(salesforce.stats().upserts()).isEqualTo(1);
            Delivery seventh = deliveries(7, 7).get(0);
            assertThat(salesforce.records().get(((DeliveryResult.Accepted) receipts.get(6)).remoteId()))
                    .isEqualTo(Map.of(
                            "Jtl_Contact_Id__c",
                            seventh.key().tenantId() + "/" + seventh.key().contactId(),
                            "Jtl_Customer_Id__c",
                            seventh.key().customerId().toString(),
                            "Email",
                            "c7@example.org",
                            "LastName",
                            "Name 7",
                            "Salutation",
                            "Frau",
                            "Phone",
                            "+4930901820"));
        }
    }

    @Test
    void sending_again_updates_the_same_record() throws Exception {
        try (CrmFixture station = station()) {
            List<DeliveryResult> first = station.send(deliveries(1, 3));
            assertThat(station.send(deliveries(1, 3))).isEqualTo(first);
            assertThat(salesforce.stats().contacts()).isEqualTo(3);
        }
    }

    @Test
    void of_two_with_one_id_the_newer_goes_for_both() throws Exception {
        try (CrmFixture station = station()) {
            List<DeliveryResult> receipts = station.send(List.of(
                    delivery(1, "old@example.org", "Alt"),
                    delivery(2, null, "Groß"),
                    delivery(1, "new@example.org", "Neu")));

            assertThat(accepted(receipts)).hasSize(3);
            assertThat(receipts.get(0)).isEqualTo(receipts.get(2));
            assertThat(salesforce.records()).hasSize(2);
            assertThat(salesforce.records().get(((DeliveryResult.Accepted) receipts.get(0)).remoteId()))
                    .containsEntry("LastName", "Neu");
            assertThat(salesforce.stats().upserts()).isEqualTo(1);
        }
    }

    @Test
    void seven_bad_ones_of_a_hundred_cost_no_other_and_no_further_call() throws Exception {
        List<Delivery> deliveries = new ArrayList<>(deliveries(1, 100));
        for (int bad : new int[] {0, 13, 14, 50, 77, 98, 99}) {
            deliveries.set(bad, delivery(bad + 1, "no-address-" + bad, "Mustermann"));
        }
        try (CrmFixture station = station()) {
            List<DeliveryResult> receipts = station.send(deliveries);

            assertThat(accepted(receipts)).hasSize(93);
            assertThat(refusal(receipts.get(13)).why().reason()).isEqualTo(Reason.SINK_REJECTED);
            assertThat(refusal(receipts.get(13)).why().errorCode()).isEqualTo("INVALID_EMAIL_ADDRESS");
            assertThat(refusal(receipts.get(13)).why().errorMessage())
                    .contains("Email: invalid email address: …", "(field Email)")
                    .doesNotContain("no-address", "Mustermann");
            assertThat(salesforce.stats().contacts()).isEqualTo(93);
            assertThat(salesforce.stats().upserts()).isEqualTo(1);
        }
    }

    @Test
    void what_salesforce_quotes_of_a_contact_stays_there() throws Exception {
        String name = "Xaver ".repeat(20);
        try (CrmFixture station = station()) {
            assertThat(refusal(station.send(List.of(delivery(1, null, name))).get(0))
                            .why()
                            .errorMessage())
                    .contains("STRING_TOO_LONG", "data value too large: … (max length=80)")
                    .doesNotContain("Xaver");
        }
    }

    @Test
    void without_last_name_it_is_not_sent() throws Exception {
        try (CrmFixture station = station()) {
            List<DeliveryResult> receipts =
                    station.send(List.of(delivery(1, "a@example.org", " "), delivery(2, null, "Groß")));

            assertThat(refusal(receipts.get(0)).why().errorMessage()).contains("no contact without last name");
            assertThat(receipts.get(1)).isInstanceOf(DeliveryResult.Accepted.class);
            assertThat(salesforce.stats().contacts()).isEqualTo(1);
        }
    }

    @Test
    void a_duplicate_rule_is_reported_with_the_remedy() throws Exception {
        salesforce.create(Map.of("LastName", "Schon da", "Email", "c2@example.org"));
        salesforce.refuseDuplicates();
        try (CrmFixture station = station()) {
            List<DeliveryResult> receipts = station.send(deliveries(1, 3));

            assertThat(accepted(receipts)).hasSize(2);
            assertThat(refusal(receipts.get(1)).why().errorCode()).isEqualTo("DUPLICATES_DETECTED");
            assertThat(refusal(receipts.get(1)).why().errorMessage())
                    .contains("matches an existing record: merge the two", "Use one of these records?");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "Jtl_Contact_Id__c, , , 'has no field Jtl_Contact_Id__c', External ID",
        "Jtl_Contact_Id__c, string false true true, , is not both External ID and Unique, tick both",
        "Jtl_Contact_Id__c, string true false true, , is not both External ID and Unique, tick both",
        "Jtl_Customer_Id__c, , , Jtl_Customer_Id__c does not exist, remove it from mapping/salesforce.yaml",
        "Fax, string false false false, , Fax cannot be written by the API user, grant edit access",
        "Jtl_Gone__c, boolean false false true, FLAG, Jtl_Gone__c takes no text, use a text field",
    })
    void mismatches_with_the_mapping_are_reported_at_the_start_with_the_remedy(
            String name, String field, Gone gone, String trouble, String remedy) throws Exception {
        String[] parts = field == null ? null : field.split(" ");
        restart(SalesforceOptions.standard()
                .withField(
                        name,
                        parts == null
                                ? null
                                : new Field(
                                        parts[0],
                                        parts[1].equals("true"),
                                        parts[2].equals("true"),
                                        parts[3].equals("true"))));
        try (CrmFixture station = station(gone == null ? Gone.KEEP : gone)) {
            assertThatThrownBy(station.sink::prepare)
                    .isInstanceOf(OutageException.class)
                    .hasMessageContainingAll(trouble, remedy);
        }
    }

    @Test
    void a_contact_is_linked_to_its_customers_account_or_sent_without_one() throws Exception {
        List<Delivery> deliveries = deliveries(1, 4);
        List.of(0, 1, 3).forEach(i -> salesforce.createAccount(Mapping.companyId(deliveries.get(i))));
        try (CrmFixture station = station(Gone.KEEP, Company.LINK)) {
            List<DeliveryResult> receipts = station.send(deliveries);

            assertThat(accepted(receipts)).hasSize(3);
            DeliveryResult.Unlinked unlinked = (DeliveryResult.Unlinked) receipts.get(2);
            assertThat(unlinked.why().errorMessage()).contains("no account whose Jtl_Customer_Id__c");
            assertThat(salesforce.records()).hasSize(4);
            assertThat(salesforce.records().get(unlinked.remoteId()))
                    .containsEntry("LastName", "Name 3")
                    .doesNotContainKey("AccountId");
            assertThat(salesforce.records().values())
                    .filteredOn(record -> record.containsKey("AccountId"))
                    .hasSize(3)
                    .extracting(record -> record.get("AccountId"))
                    .doesNotHaveDuplicates();
            assertThat(salesforce.stats().upserts()).isEqualTo(2);
            assertThat(station.breakers.outages()).isEmpty();
        }
    }

    /** It stayed with the account of the customer that it had left. */
    @Test
    void a_contact_moved_to_a_customer_without_account_leaves_that_of_the_former() throws Exception {
        Delivery before = deliveries(1, 1).get(0);
        ContactKey key = before.key();
        Delivery moved = new Delivery(
                new ContactKey(key.tenantId(), new UUID(0xC9, 1), key.contactId()),
                before.contact(),
                before.hash(),
                null,
                false);
        salesforce.createAccount(Mapping.companyId(before));
        try (CrmFixture station = station(Gone.KEEP, Company.LINK)) {
            String id = ((DeliveryResult.Accepted) station.send(List.of(before)).get(0)).remoteId();
            assertThat(salesforce.records().get(id)).containsKey("AccountId");

            assertThat(station.send(List.of(moved)).get(0))
                    .isInstanceOfSatisfying(
                            DeliveryResult.Unlinked.class,
                            unlinked -> assertThat(unlinked.remoteId()).isEqualTo(id));
            assertThat(salesforce.records()).containsOnlyKeys(id);
            assertThat(salesforce.records().get(id)).doesNotContainKey("AccountId");
        }
    }

    @Test
    void a_mapping_without_company_key_is_reported() {
        Mapping mapping =
                MappingFile.parse("m.yaml", "key: k\ndefault-country: DE\nfields: {LastName: {from: lastName}}\n");
        SalesforceSettings none = new SalesforceSettings("v62.0", "Contact", Company.NONE, null);
        none.check(mapping);
        assertThatThrownBy(() -> new SalesforceSettings("v62.0", "Contact", Company.LINK, null).check(mapping))
                .isInstanceOf(MappingException.class)
                .hasMessageContaining("add company-key");
    }

    @Test
    void values_that_a_picklist_refuses_are_reported_at_the_start() throws Exception {
        restart(SalesforceOptions.standard().withField("Salutation", Field.picklist("Herr", "Ms.")));
        try (CrmFixture station = station()) {
            assertThatThrownBy(station.sink::prepare)
                    .hasMessageContaining("Salutation does not take \"Frau\", only Herr, Ms.");
        }
    }

    @Test
    void a_first_batch_refused_for_one_field_halts_without_dead_letters() throws Exception {
        restart(SalesforceOptions.standard().withField("Phone", Field.text(5)));
        try (CrmFixture station = station()) {
            assertThat(station.send(CrmFixture.deliveries(1, 12))).allMatch(DeliveryResult.Unsent.class::isInstance);
            assertThat(station.breakers.outages())
                    .anySatisfy(outage -> assertThat(outage.reason())
                            .contains("All of the first 12 contacts", "STRING_TOO_LONG", "Phone"));
        }
    }
}
