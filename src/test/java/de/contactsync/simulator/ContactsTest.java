package de.contactsync.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What the contacts are like, whoever asks for them. */
class ContactsTest {

    @Test
    void the_same_ids_give_the_same_contact_after_a_restart() throws Exception {
        List<String> first = hundredAnswers();
        assertThat(hundredAnswers()).isEqualTo(first);
        assertThat(first).doesNotHaveDuplicates();
    }

    /** Fixed for good: a ledger filled against one version of the simulator must still fit the next one. */
    @Test
    void a_contact_stays_the_same_from_version_to_version() {
        assertThat(contact(SimulatorOptions.defaults(), 1))
                .isEqualTo(Map.of(
                        "id", "00000000-0000-4000-8000-000000000001",
                        "department", "Kundenservice",
                        "honorific", "Frau",
                        "firstName", "Katharina",
                        "lastName", "Nowak",
                        "phoneNumber", "+49 40 66969-868",
                        "mobilePhoneNumber", "0171 / 3920073",
                        "emailAddress", "katharina.nowak@mueller-gmbh.example"));
    }

    @Test
    void each_id_and_the_seed_make_a_difference() {
        ContactStore book = new ContactStore(SimulatorOptions.defaults());
        Map<String, String> contact = book.contact(TestClient.TENANT, TestClient.CUSTOMER, TestClient.contact(1));
        UUID other = TestClient.contact(99);
        assertThat(without(contact))
                .isNotEqualTo(without(book.contact(other, TestClient.CUSTOMER, TestClient.contact(1))));
        assertThat(without(contact))
                .isNotEqualTo(without(book.contact(TestClient.TENANT, other, TestClient.contact(1))));
        assertThat(without(contact))
                .isNotEqualTo(without(contact(SimulatorOptions.builder().seed(2).build(), 1)));
    }

    @Test
    void some_names_have_umlauts_and_mail_addresses_none() {
        List<Map<String, String>> contacts = contacts(SimulatorOptions.defaults(), 200);
        assertThat(values(contacts, "lastName")).anyMatch(name -> name.matches(".*[äöüß].*"));
        assertThat(values(contacts, "emailAddress"))
                .allMatch(mail -> mail.matches("[a-z-]+\\.[a-z-]+@[a-z0-9.-]+\\.example|"));
        assertThat(values(contacts, "phoneNumber")).anyMatch(number -> number.matches("01234 / 123456-\\d{3}"));
        assertThat(values(contacts, "honorific")).contains("Herr", "Frau");
    }

    @Test
    void about_the_given_share_of_contacts_is_unknown_and_always_the_same_ones() {
        List<Boolean> existing = exists(0.2, 1);
        assertThat(existing.stream().filter(exists -> !exists).count()).isBetween(900L, 1100L);
        assertThat(exists(0.2, 1)).isEqualTo(existing);
        assertThat(exists(0.2, 2)).isNotEqualTo(existing);
        assertThat(exists(0, 1)).doesNotContain(false);
        assertThat(exists(1, 1)).doesNotContain(true);
    }

    @Test
    void a_revision_changes_about_the_given_share_of_contacts() {
        SimulatorOptions options = SimulatorOptions.builder().changedShare(0.2).build();
        ContactStore book = new ContactStore(options);
        List<Map<String, String>> before = contacts(book, 5000);
        book.revision(1);
        List<Map<String, String>> after = contacts(book, 5000);
        long changed = IntStream.range(0, 5000)
                .filter(n -> !before.get(n).equals(after.get(n)))
                .count();
        assertThat(changed).isBetween(900L, 1100L);
        book.revision(0);
        assertThat(contacts(book, 5000)).isEqualTo(before);
    }

    private static List<String> hundredAnswers() throws Exception {
        try (JtlSimulator simulator = JtlSimulator.start(SimulatorOptions.defaults())) {
            TestClient testClient = new TestClient(simulator);
            for (int n = 0; n < 100; n++) {
                assertThat(testClient.get(TestClient.contact(n)).body())
                        .isEqualTo(simulator
                                .contact(TestClient.TENANT, TestClient.CUSTOMER, TestClient.contact(n))
                                .orElseThrow());
            }
            return IntStream.range(0, 100)
                    .mapToObj(n -> simulator.contact(TestClient.TENANT, TestClient.CUSTOMER, TestClient.contact(n)))
                    .flatMap(Optional::stream)
                    .toList();
        }
    }

    private static Map<String, String> contact(SimulatorOptions options, int n) {
        return new ContactStore(options).contact(TestClient.TENANT, TestClient.CUSTOMER, TestClient.contact(n));
    }

    private static List<Map<String, String>> contacts(SimulatorOptions options, int count) {
        return contacts(new ContactStore(options), count);
    }

    private static List<Map<String, String>> contacts(ContactStore book, int count) {
        return IntStream.range(0, count)
                .mapToObj(n -> book.contact(TestClient.TENANT, TestClient.CUSTOMER, TestClient.contact(n)))
                .toList();
    }

    private static List<Boolean> exists(double notFoundShare, long seed) {
        ContactStore book = new ContactStore(SimulatorOptions.builder()
                .notFoundShare(notFoundShare)
                .seed(seed)
                .build());
        return IntStream.range(0, 5000)
                .mapToObj(n -> book.exists(TestClient.TENANT, TestClient.CUSTOMER, TestClient.contact(n)))
                .toList();
    }

    private static List<String> values(List<Map<String, String>> contacts, String field) {
        Function<Map<String, String>, String> value = contact -> contact.get(field);
        return contacts.stream().map(value).filter(Objects::nonNull).toList();
    }

    private static Map<String, String> without(Map<String, String> contact) {
        contact.remove("id");
        return contact;
    }
}
