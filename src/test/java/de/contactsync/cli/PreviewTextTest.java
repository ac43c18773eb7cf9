package de.contactsync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.config.Settings;
import de.contactsync.crm.CrmReading;
import de.contactsync.crm.CrmSettings;
import de.contactsync.crm.CrmSettings.Company;
import de.contactsync.crm.CrmSettings.Gone;
import de.contactsync.crm.EmailMatcher;
import de.contactsync.crm.hubspot.HubSpotSettings;
import de.contactsync.crm.hubspot.HubSpotSettings.EmailConflict;
import de.contactsync.crm.mapping.Mapping;
import de.contactsync.crm.mapping.MappingFile;
import de.contactsync.model.ContactKey;
import de.contactsync.model.CustomerContact;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import de.contactsync.model.TenantNames;
import de.contactsync.outbox.DeliveryQueries;
import de.contactsync.persistence.WithoutEmail;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PreviewTextTest {

    private static final CustomerContact BEFORE = contact("Groß");
    private static final CustomerContact NOW = contact("Klein");

    private final Preview text = Preview.of(
            MappingFile.read(Path.of("/nowhere"), "hubspot", TenantNames.only(null)),
            settings(Gone.FLAG),
            false,
            false);

    private static final EmailMatcher.Preview MISSING =
            new EmailMatcher.Preview(CrmReading.of(CrmReading.State.MISSING, null), true, Set.of());

    private static String shown(
            Preview preview,
            KeyEntry entry,
            Outcome outcome,
            DeliveryQueries.Known known,
            EmailMatcher.Preview match,
            Predicate<String> taken) {
        return preview.text().of(preview.planner().plan(entry, outcome, known, match, taken));
    }

    private static void count(
            Preview preview,
            KeyEntry entry,
            Outcome outcome,
            DeliveryQueries.Known known,
            EmailMatcher.Preview match,
            ToIntFunction<ContactKey> elsewhere,
            Predicate<String> taken,
            PreviewTotals totals) {
        totals.count(preview.planner().plan(entry, outcome, known, match, taken), elsewhere);
    }

    private static CrmSettings settings(Gone gone) {
        return new CrmSettings(
                new HubSpotSettings("v3", "token", false, EmailConflict.DEAD_LETTER, Company.NONE),
                URI.create("http://localhost"),
                gone,
                0.05,
                false);
    }

    private static CustomerContact contact(String lastName) {
        return new CustomerContact(null, null, null, lastName, null, null, null, null);
    }

    /** What is wanted is what was said of last. */
    private static DeliveryQueries.Known known(
            String state, String acceptedHash, String refusedHash, CustomerContact accepted) {
        String wanted = state.equals("gone")
                ? null
                : refusedHash != null ? refusedHash : acceptedHash != null ? acceptedHash : NOW.contentHash();
        return new DeliveryQueries.Known(
                state, wanted, acceptedHash, refusedHash, false, false, acceptedHash != null, null, accepted);
    }

    @Test
    void it_says_which_record_of_the_crm_a_contact_would_take_over() {
        KeyEntry.Valid key = new KeyEntry.Valid(7, new ContactKey(new UUID(1, 1), new UUID(2, 2), new UUID(3, 3)));
        Outcome found = new Outcome.Found(NOW);
        EmailMatcher.Preview one = new EmailMatcher.Preview(
                new CrmReading(CrmReading.State.FOUND, "501", Map.of("lastname", "Groß", "phone", "110")),
                false,
                Set.of("lastname"));
        EmailMatcher.Preview two =
                new EmailMatcher.Preview(CrmReading.of(CrmReading.State.DOUBLED, "501, 502"), false, Set.of());

        assertThat(shown(text, key, found, null, one, value -> false))
                .contains("would take over the record 501, which has its e-mail address")
                .doesNotContain("110")
                .containsPattern("\\* lastname +Klein   in the CRM: Groß");
        assertThat(shown(text, key, found, null, two, value -> false))
                .contains("would be refused: several records", "(501, 502)");
        assertThat(shown(text, key, found, null, MISSING, value -> false)).contains("is new to the CRM, would be sent");

        PreviewTotals totals = new PreviewTotals();
        count(text, key, found, null, one, contact -> 0, value -> false, totals);
        count(text, key, found, null, two, contact -> 0, value -> false, totals);
        assertThat(totals.text(Gone.KEEP, 0.05, 0, false, true))
                .containsPattern("take over by e-mail address +1")
                .containsPattern("refused, several records match +1");
    }

    /** What a run leaves out was counted as created. */
    @Test
    void contacts_that_the_mode_leaves_out_are_shown() {
        KeyEntry key = new KeyEntry.Valid(7, new ContactKey(new UUID(1, 1), new UUID(2, 2), new UUID(3, 3)));
        Outcome found = new Outcome.Found(NOW);
        EmailMatcher.Preview own = new EmailMatcher.Preview(
                new CrmReading(CrmReading.State.FOUND, "501", Map.of("lastname", "Groß")), true, Set.of("lastname"));
        Preview update = text(CrmSettings.Mode.UPDATE_ONLY);
        Preview create = text(CrmSettings.Mode.CREATE_ONLY);

        assertThat(shown(update, key, found, null, MISSING, value -> false))
                .contains("would be left out, since the CRM has no record of it and contacts.crm.mode is update-only");
        assertThat(shown(update, key, found, null, own, value -> false))
                .contains("has the record 501 by its key, would be sent")
                .containsPattern("\\* lastname +Klein   in the CRM: Groß");
        assertThat(shown(create, key, found, null, own, value -> false))
                .contains("would be left out, since the record 501 has its key and contacts.crm.mode is create-only");
        PreviewTotals totals = new PreviewTotals();
        count(update, key, found, null, MISSING, contact -> 0, value -> false, totals);
        assertThat(totals.text(Gone.KEEP, 0.05, 0, false, true))
                .containsPattern("create +0")
                .containsPattern("left out by contacts.crm.mode +1");
    }

    @Test
    void contacts_that_the_mapping_leaves_out_are_shown_and_counted_by_rule() {
        Preview filtering = Preview.of(
                MappingFile.parse(
                        "mapping/hubspot.yaml",
                        "key: k\nonly-if: {department: Einkauf}\nfields:\n  lastname: {from: lastName}\n"),
                settings(Gone.KEEP),
                false,
                false);
        KeyEntry key = new KeyEntry.Valid(7, new ContactKey(new UUID(1, 1), new UUID(2, 2), new UUID(3, 3)));
        Outcome found = new Outcome.Found(NOW);
        DeliveryQueries.Known before = known("delivered", BEFORE.contentHash(), null, BEFORE);

        assertThat(shown(filtering, key, found, null, null, value -> false))
                .endsWith("would be left out by only-if (mapping/hubspot.yaml, department)");
        assertThat(shown(filtering, key, found, before, null, value -> false))
                .endsWith("(mapping/hubspot.yaml, department); its record stays as it was sent last");
        assertThat(filtering.planner().wanted(key, found, null))
                .as("not looked for in the CRM")
                .isNull();
        PreviewTotals totals = new PreviewTotals();
        count(filtering, key, found, null, null, contact -> 0, value -> true, totals);
        assertThat(totals.text(Gone.KEEP, 0.05, 0, false, false))
                .containsPattern("left out by only-if +1")
                .containsPattern("create +0");
    }

    /** They were marked as if the change reached the CRM. */
    @Test
    void fields_not_written_into_existing_records_are_neither_marked_nor_counted() {
        Preview policies =
                Preview.of(MappingFile.parse("mapping/hubspot.yaml", """
                        key: k
                        fields:
                          once: {from: lastName, write: create-only}
                          empty: {from: lastName, write: when-empty}
                          new: {from: department, write: when-empty}
                          lastname: {from: lastName}
                        """), settings(Gone.KEEP), false, false);
        KeyEntry key = new KeyEntry.Valid(7, new ContactKey(new UUID(1, 1), new UUID(2, 2), new UUID(3, 3)));
        Outcome found = new Outcome.Found(new CustomerContact("Einkauf", null, null, "Klein", null, null, null, null));
        DeliveryQueries.Known before = known("delivered", BEFORE.contentHash(), null, BEFORE);

        assertThat(shown(policies, key, found, before, null, value -> false))
                .containsPattern(
                        "(?m)^    once +Klein   not written into a record that is there, by write: create-only$")
                .containsPattern("(?m)^    empty +Klein   not written .* when-empty, unless people have emptied it$")
                .containsPattern("(?m)^  \\* new +Einkauf   before: not sent$")
                .containsPattern("(?m)^  \\* lastname +Klein   before: Groß$");
        PreviewTotals totals = new PreviewTotals();
        count(policies, key, found, before, null, contact -> 0, value -> false, totals);
        assertThat(totals.text(Gone.KEEP, 0.05, 0, false, false))
                .containsPattern("update +1\n    lastname +1\n    new +1\n")
                .doesNotContain("    once", "    empty");
    }

    private static Preview text(CrmSettings.Mode mode) {
        CrmSettings usual = settings(Gone.KEEP);
        return Preview.of(
                MappingFile.read(Path.of("/nowhere"), "hubspot", TenantNames.only(null)),
                new CrmSettings(
                        usual.name(),
                        usual.kind(),
                        usual.baseUrl(),
                        usual.gone(),
                        usual.missing(),
                        usual.mostGone(),
                        mode,
                        usual.match(),
                        usual.review(),
                        usual.full()),
                false,
                false);
    }

    /** It marked what {@code write:} leaves alone as changing. */
    @Test
    void what_stays_in_a_record_is_not_marked_as_changing() {
        KeyEntry key = new KeyEntry.Valid(7, new ContactKey(new UUID(1, 1), new UUID(2, 2), new UUID(3, 3)));
        Preview preview = Preview.of(
                MappingFile.parse(
                        "m.yaml",
                        "key: k\ndefault-country: DE\nfields:\n  lastname: {from: lastName, write: when-empty}\n"),
                settings(Gone.KEEP),
                false,
                false);
        EmailMatcher.Preview match = new EmailMatcher.Preview(
                new CrmReading(CrmReading.State.FOUND, "501", Map.of("lastname", "Hand")), false, Set.of());

        assertThat(shown(preview, key, new Outcome.Found(NOW), null, match, value -> false))
                .containsPattern("lastname +Hand   stays, by write: when-empty")
                .doesNotContain("*", "Klein");
    }

    private static Preview hubSpot(EmailConflict conflict) {
        return hubSpot(conflict, MappingFile.read(Path.of("/nowhere"), "hubspot", TenantNames.only(null)));
    }

    private static Preview hubSpot(EmailConflict conflict, Mapping mapping) {
        CrmSettings crm = new CrmSettings(
                new HubSpotSettings("v3", "token", false, conflict, Company.NONE),
                URI.create("http://localhost"),
                Gone.KEEP,
                0.05,
                false);
        return Preview.of(mapping, crm, false, false);
    }

    /** Only the totals said so. */
    @ParameterizedTest
    @EnumSource(EmailConflict.class)
    void a_shared_address_is_reported_for_a_single_contact(EmailConflict conflict) {
        Preview preview = hubSpot(conflict);
        CustomerContact contact = new CustomerContact(null, null, null, "N", null, null, "info@x.de", null);
        KeyEntry key = new KeyEntry.Valid(7, new ContactKey(new UUID(1, 1), new UUID(2, 2), new UUID(3, 3)));

        assertThat(shown(preview, key, new Outcome.Found(contact), null, null, value -> true))
                .contains(
                        conflict == EmailConflict.WITHOUT_EMAIL
                                ? "without email, which a contact before it in the file has: is new to the CRM"
                                : "would be refused: a contact before it in the file has the same email")
                .doesNotContain("info@x.de");
    }

    /** It was to be sent with its address, and was refused, or sent without. */
    @ParameterizedTest
    @EnumSource(EmailConflict.class)
    void an_address_that_another_contacts_record_has_is_reported(EmailConflict conflict) {
        Preview preview = hubSpot(conflict);
        CustomerContact contact = new CustomerContact(null, null, null, "N", null, null, "info@x.de", null);
        KeyEntry key = new KeyEntry.Valid(7, new ContactKey(new UUID(1, 1), new UUID(2, 2), new UUID(3, 3)));
        EmailMatcher.Preview others =
                new EmailMatcher.Preview(CrmReading.of(CrmReading.State.MERGED, "501"), false, Set.of());

        assertThat(shown(preview, key, new Outcome.Found(contact), null, others, value -> false))
                .contains(
                        conflict == EmailConflict.WITHOUT_EMAIL
                                ? "without email, which the record 501 of another contact has: is new to the CRM"
                                : "would be refused: the record 501 of another contact has the same email")
                .doesNotContain("info@x.de");

        PreviewTotals totals = new PreviewTotals();
        count(preview, key, new Outcome.Found(contact), null, others, elsewhere -> 0, value -> false, totals);
        assertThat(totals.text(Gone.KEEP, 0.05, 0, false, true))
                .containsPattern(
                        conflict == EmailConflict.WITHOUT_EMAIL
                                ? "sent without email, as shared +1"
                                : "refused for a shared email +1");
    }

    /** The table had the label of a number that there is not, the body rightly lacked it. */
    @Test
    void a_label_of_nothing_is_not_shown(@TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("application.properties"), """
                jtl.oauth.client-id=id
                jtl.oauth.client-secret=secret
                contacts.sinks=database,crm
                contacts.crm.kind=rest
                contacts.crm.base-url=http://localhost
                contacts.crm.token=t0ken
                contacts.crm.rest.mode=single
                contacts.crm.rest.write=PUT /people/{key}
                """);
        CrmSettings rest =
                Settings.load(folder, Map.of(), new Properties()).crm().orElseThrow();
        Preview preview = Preview.of(MappingFile.parse("m.yaml", """
                        key: k
                        default-country: DE
                        fields:
                          name: {from: lastName}
                          /phones/0/value: {from: phoneNumber}
                          /phones/0/label: {constant: mobil}
                        """), rest, false, false);
        KeyEntry key = new KeyEntry.Valid(7, new ContactKey(new UUID(1, 1), new UUID(2, 2), new UUID(3, 3)));

        assertThat(shown(preview, key, new Outcome.Found(NOW), null, null, value -> false))
                .containsPattern("name +Klein")
                .doesNotContain("mobil");
    }

    private String of(DeliveryQueries.Known known) {
        ContactKey key = new ContactKey(new UUID(1, 1), new UUID(2, 2), new UUID(3, 3));
        return shown(text, new KeyEntry.Valid(7, key), new Outcome.Found(NOW), known, null, value -> false);
    }

    private static String gone(DeliveryQueries.Known known, Gone wish) {
        KeyEntry key = new KeyEntry.Valid(7, new ContactKey(new UUID(1, 1), new UUID(2, 2), new UUID(3, 3)));
        return shown(
                Preview.of(
                        MappingFile.read(Path.of("/nowhere"), "hubspot", TenantNames.only(null)),
                        settings(wish),
                        false,
                        false),
                key,
                new Outcome.Failed(Reason.NOT_FOUND, 404, null, "JTL does not know it", null, 1),
                known,
                null,
                value -> false);
    }

    /** It said that nothing would be sent, and the import deleted. */
    @Test
    void it_says_what_becomes_of_a_contact_that_jtl_has_no_longer() {
        DeliveryQueries.Known known = known("delivered", "h", null, null);
        assertThat(gone(known, Gone.DELETE)).contains("would be deleted in the CRM when the run ends");
        assertThat(gone(known, Gone.FLAG)).contains("would be flagged in the CRM");
        assertThat(gone(known, Gone.KEEP)).contains("nothing would be sent");
        assertThat(gone(null, Gone.DELETE)).contains("nothing would be sent");
        assertThat(gone(known("gone", null, null, null), Gone.DELETE)).contains("nothing would be sent");
    }

    @Test
    void it_says_what_a_changed_mapping_and_a_full_start_mean() {
        ContactKey key = new ContactKey(new UUID(1, 1), new UUID(2, 2), new UUID(3, 3));
        DeliveryQueries.Known same = known("delivered", NOW.contentHash(), null, NOW);
        assertThat(shown(
                        Preview.of(
                                MappingFile.read(Path.of("/nowhere"), "hubspot", TenantNames.only(null)),
                                settings(Gone.KEEP),
                                true,
                                false),
                        new KeyEntry.Valid(7, key),
                        new Outcome.Found(NOW),
                        same,
                        null,
                        value -> false))
                .contains("would not be sent; the mapping has", "sync --full")
                .doesNotContain("as the CRM has it");
        assertThat(shown(
                        Preview.of(
                                MappingFile.read(Path.of("/nowhere"), "hubspot", TenantNames.only(null)),
                                settings(Gone.KEEP),
                                false,
                                true),
                        new KeyEntry.Valid(7, key),
                        new Outcome.Found(NOW),
                        same,
                        null,
                        value -> false))
                .contains("is as the CRM has it, would be sent once more");
        assertThat(shown(
                        Preview.of(
                                MappingFile.read(Path.of("/nowhere"), "hubspot", TenantNames.only(null)),
                                settings(Gone.KEEP),
                                true,
                                true),
                        new KeyEntry.Valid(7, key),
                        new Outcome.Found(NOW),
                        same,
                        null,
                        value -> false))
                .contains("and the mapping has: would be sent once more")
                .doesNotContain("as the CRM has it");
    }

    @Test
    void all_are_counted_with_the_fields_that_would_change() {
        KeyEntry key = new KeyEntry.Valid(7, new ContactKey(new UUID(1, 1), new UUID(2, 2), new UUID(3, 3)));
        PreviewTotals totals = new PreviewTotals();
        Outcome found = new Outcome.Found(NOW);
        count(text, key, found, null, null, contact -> 0, value -> false, totals);
        count(
                text,
                key,
                found,
                known("delivered", BEFORE.contentHash(), null, BEFORE),
                null,
                contact -> 0,
                value -> false,
                totals);
        count(
                text,
                key,
                found,
                known("delivered", NOW.contentHash(), null, NOW),
                null,
                contact -> 0,
                value -> false,
                totals);
        count(text, key, new Outcome.Found(contact(null)), null, null, contact -> 0, value -> false, totals);
        count(
                text,
                key,
                new Outcome.Failed(Reason.NOT_FOUND, 404, null, "", null, 1),
                known("delivered", "h", null, null),
                null,
                contact -> 0,
                value -> false,
                totals);
        count(
                text,
                new KeyEntry.Invalid(8, "x", "no key"),
                new Outcome.Failed(Reason.INVALID_KEY, null, null, "", null, 1),
                null,
                null,
                contact -> 0,
                value -> false,
                totals);

        assertThat(totals.text(Gone.FLAG, 0.05, 2, false, false)
                        .lines()
                        .map(line -> line.strip().replaceAll(" {2,}", ": ")))
                .containsExactly(
                        "create: 1",
                        "update: 1",
                        "lastname: 1",
                        "send once more: 0",
                        "unchanged, not sent: 1",
                        "flag: 1",
                        "refused by our own checks: 1",
                        "refused before, not sent: 0",
                        "in the file before: 0",
                        "no valid key: 1",
                        "not to be had from JTL: 0",
                        "wait already, sent as stored: 2");
    }

    /** All were counted as created; HubSpot lets one record only have an address. */
    @ParameterizedTest
    @EnumSource(EmailConflict.class)
    void what_shares_an_address_is_counted_as_left_out_or_refused(EmailConflict conflict) {
        Preview preview = hubSpot(conflict);
        PreviewTotals totals = new PreviewTotals();
        Set<String> seen = new HashSet<>();
        for (int i = 1; i <= 4; i++) {
            CustomerContact contact = new CustomerContact(null, null, null, "N" + i, null, null, "info@x.de", null);
            KeyEntry key = new KeyEntry.Valid(i, new ContactKey(new UUID(1, 1), new UUID(2, 2), new UUID(3, i)));
            count(preview, key, new Outcome.Found(contact), null, null, of -> 0, value -> !seen.add(value), totals);
        }
        boolean leftOut = conflict == EmailConflict.WITHOUT_EMAIL;
        assertThat(totals.text(Gone.KEEP, 0.05, 0, false, false)
                        .lines()
                        .map(line -> line.strip().replaceAll(" {2,}", ": ")))
                .contains(
                        "create: " + (leftOut ? 4 : 1),
                        leftOut ? "sent without email, as shared: 3" : "refused for a shared email: 3");
    }

    /** The address of a contact that never reaches the CRM counted as taken. */
    @ParameterizedTest
    @EnumSource(EmailConflict.class)
    void a_contact_that_is_not_sent_takes_no_address(EmailConflict conflict) {
        Preview preview = hubSpot(
                conflict,
                MappingFile.parse(
                        "m.yaml",
                        "key: k\nfields:\n  email: {from: emailAddress}\n"
                                + "  lastname: {from: lastName, max-length: 3, too-long: refuse}\n"));
        PreviewTotals totals = new PreviewTotals();
        Set<String> seen = new HashSet<>();
        for (String name : List.of("Lang", "Gut")) {
            CustomerContact contact = new CustomerContact(null, null, null, name, null, null, "info@x.de", null);
            KeyEntry key = new KeyEntry.Valid(1, new ContactKey(new UUID(1, 1), new UUID(2, 2), new UUID(3, 3)));
            count(preview, key, new Outcome.Found(contact), null, null, of -> 0, value -> !seen.add(value), totals);
        }
        assertThat(totals.text(Gone.KEEP, 0.05, 0, false, false)
                        .lines()
                        .map(line -> line.strip().replaceAll(" {2,}", ": ")))
                .contains("create: 1", "refused by our own checks: 1")
                .noneMatch(line -> line.contains("shared") && !line.endsWith(": 0"));
    }

    /** They were called unchanged, or an update of all fields, as if the CRM had the address. */
    @Test
    void contacts_without_their_address_in_the_crm_are_counted_separately() {
        ContactKey key = new ContactKey(new UUID(1, 1), new UUID(2, 2), new UUID(3, 3));
        KeyEntry entry = new KeyEntry.Valid(7, key);
        CustomerContact now = new CustomerContact(null, null, null, "Klein", null, null, "info@x.de", null);
        CustomerContact before = new CustomerContact(null, null, null, "Groß", null, null, "info@x.de", null);
        DeliveryQueries.Known lacking = lacking(now);
        DeliveryQueries.Known changed = lacking(before);

        assertThat(shown(text, entry, new Outcome.Found(now), lacking, null, value -> false))
                .contains("is in the CRM without its e-mail address, which is another record's there: would be sent if"
                        + " that is free by now");
        assertThat(shown(text, entry, new Outcome.Found(now), changed, null, value -> false))
                .contains("* lastname         Klein   before: Groß", "* email            info@x.de   before: not sent");
        assertThat(shown(
                        Preview.of(
                                MappingFile.read(Path.of("/nowhere"), "hubspot", TenantNames.only(null)),
                                settings(Gone.KEEP),
                                false,
                                true),
                        entry,
                        new Outcome.Found(now),
                        lacking,
                        null,
                        value -> false))
                .contains("would be sent once more, with it if that is free by now");

        PreviewTotals totals = new PreviewTotals();
        count(text, entry, new Outcome.Found(now), lacking, null, contact -> 0, value -> false, totals);
        count(text, entry, new Outcome.Found(now), changed, null, contact -> 0, value -> false, totals);
        assertThat(totals.text(Gone.FLAG, 0.05, 0, false, false)
                        .lines()
                        .map(line -> line.strip().replaceAll(" {2,}", ": ")))
                .contains(
                        "update: 1",
                        "email: 1",
                        "unchanged, not sent: 0",
                        "sent only if email is free now: 1",
                        "without email if still taken: 1");
    }

    private static DeliveryQueries.Known lacking(CustomerContact accepted) {
        String hash = accepted.contentHash();
        return new DeliveryQueries.Known(
                "delivered", hash, hash, WithoutEmail.of(hash), false, false, true, null, accepted);
    }

    /** The totals called all of them unchanged, and said nothing of the mapping. */
    @Test
    void beside_the_totals_it_says_that_the_mapping_has_changed() {
        assertThat(text.remark()).isEmpty();
        assertThat(Preview.of(
                                MappingFile.read(Path.of("/nowhere"), "hubspot", TenantNames.only(null)),
                                settings(Gone.KEEP),
                                true,
                                false)
                        .remark())
                .contains("mapping has changed", "sync --full");
        assertThat(Preview.of(
                                MappingFile.read(Path.of("/nowhere"), "hubspot", TenantNames.only(null)),
                                settings(Gone.KEEP),
                                true,
                                true)
                        .remark())
                .isEmpty();
    }

    @Test
    void it_says_why_a_contact_would_be_sent_or_not() {
        String now = NOW.contentHash();
        String before = BEFORE.contentHash();
        assertThat(of(null))
                .contains(
                        "line 7: ",
                        "is new to the CRM, would be sent",
                        "lastname         Klein",
                        "jtl_gone         (cleared)");
        assertThat(of(known("delivered", now, null, NOW))).endsWith("is as the CRM has it, would not be sent");
        assertThat(of(known("delivered", before, null, BEFORE)))
                .contains(
                        "has changed since it was delivered, would be sent", "* lastname         Klein   before: Groß");
        assertThat(of(known("failed", null, now, null))).contains("would not be sent until it changes");
        assertThat(of(known("pending", null, null, null))).contains("waits to be sent");
        assertThat(of(known("pending", now, null, NOW)))
                .contains("is as the CRM has it, would be sent once more")
                .doesNotContain("changed");
        assertThat(of(known("gone", null, null, null)))
                .contains("was removed because JTL no longer had it, would be sent again");
    }
}
