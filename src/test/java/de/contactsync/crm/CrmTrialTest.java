package de.contactsync.crm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.simulator.HubSpotOptions;
import de.contactsync.simulator.HubSpotSimulator;
import org.junit.jupiter.api.Test;

/** What {@code check} says of a CRM: it once said ok with nothing tried. */
class CrmTrialTest {

    @Test
    void of_hubspot_the_description_of_its_fields_is_read_and_nothing_is_written() throws Exception {
        try (HubSpotSimulator hubSpot = HubSpotSimulator.start(HubSpotOptions.standard());
                CrmFixture station = new CrmFixture(hubSpot, target -> null)) {
            assertThat(station.sink.tryOut())
                    .hasToString("its description of the fields was read, and fits the mapping;"
                            + " not tried: writing and deleting contacts");
            assertThat(hubSpot.stats().contacts()).isZero();
        }
    }

    @Test
    void an_address_that_nothing_listens_at_is_reported() throws Exception {
        try (HubSpotSimulator hubSpot = HubSpotSimulator.start(HubSpotOptions.standard());
                CrmFixture station = new CrmFixture(hubSpot, target -> null)) {
            hubSpot.close();
            assertThatThrownBy(station.sink::tryOut)
                    .isInstanceOf(ProcessingHaltedException.class)
                    .hasMessageContaining("no answer from the CRM");
        }
    }

    @Test
    void a_refused_target_is_not_reported_as_usable() throws Exception {
        try (HubSpotSimulator hubSpot = HubSpotSimulator.start(HubSpotOptions.standard());
                CrmFixture station = new CrmFixture(hubSpot, target -> "it belongs to another account")) {
            assertThatThrownBy(station.sink::tryOut)
                    .isInstanceOf(ProcessingHaltedException.class)
                    .hasMessageContaining("it belongs to another account");
        }
    }
}
