package de.contactsync.jtl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.contactsync.contact.ContactKey;
import de.contactsync.contact.HaltException;
import de.contactsync.contact.KeyEntry;
import de.contactsync.contact.KeyPage;
import de.contactsync.contact.Outcome;
import de.contactsync.contact.Reason;
import de.contactsync.outage.OutageException;
import de.contactsync.simulator.CalledKey;
import de.contactsync.simulator.Fault;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class CustomerWalkTest {

    private static final UUID TENANT = new UUID(0x4000, 1L << 63 | 7);

    private static UUID customer(int number) {
        return new UUID(0x4000, 1L << 63 | number);
    }

    private static UUID contact(int customer, int number) {
        return new UUID(0x4000, 1L << 63 | customer * 10 + number);
    }

    /** 150 customers with two contacts each. */
    private static SimulatorOptions.Builder jtl() {
        List<CalledKey> contacts = new ArrayList<>();
        for (int i = 0; i < 150; i++) {
            contacts.add(new CalledKey(customer(i), contact(i, 0)));
            contacts.add(new CalledKey(customer(i), contact(i, 1)));
        }
        return SimulatorOptions.builder().client("id", "secret").contacts(contacts);
    }

    private static KeyEntry entry(long position, int customer, int number) {
        return new KeyEntry.Valid(position, new ContactKey(TENANT, customer(customer), contact(customer, number)));
    }

    @Test
    void pages_hold_the_contacts_of_their_customers_and_what_was_told_of_them_is_not_asked_again() throws Exception {
        try (JtlSimulator jtl = JtlSimulator.start(jtl().build());
                ShippedRoutes routes = ShippedRoutes.before(jtl).start()) {
            CustomerWalk walk = new CustomerWalk(routes.calls);
            KeyPage first = walk.page(TENANT, 1, 0);
            KeyPage second = walk.page(TENANT, 2, 200);

            assertThat(first.entries()).hasSize(200).startsWith(entry(1, 0, 0), entry(2, 0, 1), entry(3, 1, 0));
            assertThat(first.last()).isFalse();
            assertThat(second.entries()).hasSize(100).startsWith(entry(201, 100, 0)).endsWith(entry(300, 149, 1));
            assertThat(second.last()).isTrue();

            long calls = jtl.stats().statuses().get(200);
            assertThat(calls).isEqualTo(2 + 150);
            assertThat(routes.enrich(first.entries())).hasSize(200).hasOnlyElementsOfType(Outcome.Found.class);
            assertThat(jtl.stats().statuses().get(200)).isEqualTo(calls);
            assertThat(routes.enrich(first.entries().subList(0, 2))).hasOnlyElementsOfType(Outcome.Found.class);
            assertThat(jtl.stats().statuses().get(200)).as("told once").isEqualTo(calls + 1);
        }
    }

    @Test
    void a_customer_whose_list_fails_costs_only_itself() throws Exception {
        try (JtlSimulator jtl = JtlSimulator.start(jtl().fault(Fault.status(500).onlyFor(customer(3))).build());
                ShippedRoutes routes = ShippedRoutes.before(jtl).start()) {
            KeyPage page = new CustomerWalk(routes.calls).page(TENANT, 1, 0);

            assertThat(page.entries()).hasSize(199);
            assertThat(page.entries().get(6)).isInstanceOfSatisfying(KeyEntry.Invalid.class, invalid -> {
                assertThat(invalid.position()).isEqualTo(7);
                assertThat(invalid.raw()).isEqualTo(customer(3).toString());
                assertThat(invalid.problem()).startsWith("the contacts of this customer cannot be listed: JTL failed");
            });
            assertThat(routes.enrich(page.entries().subList(6, 7))).singleElement().isInstanceOfSatisfying(
                    Outcome.Failed.class, failed -> assertThat(failed.reason()).isEqualTo(Reason.RETRIES_EXHAUSTED));
        }
    }

    @Test
    void a_jtl_that_is_away_is_an_outage() throws Exception {
        JtlSimulator jtl = JtlSimulator.start(jtl().build());
        try (ShippedRoutes routes = ShippedRoutes.before(jtl).start()) {
            CustomerWalk walk = new CustomerWalk(routes.calls);
            walk.page(TENANT, 1, 0);
            jtl.close();

            assertThatThrownBy(() -> walk.page(TENANT, 2, 0)).isInstanceOf(OutageException.class);
        }
    }

    @Test
    void without_lists_there_are_no_keys_and_that_is_said() throws Exception {
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.builder().client("id", "secret").build());
                ShippedRoutes routes = ShippedRoutes.before(jtl).start()) {
            assertThatThrownBy(() -> new CustomerWalk(routes.calls).page(TENANT, 1, 0))
                    .isInstanceOf(HaltException.class)
                    .hasMessageContaining("JTL's customers cannot be listed (HTTP 404)")
                    .hasMessageContaining("contacts.timer.keys");
        }
    }
}
