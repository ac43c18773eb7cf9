package de.contactsync.crm;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.crm.CrmDouble.Kind;
import de.contactsync.model.ContactKey;
import de.contactsync.model.CustomerContact;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.JtlId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Contacts that the mapping keeps from the CRM. */
class LeftOutContactsTest {

    private static final Map<String, String> FIELDS =
            Map.of("lastName", "{from: lastName}", "emailAddress", "{from: emailAddress}");

    @TempDir
    Path folder;

    private CrmDouble crm;

    @AfterEach
    void stop() throws Exception {
        crm.close();
    }

    private static Delivery contact(int number, String department, String last, String email) {
        CustomerContact contact = new CustomerContact(department, null, null, last, null, null, email, null);
        return new Delivery(CrmFixture.delivery(number, null, last).key(), contact, contact.contentHash(), null, false);
    }

    @ParameterizedTest
    @EnumSource
    void those_that_do_not_pass_the_filter_are_not_sent_and_named_by_what_they_lack(Kind kind) throws Exception {
        crm = new CrmDouble(kind, folder);
        CrmFixture station = crm.station(Map.of(), FIELDS, "only-if: {department: [Einkauf], emailAddress: \"*\"}\n");

        assertThat(station.report(List.of(
                                contact(1, "Einkauf.", "Groß", "a@example.org"),
                                contact(2, "Privat", "Klein", "b@example.org"),
                                contact(3, "einkauf", "Kurz", null)))
                        .receipts())
                .satisfiesExactly(
                        sent -> assertThat(sent).isInstanceOf(DeliveryResult.Accepted.class),
                        filtered -> assertThat(filtered)
                                .isEqualTo(new DeliveryResult.LeftOut("only-if", file(kind) + ", department")),
                        filtered -> assertThat(filtered)
                                .isEqualTo(new DeliveryResult.LeftOut("only-if", file(kind) + ", emailAddress")));
        assertThat(crm.records()).hasSize(1);
    }

    private static String file(Kind kind) {
        return "mapping/" + kind.name().toLowerCase(java.util.Locale.ROOT) + ".yaml";
    }

    /** One without a name would be refused otherwise, with a dead letter. */
    @ParameterizedTest
    @EnumSource
    void where_none_passes_the_crm_is_not_called(Kind kind) throws Exception {
        crm = new CrmDouble(kind, folder);
        CrmFixture station = crm.station(Map.of(), FIELDS, "only-if: {department: {not: [Privat]}}\n");
        long calls = crm.calls();

        assertThat(station.report(List.of(contact(1, "Privat", null, null))).receipts())
                .allSatisfy(each -> assertThat(each).isInstanceOf(DeliveryResult.LeftOut.class));
        assertThat(crm.calls()).isEqualTo(calls);
    }

    @ParameterizedTest
    @EnumSource
    void what_was_delivered_stays_as_it_was_sent_once_its_contact_does_not_pass(Kind kind) throws Exception {
        crm = new CrmDouble(kind, folder);
        CrmFixture station = crm.station(Map.of(), FIELDS, "only-if: {department: Einkauf}\n");
        station.report(List.of(contact(1, "Einkauf", "Groß", "a@example.org")));
        Map<String, Map<String, String>> before = crm.records();

        station.report(List.of(contact(1, "Privat", "Klein", "a@example.org")));

        assertThat(crm.records()).isEqualTo(before);
    }

    /** Of one contact under two customers the newer state counts, also where that is not sent. */
    @ParameterizedTest
    @EnumSource
    void the_older_state_of_a_contact_is_not_sent_in_place_of_one_that_does_not_pass(Kind kind) throws Exception {
        crm = new CrmDouble(kind, folder);
        CrmFixture station = crm.station(Map.of(), FIELDS, "only-if: {department: Einkauf}\n");
        Delivery older = contact(1, "Einkauf", "Groß", "a@example.org");
        Delivery newer = contact(1, "Privat", "Groß", "a@example.org");
        ContactKey other = new ContactKey(
                older.key().tenantId(), new UUID(0xC0, 99), older.key().contactId());

        station.report(List.of(older, new Delivery(other, newer.contact(), newer.hash(), null, false)));

        assertThat(crm.records()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void those_on_the_block_list_are_not_sent_whatever_the_filter_says(Kind kind) throws Exception {
        crm = new CrmDouble(kind, folder);
        Delivery one = contact(1, "Einkauf", "Groß", "a@example.org");
        Path list = Files.writeString(
                folder.resolve("blocked.txt"),
                "# asked for it by mail\n" + JtlId.text(one.key().customerId()) + "/*\nB@Example.org\n");
        CrmFixture station =
                crm.station(Map.of(), FIELDS, "only-if: {department: Einkauf}\nblock-list: " + list + "\n");

        assertThat(station.report(List.of(
                                one,
                                contact(2, "Einkauf", "Klein", "b@example.org"),
                                contact(3, "Einkauf", "Kurz", "c@example.org")))
                        .receipts())
                .satisfiesExactly(
                        blocked -> assertThat(blocked)
                                .isInstanceOfSatisfying(
                                        DeliveryResult.LeftOut.class,
                                        left -> assertThat(left.text()).endsWith("blocked.txt line 2)")),
                        blocked -> assertThat(blocked)
                                .isInstanceOfSatisfying(
                                        DeliveryResult.LeftOut.class,
                                        left -> assertThat(left.text()).endsWith("blocked.txt line 3)")),
                        sent -> assertThat(sent).isInstanceOf(DeliveryResult.Accepted.class));
    }
}
