package de.contactsync.command;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.contact.ContactKey;
import de.contactsync.contact.CustomerContact;
import de.contactsync.contact.KeyEntry;
import de.contactsync.contact.Outcome;
import de.contactsync.crm.CrmSettings;
import de.contactsync.crm.CrmSettings.Company;
import de.contactsync.crm.CrmSettings.Gone;
import de.contactsync.crm.HubSpotSettings;
import de.contactsync.crm.HubSpotSettings.EmailConflict;
import de.contactsync.crm.MappingFile;
import de.contactsync.ledger.Deliveries;
import java.net.URI;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class PreviewTextTest {

    private static final CustomerContact BEFORE = contact("Groß");
    private static final CustomerContact NOW = contact("Klein");

    private final PreviewText text = new PreviewText(MappingFile.read(Path.of("/nowhere"), "hubspot"), new CrmSettings(
            new HubSpotSettings("v3", "token", false, EmailConflict.DEAD_LETTER, Company.NONE),
            URI.create("http://localhost"), Gone.FLAG, 0.05, false));

    private static CustomerContact contact(String lastName) {
        return new CustomerContact(null, null, null, lastName, null, null, null, null);
    }

    private String of(Deliveries.Known known) {
        ContactKey key = new ContactKey(new UUID(1, 1), new UUID(2, 2), new UUID(3, 3));
        return text.of(new KeyEntry.Valid(7, key), new Outcome.Found(NOW), known);
    }

    @Test
    void it_says_why_a_contact_would_be_sent_or_not() {
        String now = NOW.contentHash();
        String before = BEFORE.contentHash();
        assertThat(of(null)).contains("line 7: ", "is new to the CRM, would be sent", "lastname         Klein",
                "jtl_gone         (cleared)");
        assertThat(of(new Deliveries.Known("delivered", now, null, NOW))).endsWith("is as the CRM has it, would not be sent");
        assertThat(of(new Deliveries.Known("delivered", before, null, BEFORE)))
                .contains("has changed since it was delivered, would be sent", "* lastname         Klein   before: Groß");
        assertThat(of(new Deliveries.Known("failed", null, now, null))).contains("would not be sent until it changes");
        assertThat(of(new Deliveries.Known("pending", null, null, null))).contains("waits to be sent");
        assertThat(of(new Deliveries.Known("pending", now, null, NOW)))
                .contains("is as the CRM has it, would be sent once more").doesNotContain("changed");
        assertThat(of(new Deliveries.Known("gone", null, null, null)))
                .contains("was taken back when JTL had it no longer, would be sent again");
    }
}
