package de.contactsync.crm.hubspot;

import static de.contactsync.crm.CrmFixture.accepted;
import static de.contactsync.crm.CrmFixture.deliveries;
import static de.contactsync.crm.CrmFixture.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.contactsync.crm.CrmFixture;
import de.contactsync.crm.hubspot.HubSpotSettings.EmailConflict;
import de.contactsync.model.DeliveryResult;
import de.contactsync.resilience.OutageException;
import de.contactsync.simulator.HubSpotOptions;
import de.contactsync.simulator.HubSpotSimulator;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is checked before anything is sent to HubSpot. */
class HubSpotStartTest {

    private HubSpotSimulator hubSpot;

    @BeforeEach
    void start() {
        hubSpot = HubSpotSimulator.start(HubSpotOptions.standard());
    }

    @AfterEach
    void stop() {
        hubSpot.close();
    }

    @Test
    void into_an_account_that_is_refused_nothing_is_written_and_no_property_is_created() throws Exception {
        try (CrmFixture station =
                new CrmFixture(hubSpot, target -> target.account().equals("62515") ? "another one" : null)) {
            assertThat(station.send(deliveries(1, 3))).containsOnly(new DeliveryResult.Unsent());
            assertThat(station.send(deliveries(1, 3))).containsOnly(new DeliveryResult.Unsent());
            assertThat(hubSpot.stats().contacts()).isZero();
            assertThat(hubSpot.stats().calls()).isEqualTo(1);
            assertThat(station.breakers.outages())
                    .singleElement()
                    .satisfies(outage -> assertThat(outage.reason()).isEqualTo("another one"));
        }
    }

    @Test
    void a_missing_key_is_found_at_the_start_and_said_with_the_remedy() throws Exception {
        try (HubSpotSimulator bare =
                        HubSpotSimulator.start(HubSpotOptions.standard().withProperties(Map.of()));
                CrmFixture station = new CrmFixture(bare)) {
            assertThatThrownBy(station.sink::prepare)
                    .isInstanceOf(OutageException.class)
                    .hasMessageContainingAll(
                            "no contact property jtl_contact_id, jtl_department, jtl_customer_id",
                            "contacts.crm.create-property=true");
            assertThat(bare.properties()).doesNotContainKey("jtl_contact_id");
        }
    }

    @Test
    void it_is_created_where_that_is_allowed() throws Exception {
        try (HubSpotSimulator bare =
                        HubSpotSimulator.start(HubSpotOptions.standard().withProperties(Map.of()));
                CrmFixture station = new CrmFixture(bare, settings(bare, EmailConflict.DEAD_LETTER, true))) {
            assertThat(accepted(station.send(deliveries(1, 2)))).hasSize(2);
            assertThat(bare.properties()).containsEntry("jtl_contact_id", true).containsEntry("jtl_department", false);
        }
    }

    @Test
    void a_key_whose_values_are_not_unique_is_found_at_the_start() throws Exception {
        try (HubSpotSimulator other = HubSpotSimulator.start(HubSpotOptions.standard()
                        .withProperties(
                                Map.of("jtl_contact_id", false, "jtl_customer_id", false, "jtl_department", false)));
                CrmFixture station = new CrmFixture(other)) {
            assertThatThrownBy(station.sink::prepare)
                    .isInstanceOf(OutageException.class)
                    .hasMessageContainingAll("jtl_contact_id has no unique values", "mapping/hubspot.yaml");
        }
    }

    private void restart(HubSpotOptions options) {
        hubSpot.close();
        hubSpot = HubSpotSimulator.start(options);
    }

    @Test
    void properties_hubspot_fills_itself_and_unmatched_options_are_reported_at_start() throws Exception {
        restart(HubSpotOptions.standard()
                .withProperty("fax", HubSpotOptions.Property.filledByHubSpot())
                .withProperty("phone", HubSpotOptions.Property.number())
                .withProperty("salutation", HubSpotOptions.Property.select("Herr", "MS")));
        try (CrmFixture station = new CrmFixture(hubSpot)) {
            assertThatThrownBy(station.sink::prepare)
                    .isInstanceOf(OutageException.class)
                    .hasMessageContaining("salutation does not take \"Frau\", only Herr, MS")
                    .hasMessageContaining("phone takes no text (its type is number)")
                    .hasMessageContaining("fax cannot be written there");
            assertThat(hubSpot.stats().upserts()).isZero();
        }
    }
}
