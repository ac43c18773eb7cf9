package de.contactsync.jtl;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathMatching;
import static de.contactsync.jtl.FakeJtl.error;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.tomakehurst.wiremock.client.MappingBuilder;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import de.contactsync.model.ContactKey;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.KeyPage;
import de.contactsync.model.Outcome;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.Reason;
import de.contactsync.model.RequestRefusedException;
import de.contactsync.resilience.OutageException;
import de.contactsync.simulator.Fault;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.RequestedKey;
import de.contactsync.simulator.SimulatorOptions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CustomerPagerTest {

    private static final UUID TENANT = new UUID(0x4000, 1L << 63 | 7);

    private static UUID customer(int number) {
        return new UUID(0x4000, 1L << 63 | number);
    }

    private static UUID contact(int customer, int number) {
        return new UUID(0x4000, 1L << 63 | customer * 10 + number);
    }

    /** 150 customers with two contacts each. */
    private static SimulatorOptions.Builder jtl() {
        List<RequestedKey> contacts = new ArrayList<>();
        for (int i = 0; i < 150; i++) {
            contacts.add(new RequestedKey(customer(i), contact(i, 0)));
            contacts.add(new RequestedKey(customer(i), contact(i, 1)));
        }
        return SimulatorOptions.builder().client("id", "secret").contacts(contacts);
    }

    private static KeyEntry entry(long position, int customer, int number) {
        return new KeyEntry.Valid(position, new ContactKey(TENANT, customer(customer), contact(customer, number)));
    }

    @Test
    void pages_hold_their_customers_contacts_which_are_not_fetched_again() throws Exception {
        try (JtlSimulator jtl = JtlSimulator.start(jtl().build());
                ShippedRoutes routes = ShippedRoutes.before(jtl).start()) {
            CustomerPager walk = new CustomerPager(routes.calls);
            KeyPage first = walk.page(1, TENANT, 1, 0, 0, null, null);
            KeyPage second = walk.page(1, TENANT, 2, 200, 100, null, null);

            assertThat(first.entries()).hasSize(200).startsWith(entry(1, 0, 0), entry(2, 0, 1), entry(3, 1, 0));
            assertThat(first.last()).isFalse();
            assertThat(second.entries())
                    .hasSize(100)
                    .startsWith(entry(201, 100, 0))
                    .endsWith(entry(300, 149, 1));
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
    void changed_customers_are_queried_by_the_parameter_that_the_settings_name() throws Exception {
        Instant start = Instant.now().minusSeconds(5);
        try (JtlSimulator jtl = JtlSimulator.start(jtl().changedShare(0.1).build());
                ShippedRoutes routes = ShippedRoutes.before(jtl).start()) {
            CustomerPager walk = new CustomerPager(routes.calls);
            assertThat(walk.page(1, TENANT, 1, 0, 0, "lastChangeFrom", start).entries())
                    .as("nothing has changed since")
                    .isEmpty();
            jtl.revision(1);
            KeyPage changed = walk.page(1, TENANT, 1, 0, 0, "lastChangeFrom", start);
            assertThat(changed.customers()).isBetween(1, 149);
            assertThat(changed.serverTime()).isBetween(start, Instant.now().plusSeconds(5));
            assertThat(walk.changed(TENANT, "lastChangeFrom", start)).hasSize(changed.customers());
        }
    }

    @Test
    void a_request_that_jtl_refuses_is_distinguished_from_lists_that_fail() throws Exception {
        try (FakeJtl jtl = new FakeJtl();
                ShippedRoutes routes = ShippedRoutes.before(jtl).maxAttempts(1).start()) {
            CustomerPager walk = new CustomerPager(routes.calls);
            jtl.stub(get(urlPathEqualTo("/erp/v2/customers")).willReturn(error(400)));
            assertThatThrownBy(() -> walk.page(1, FakeJtl.TENANT, 1, 0, 0, "lastChangeFrom", Instant.EPOCH))
                    .isInstanceOf(RequestRefusedException.class)
                    .hasMessageContaining("JTL found the request invalid");
            jtl.stub(customers(1, 5, ",\"hasNextPage\":false"));
            jtl.stub(anyList().willReturn(error(504)));
            assertThatThrownBy(() -> walk.page(1, FakeJtl.TENANT, 1, 0, 0, "lastChangeFrom", Instant.EPOCH))
                    .isInstanceOf(ProcessingHaltedException.class)
                    .isNotInstanceOf(RequestRefusedException.class);
        }
    }

    @Test
    void a_customer_whose_list_fails_costs_only_itself() throws Exception {
        try (JtlSimulator jtl = JtlSimulator.start(
                        jtl().fault(Fault.status(500).onlyFor(customer(3))).build());
                ShippedRoutes routes = ShippedRoutes.before(jtl).start()) {
            KeyPage page = new CustomerPager(routes.calls).page(1, TENANT, 1, 0, 0, null, null);

            assertThat(page.entries()).hasSize(199);
            assertThat(page.entries().get(6)).isInstanceOfSatisfying(KeyEntry.Invalid.class, invalid -> {
                assertThat(invalid.position()).isEqualTo(7);
                assertThat(invalid.raw()).isEqualTo(customer(3).toString());
                assertThat(invalid.problem()).startsWith("the contacts of this customer cannot be listed: JTL failed");
            });
            assertThat(routes.enrich(page.entries().subList(6, 7)))
                    .singleElement()
                    .isInstanceOfSatisfying(
                            Outcome.Failed.class,
                            failed -> assertThat(failed.reason()).isEqualTo(Reason.RETRIES_EXHAUSTED));
        }
    }

    @Test
    void a_jtl_that_is_away_is_an_outage() throws Exception {
        JtlSimulator jtl = JtlSimulator.start(jtl().build());
        try (ShippedRoutes routes = ShippedRoutes.before(jtl).start()) {
            CustomerPager walk = new CustomerPager(routes.calls);
            walk.page(1, TENANT, 1, 0, 0, null, null);
            jtl.close();

            assertThatThrownBy(() -> walk.page(1, TENANT, 2, 0, 100, null, null))
                    .isInstanceOf(OutageException.class);
        }
    }

    @Test
    void without_lists_there_are_no_keys_and_that_is_said() throws Exception {
        try (JtlSimulator jtl = JtlSimulator.start(
                        SimulatorOptions.builder().client("id", "secret").build());
                ShippedRoutes routes = ShippedRoutes.before(jtl).start()) {
            assertThatThrownBy(() -> new CustomerPager(routes.calls).page(1, TENANT, 1, 0, 0, null, null))
                    .isInstanceOf(ProcessingHaltedException.class)
                    .hasMessageContaining("JTL's customers cannot be listed: HTTP 404")
                    .hasMessageContaining("contacts.timer.keys");
        }
    }

    /** Once, 160 of 260 contacts were all that came of it, and nothing was said. */
    @ParameterizedTest
    @ValueSource(strings = {"", ",\"totalItems\":130", ",\"hasNextPage\":false,\"totalItems\":130", ",\"pageSize\":40"})
    void a_server_that_caps_its_pages_is_read_to_the_end(String hints) throws Exception {
        try (FakeJtl jtl = new FakeJtl();
                ShippedRoutes routes = ShippedRoutes.before(jtl).start()) {
            for (int page = 1; page <= 5; page++) {
                jtl.stub(customers(page, Math.min(40, Math.max(0, 130 - 40 * (page - 1))), hints));
            }
            jtl.stub(anyList()
                    .willReturn(okJson("[{\"id\":\"{{request.path.[3]}}\"}]").withTransformers("response-template")));
            CustomerPager walk = new CustomerPager(routes.calls);

            KeyPage page;
            long customers = 0;
            long contacts = 0;
            int number = 0;
            do {
                page = walk.page(1, FakeJtl.TENANT, ++number, contacts, customers, null, null);
                customers += page.customers();
                contacts += page.entries().size();
            } while (!page.last());

            assertThat(customers).isEqualTo(130);
            assertThat(contacts).isEqualTo(130);
        }
    }

    /** Once, the run's account said "0 failed", and only a line in the log that customers may be missing. */
    @Test
    void a_server_that_sends_the_same_page_for_ever_does_not_keep_the_walk_for_ever() throws Exception {
        try (FakeJtl jtl = new FakeJtl();
                ShippedRoutes routes = ShippedRoutes.before(jtl).start()) {
            jtl.stub(customers(1, 3, ""));
            jtl.stub(customers(2, 3, "").withQueryParam("pageNumber", equalTo("2")));
            jtl.stub(get(urlPathEqualTo("/erp/v2/customers")).atPriority(1).willReturn(okJson(items(1, 3, ""))));
            jtl.stub(anyList().willReturn(okJson("[]")));
            CustomerPager walk = new CustomerPager(routes.calls);

            assertThat(walk.page(1, FakeJtl.TENANT, 1, 0, 0, null, null).last()).isFalse();
            KeyPage again = walk.page(1, FakeJtl.TENANT, 2, 0, 3, null, null);
            assertThat(again.last()).isTrue();
            assertThat(again.brokenOff()).isTrue();
            assertThat(again.entries()).singleElement().isInstanceOfSatisfying(KeyEntry.Invalid.class, invalid -> {
                assertThat(invalid.reason()).isEqualTo(Reason.CONTRACT_VIOLATION);
                assertThat(invalid.problem()).startsWith("JTL returned the same customers for page 2");
            });
        }
    }

    /** Once, only a page equal to the one right before was noticed, and JTL was asked for pages without end. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 7})
    void a_server_that_begins_again_after_its_last_page_does_not_keep_the_walk_for_ever(int pages) throws Exception {
        try (FakeJtl jtl = new FakeJtl();
                ShippedRoutes routes = ShippedRoutes.before(jtl).start()) {
            for (int number = 1; number <= 4 * pages + 1; number++) {
                jtl.stub(customers(1 + 3 * ((number - 1) % pages), 3, "")
                        .withQueryParam("pageNumber", equalTo(Integer.toString(number))));
            }
            jtl.stub(anyList().willReturn(okJson("[]")));
            CustomerPager walk = new CustomerPager(routes.calls);

            int number = 1;
            KeyPage page = walk.page(1, FakeJtl.TENANT, number, 0, 0, null, null);
            while (!page.last()) {
                number++;
                page = walk.page(1, FakeJtl.TENANT, number, 0, 3L * number, null, null);
            }
            assertThat(page.brokenOff()).isTrue();
            assertThat(number).isBetween(pages + 1, 4 * pages);
            assertThat(walk.changed(FakeJtl.TENANT, null, null)).hasSize(3 * pages);
        }
    }

    /** Once, one such customer stopped the schedule for good. */
    @Test
    void a_customer_whose_list_is_useless_costs_only_itself() throws Exception {
        try (FakeJtl jtl = new FakeJtl();
                ShippedRoutes routes = ShippedRoutes.before(jtl).start()) {
            jtl.stub(customers(1, 3, ",\"hasNextPage\":false"));
            jtl.stub(anyList()
                    .willReturn(okJson("[{\"id\":\"{{request.path.[3]}}\"}]").withTransformers("response-template")));
            jtl.stub(get(urlPathEqualTo("/erp/v2/customers/" + customer(1) + "/contacts"))
                    .atPriority(1)
                    .willReturn(okJson("[{\"fax\":\"1\"}]")));

            KeyPage page = new CustomerPager(routes.calls).page(1, FakeJtl.TENANT, 1, 0, 0, null, null);

            assertThat(page.customers()).isEqualTo(3);
            assertThat(page.failedCustomers()).isEqualTo(1);
            assertThat(page.entries().get(1)).isInstanceOfSatisfying(KeyEntry.Invalid.class, invalid -> {
                assertThat(invalid.raw()).isEqualTo(customer(1).toString());
                assertThat(invalid.reason()).isEqualTo(Reason.CONTRACT_VIOLATION);
            });
        }
    }

    /** Once, the pages behind such elements were never read: the schedule failed every 30 s. */
    @Test
    void elements_that_are_no_customer_cost_only_themselves_even_as_a_page_of_their_own() throws Exception {
        try (FakeJtl jtl = new FakeJtl();
                ShippedRoutes routes = ShippedRoutes.before(jtl).start()) {
            jtl.stub(page(1, "{\"items\":[{\"id\":\"" + customer(0) + "\"},null,{\"id\":17}]}"));
            jtl.stub(page(2, "{\"items\":[{\"id\":\"kaputt\"}]}"));
            jtl.stub(page(3, "{\"items\":[{\"number\":\"K1\"}]}"));
            jtl.stub(page(4, "{\"items\":[{\"id\":\"" + customer(1) + "\"}]}"));
            jtl.stub(page(5, "{\"items\":[]}"));
            jtl.stub(anyList().willReturn(listOfOne()));

            List<KeyPage> pages = walk(new CustomerPager(routes.calls));

            assertThat(pages).extracting(KeyPage::customers).containsExactly(3, 1, 1, 1, 0);
            assertThat(pages).extracting(KeyPage::failedCustomers).containsExactly(2, 1, 1, 0, 0);
            List<KeyEntry> entries = entries(pages);
            assertThat(entries).extracting(KeyEntry::position).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
            assertThat(entries.get(0)).isInstanceOf(KeyEntry.Valid.class);
            assertThat(entries.get(5)).isInstanceOf(KeyEntry.Valid.class);
            assertThat(entries.subList(1, 5))
                    .extracting(entry -> ((KeyEntry.Invalid) entry).raw())
                    .containsExactly(
                            "page 1, item 2 of JTL's customers of tenant " + FakeJtl.TENANT,
                            "page 1, item 3 of JTL's customers of tenant " + FakeJtl.TENANT,
                            "page 2, item 1 of JTL's customers of tenant " + FakeJtl.TENANT,
                            "page 3, item 1 of JTL's customers of tenant " + FakeJtl.TENANT);
            assertThat(((KeyEntry.Invalid) entries.get(1)).problem())
                    .startsWith("page 1, item 2 of JTL's customers of tenant " + FakeJtl.TENANT + ", has no usable id");
        }
    }

    /** Once, the walk halted at such a page for good, and what had been listed before was all that came of it. */
    @ParameterizedTest
    @ValueSource(strings = {"500", "504", "404", "400", "403", "page", "broken", "large", "cut"})
    @Tag("slow")
    void a_page_that_cannot_be_read_costs_its_own_customers_only(String fault) throws Exception {
        try (FakeJtl jtl = new FakeJtl();
                ShippedRoutes routes = ShippedRoutes.before(jtl).maxAttempts(1).start()) {
            String hints = ",\"totalItems\":117,\"hasNextPage\":true";
            jtl.stub(customers(1, 40, hints));
            jtl.stub(customers(3, 37, ",\"totalItems\":117,\"hasNextPage\":false"));
            jtl.stub(get(urlPathEqualTo("/erp/v2/customers"))
                    .atPriority(2)
                    .withQueryParam("pageNumber", equalTo("2"))
                    .willReturn(
                            switch (fault) {
                                case "page" ->
                                    aResponse()
                                            .withHeader("Content-Type", "text/html")
                                            .withBody("Sign in");
                                case "broken" -> okJson("{\"items\":[{\"id\":");
                                case "large" -> okJson("[" + " ".repeat((int) JtlRoute.LARGEST_PAGE) + "]");
                                case "cut" ->
                                    aResponse()
                                            .withFault(
                                                    com.github.tomakehurst.wiremock.http.Fault.RANDOM_DATA_THEN_CLOSE);
                                default -> error(Integer.parseInt(fault));
                            }));
            jtl.stub(anyList().willReturn(listOfOne()));

            List<KeyPage> pages = walk(new CustomerPager(routes.calls));

            assertThat(pages).extracting(KeyPage::customers).containsExactly(40, 40, 37);
            assertThat(pages).extracting(KeyPage::failedCustomers).containsExactly(0, 40, 0);
            assertThat(pages).extracting(KeyPage::brokenOff).containsOnly(false);
            assertThat(entries(pages)).hasSize(40 + 1 + 37);
            assertThat(entries(pages).get(40)).isInstanceOfSatisfying(KeyEntry.Invalid.class, invalid -> {
                String where = "page 2 of JTL's customers of tenant " + FakeJtl.TENANT;
                assertThat(invalid.raw()).isEqualTo(where);
                assertThat(invalid.problem())
                        .startsWith(where + " cannot be read, so about 40 customers are missing: ");
            });
            assertThat(routes.breakers.outages()).isEmpty();
        }
    }

    @Test
    void a_first_page_that_cannot_be_read_costs_its_own_customers_only() throws Exception {
        try (FakeJtl jtl = new FakeJtl();
                ShippedRoutes routes = ShippedRoutes.before(jtl).maxAttempts(1).start()) {
            jtl.stub(get(urlPathEqualTo("/erp/v2/customers")).atPriority(3).willReturn(error(500)));
            jtl.stub(customers(2, 37, ",\"totalItems\":137"));
            jtl.stub(anyList().willReturn(listOfOne()));

            List<KeyPage> pages = walk(new CustomerPager(routes.calls));

            assertThat(pages).extracting(KeyPage::customers).containsExactly(100, 37);
            assertThat(pages).extracting(KeyPage::failedCustomers).containsExactly(100, 0);
        }
    }

    /** Some servers answer 404 where others send an empty page. */
    @Test
    void a_404_behind_the_last_page_is_the_end_where_nothing_says_that_more_follow() throws Exception {
        try (FakeJtl jtl = new FakeJtl();
                ShippedRoutes routes = ShippedRoutes.before(jtl).start()) {
            jtl.stub(customers(1, 40, ""));
            jtl.stub(get(urlPathEqualTo("/erp/v2/customers")).atPriority(3).willReturn(error(404)));
            jtl.stub(anyList().willReturn(listOfOne()));

            List<KeyPage> pages = walk(new CustomerPager(routes.calls));

            assertThat(pages).extracting(KeyPage::customers).containsExactly(40, 0);
            assertThat(entries(pages)).hasSize(40);
        }
    }

    @ParameterizedTest
    @CsvSource({"'', 4", "',\"totalItems\":100000', 21"})
    void pages_none_of_which_can_be_read_end_the_walk_and_are_reported(String hints, int asked) throws Exception {
        try (FakeJtl jtl = new FakeJtl();
                ShippedRoutes routes = ShippedRoutes.before(jtl).maxAttempts(1).start()) {
            jtl.stub(customers(1, 4, hints));
            jtl.stub(get(urlPathEqualTo("/erp/v2/customers")).atPriority(3).willReturn(error(500)));
            jtl.stub(anyList().willReturn(listOfOne()));

            List<KeyPage> pages = walk(new CustomerPager(routes.calls));

            assertThat(pages).hasSize(asked);
            assertThat(pages.get(asked - 1).brokenOff()).isTrue();
            assertThat(entries(pages))
                    .filteredOn(KeyEntry.Invalid.class::isInstance)
                    .hasSize(asked - 1);
        }
    }

    /** Once, the first of them ended the walk. */
    @ParameterizedTest
    @ValueSource(strings = {",\"totalItems\":80", ",\"hasNextPage\":true"})
    void an_empty_page_does_not_end_the_walk_where_jtl_says_that_there_are_more(String hints) throws Exception {
        try (FakeJtl jtl = new FakeJtl();
                ShippedRoutes routes = ShippedRoutes.before(jtl).start()) {
            jtl.stub(customers(1, 40, hints));
            jtl.stub(customers(2, 0, hints));
            jtl.stub(customers(3, 0, hints));
            jtl.stub(customers(4, 40, ",\"totalItems\":80,\"hasNextPage\":false"));
            jtl.stub(anyList().willReturn(listOfOne()));

            assertThat(entries(walk(new CustomerPager(routes.calls)))).hasSize(80);

            jtl.stub(customers(4, 0, hints));
            assertThat(walk(new CustomerPager(routes.calls))).as("not for ever").hasSize(4);
        }
    }

    @Test
    void a_page_without_any_usable_id_that_comes_again_and_again_ends_the_walk() throws Exception {
        try (FakeJtl jtl = new FakeJtl();
                ShippedRoutes routes = ShippedRoutes.before(jtl).start()) {
            jtl.stub(get(urlPathEqualTo("/erp/v2/customers")).willReturn(okJson("{\"items\":[null,{\"id\":17}]}")));

            assertThat(entries(walk(new CustomerPager(routes.calls)))).hasSize(3);
        }
    }

    /** Once, such a customer counted as read, and what contacts it has were never looked for. */
    @Test
    void a_customer_whose_list_jtl_does_not_know_is_not_taken_for_one_without_contacts() throws Exception {
        try (FakeJtl jtl = new FakeJtl();
                ShippedRoutes routes = ShippedRoutes.before(jtl).start()) {
            jtl.stub(customers(1, 5, ",\"hasNextPage\":false"));
            jtl.stub(anyList().willReturn(error(404)));
            jtl.stub(get(urlPathEqualTo("/erp/v2/customers/" + customer(1) + "/contacts"))
                    .atPriority(1)
                    .willReturn(listOfOne()));

            KeyPage page = new CustomerPager(routes.calls).page(1, FakeJtl.TENANT, 1, 0, 0, null, null);

            assertThat(page.customers()).isEqualTo(5);
            assertThat(page.failedCustomers()).isEqualTo(4);
            assertThat(page.entries()).hasSize(5);
            assertThat(page.entries().get(1)).isInstanceOf(KeyEntry.Valid.class);
            assertThat(page.entries().get(0)).isInstanceOfSatisfying(KeyEntry.Invalid.class, invalid -> {
                assertThat(invalid.raw()).isEqualTo(customer(0).toString());
                assertThat(invalid.httpStatus()).isEqualTo(404);
                assertThat(invalid.problem())
                        .isEqualTo(
                                "the contacts of this customer cannot be listed: HTTP 404, JTL knows no contacts of it"
                                        + " (JTL: words of JTL). Check in JTL-Wawi whether it has contacts; if it has"
                                        + " none, nothing is missing");
                assertThat(invalid.reason()).isEqualTo(Reason.REJECTED);
            });
        }
    }

    @Test
    void customers_that_all_have_no_list_by_jtl_s_own_word_do_not_halt_the_walk() throws Exception {
        try (FakeJtl jtl = new FakeJtl();
                ShippedRoutes routes = ShippedRoutes.before(jtl).start()) {
            jtl.stub(customers(1, 5, ",\"hasNextPage\":false"));
            jtl.stub(anyList().willReturn(error(404)));

            KeyPage page = new CustomerPager(routes.calls).page(1, FakeJtl.TENANT, 1, 0, 0, null, null);

            assertThat(page.failedCustomers()).isEqualTo(5);
            assertThat(page.entries()).hasOnlyElementsOfType(KeyEntry.Invalid.class);
        }
    }

    /** Once, the walk ended after 8 of 20 customers, because JTL counted 3. */
    @Test
    void a_count_of_fewer_customers_than_have_come_does_not_end_the_list() throws Exception {
        try (FakeJtl jtl = new FakeJtl();
                ShippedRoutes routes = ShippedRoutes.before(jtl).start()) {
            String hints = ",\"totalItems\":3,\"pageSize\":100";
            jtl.stub(customers(1, 8, hints));
            jtl.stub(customers(2, 8, hints));
            jtl.stub(customers(3, 4, hints));
            jtl.stub(customers(4, 0, hints));
            jtl.stub(anyList().willReturn(listOfOne()));

            List<KeyPage> pages = walk(new CustomerPager(routes.calls));

            assertThat(pages).extracting(KeyPage::customers).containsExactly(8, 8, 4, 0);
            assertThat(pages).extracting(KeyPage::totalCustomers).containsOnly(3L);
            assertThat(entries(pages)).hasSize(20);
        }
    }

    @Test
    @Tag("slow")
    void lists_that_all_fail_halt_the_walk_and_open_no_breaker() throws Exception {
        try (FakeJtl jtl = new FakeJtl();
                ShippedRoutes routes = ShippedRoutes.before(jtl).start()) {
            jtl.stub(customers(1, 40, ""));
            jtl.stub(anyList().willReturn(error(504)));

            assertThatThrownBy(() -> new CustomerPager(routes.calls).page(1, FakeJtl.TENANT, 1, 0, 0, null, null))
                    .isInstanceOf(ProcessingHaltedException.class)
                    .isNotInstanceOf(OutageException.class)
                    .hasMessageContaining("HTTP 504");
            assertThat(routes.breakers.outages()).isEmpty();
            assertThat(routes.enrich(FakeJtl.key(1))).hasOnlyElementsOfType(Outcome.Found.class);
        }
    }

    /** Once, the walk waited within the rate limiter for as long as JTL said, and was told to wait again. */
    @Test
    void lists_whose_quota_is_refused_for_longer_than_a_window_are_an_outage() throws Exception {
        try (FakeJtl jtl = new FakeJtl();
                ShippedRoutes routes = ShippedRoutes.before(jtl).start()) {
            jtl.stub(customers(1, 40, ""));
            jtl.stub(anyList().willReturn(error(429).withHeader("Retry-After", "600")));

            assertThatThrownBy(() -> new CustomerPager(routes.calls).page(1, FakeJtl.TENANT, 1, 0, 0, null, null))
                    .isInstanceOf(OutageException.class)
                    .hasMessageContaining("quota refused until ");
        }
    }

    /** Once, a message was answered from a listing of another run, up to a quarter of an hour old. */
    @Test
    @Tag("slow")
    void what_a_run_received_while_it_listed_serves_no_other() throws Exception {
        try (JtlSimulator jtl = JtlSimulator.start(jtl().build());
                ShippedRoutes routes = ShippedRoutes.before(jtl).start()) {
            KeyPage page = new CustomerPager(routes.calls).page(2, TENANT, 1, 0, 0, null, null);
            long calls = jtl.stats().statuses().get(200);

            routes.enrich(page.entries().subList(0, 1));

            assertThat(jtl.stats().statuses().get(200)).as("asked for run 1").isEqualTo(calls + 1);
        }
    }

    /** All pages, as a run takes them. */
    private static List<KeyPage> walk(CustomerPager pager) {
        List<KeyPage> pages = new ArrayList<>();
        do {
            pages.add(pager.page(
                    1,
                    FakeJtl.TENANT,
                    pages.size() + 1,
                    entries(pages).size(),
                    pages.stream().mapToLong(KeyPage::customers).sum(),
                    null,
                    null));
        } while (!pages.get(pages.size() - 1).last() && pages.size() < 30);
        return pages;
    }

    private static List<KeyEntry> entries(List<KeyPage> pages) {
        return pages.stream().flatMap(page -> page.entries().stream()).toList();
    }

    private static ResponseDefinitionBuilder listOfOne() {
        return okJson("[{\"id\":\"{{request.path.[3]}}\"}]").withTransformers("response-template");
    }

    private static MappingBuilder page(int number, String body) {
        return get(urlPathEqualTo("/erp/v2/customers"))
                .withQueryParam("pageNumber", equalTo(Integer.toString(number)))
                .willReturn(okJson(body));
    }

    private static MappingBuilder anyList() {
        return get(urlPathMatching("/erp/v2/customers/[^/]+/contacts")).atPriority(4);
    }

    private static MappingBuilder customers(int page, int count, String hints) {
        return get(urlPathEqualTo("/erp/v2/customers"))
                .atPriority(2)
                .withQueryParam("pageNumber", equalTo(Integer.toString(page)))
                .willReturn(okJson(items(page, count, hints)));
    }

    private static String items(int page, int count, String hints) {
        return IntStream.range(0, count)
                .mapToObj(i -> "{\"id\":\"" + customer((page - 1) * 40 + i) + "\"}")
                .collect(Collectors.joining(",", "{\"items\":[", "]" + hints + "}"));
    }
}
