package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import de.contactsync.simulator.Fault;
import de.contactsync.simulator.HubSpotOptions;
import de.contactsync.simulator.HubSpotSimulator;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Dead letters are tried again by {@code replay}, with the packaged jar. */
@Order(1)
class ReplayIT {

    private static final Duration LONG = Duration.ofSeconds(90);

    @TempDir
    Path folder;

    private final KeyFiles keys = KeyFiles.mixed(17, 300, 0.1, 0.0);

    private Product imported(JtlSimulator without) throws IOException {
        Product product = Product.in(folder.resolve("home")).against(without);
        RunningProduct first = product.start("import", keys.write(folder.resolve("keys.csv")));
        assertThat(first.exitCode(LONG)).as(first.toString()).isEqualTo(1);
        return product;
    }

    private static JtlSimulator withUnknown() throws IOException {
        return JtlSimulator.start(SimulatorOptions.builder().notFoundShare(0.2).build());
    }

    private static JtlSimulator withAll() throws IOException {
        return JtlSimulator.start(SimulatorOptions.builder().build());
    }

    private static long open(Product product, String reason) {
        return Tables.of(product)
                .number("SELECT count(*) FROM dead_letter WHERE state = 'open' AND reason = '" + reason + "'");
    }

    private static String[] left(Product product) {
        String[] names = product.folder().resolve("inbox/.replay").toFile().list();
        return names == null ? new String[0] : names;
    }

    private static String[] reports(Product product) {
        return product.folder().resolve("inbox/.done").toFile().list();
    }

    @Test
    void what_jtl_knows_by_now_is_stored_and_what_is_no_key_stays() throws Exception {
        try (JtlSimulator jtl = withUnknown();
                JtlSimulator later = withAll();
                Product product = imported(jtl)) {
            long unknown = open(product, "not-found");
            long invalid = open(product, "invalid-key");
            assertThat(unknown).isPositive();
            assertThat(invalid).isPositive();

            RunningProduct told = product.start("replay", "--dry-run");
            assertThat(told.exitCode(LONG)).as(told.toString()).isZero();
            assertThat(told.stdout())
                    .contains("not-found", "is looked up at JTL again", "invalid-key", "not a contact key");
            assertThat(open(product, "not-found")).isEqualTo(unknown);

            product.against(later).with("contacts.sinks", "database,file");
            RunningProduct replayed = product.start("replay");
            assertThat(replayed.exitCode(LONG)).as(replayed.toString()).isZero();
            assertThat(later.stats().contactRequests()).isEqualTo(unknown);
            assertThat(open(product, "not-found")).isZero();
            assertThat(reports(product)).singleElement().asString().endsWith(".csv.contacts.csv");
            assertThat(open(product, "invalid-key")).isEqualTo(invalid);
            assertThat(Tables.of(product).contacts()).isEqualTo(keys.contacts(later));
            assertThat(left(product)).isEmpty();

            RunningProduct nothing = product.start("replay", "--reason", "not-found");
            assertThat(nothing.exitCode(LONG)).as(nothing.toString()).isZero();
            assertThat(nothing.stdout().strip()).isEqualTo("No such dead letter is open.");
        }
    }

    @Test
    void what_fails_again_is_one_open_dead_letter_with_its_report() throws Exception {
        try (JtlSimulator jtl = withUnknown();
                Product product = imported(jtl)) {
            long unknown = open(product, "not-found");
            RunningProduct replayed = product.start("replay", "--source", "file", "--since", "1h");
            assertThat(replayed.exitCode(LONG)).as(replayed.toString()).isEqualTo(1);
            assertThat(open(product, "not-found")).isEqualTo(unknown);
            assertThat(Tables.of(product).number("SELECT count(*) FROM dead_letter WHERE state = 'replayed'"))
                    .isEqualTo(unknown);
            assertThat(left(product)).isEmpty();
            assertThat(reports(product)).singleElement().asString().endsWith(".csv.errors.csv");
        }
    }

    /** Several at once doubled the letters that failed again, and deleted each other's files. */
    @Test
    void of_several_at_once_each_letter_is_tried_by_one() throws Exception {
        try (JtlSimulator jtl = withUnknown();
                JtlSimulator later = withAll();
                Product product = imported(jtl)) {
            long unknown = open(product, "not-found");

            List<RunningProduct> failing = List.of(product.start("replay"), product.start("replay"));
            failing.forEach(
                    each -> assertThat(each.exitCode(LONG)).as(each.toString()).isIn(0, 1));
            assertThat(open(product, "not-found")).isEqualTo(unknown);
            assertThat(Tables.of(product)
                            .number("SELECT count(DISTINCT contact_id) FROM dead_letter WHERE state = 'open'"
                                    + " AND reason = 'not-found'"))
                    .isEqualTo(unknown);

            product.against(later);
            List<RunningProduct> storing = List.of(product.start("replay"), product.start("replay"));
            storing.forEach(
                    each -> assertThat(each.exitCode(LONG)).as(each.toString()).isZero());
            assertThat(later.stats().contactRequests()).isEqualTo(unknown);
            assertThat(open(product, "not-found")).isZero();
            assertThat(Tables.of(product).contacts()).isEqualTo(keys.contacts(later));
            assertThat(left(product)).isEmpty();
        }
    }

    @Test
    void while_jtl_is_unreachable_keys_wait_in_a_file_until_the_next_replay() throws Exception {
        try (JtlSimulator jtl = withUnknown();
                JtlSimulator later = withAll();
                Product product = imported(jtl)) {
            long unknown = open(product, "not-found");
            jtl.close();
            product.with("contacts.max-wait", "1s");
            Path killed = Files.createDirectories(product.folder().resolve("inbox/.replay"));
            Files.writeString(killed.resolve("replay-20260301-080000-000.csv.part"), "half of a file");
            RunningProduct away = product.start("replay");
            assertThat(away.exitCode(LONG)).as(away.toString()).isEqualTo(3);
            assertThat(left(product)).hasSize(1);
            assertThat(Files.readAllLines(folder.resolve("home/inbox/.replay").resolve(left(product)[0])))
                    .hasSize((int) unknown + 1);
            assertThat(open(product, "not-found"))
                    .as("replayed is what is stored")
                    .isEqualTo(unknown);

            product.against(later);
            RunningProduct again = product.start("replay");
            assertThat(again.exitCode(LONG)).as(again.toString()).isZero();
            assertThat(later.stats().contactRequests()).isEqualTo(unknown);
            assertThat(Tables.of(product).contacts()).isEqualTo(keys.contacts(later));
            assertThat(left(product)).isEmpty();
        }
    }

    /** Nothing but that file knew of the keys: another host, or a folder that was cleared away, lost them. */
    @Test
    void a_file_of_a_replay_that_was_killed_can_be_lost() throws Exception {
        try (JtlSimulator jtl = withUnknown();
                JtlSimulator slow = JtlSimulator.start(SimulatorOptions.builder()
                        .latency(Duration.ofMillis(200))
                        .build());
                JtlSimulator later = withAll();
                Product product = imported(jtl)) {
            long unknown = open(product, "not-found");
            product.against(slow).with("contacts.chunk-size", 5).with("jtl.concurrency", 5);
            RunningProduct killed = product.start("replay");
            await().atMost(LONG).until(() -> open(product, "not-found") < unknown);
            killed.kill();
            long open = open(product, "not-found");
            assertThat(open).isPositive();
            for (String name : left(product)) {
                Files.delete(product.folder().resolve("inbox/.replay").resolve(name));
            }

            product.against(later);
            RunningProduct again = product.start("replay");
            assertThat(again.exitCode(LONG)).as(again.toString()).isZero();
            assertThat(later.stats().contactRequests()).isEqualTo(open);
            assertThat(open(product, "not-found")).isZero();
            assertThat(Tables.of(product).contacts()).isEqualTo(keys.contacts(later));
            assertThat(Tables.of(product).number("SELECT count(*) FROM import_run WHERE closed_at IS NULL"))
                    .isZero();
        }
    }

    @Test
    void a_customer_whose_list_failed_is_left_to_the_next_scheduled_run() throws Exception {
        KeyFiles file = KeyFiles.ofCustomers(23, 3, 2);
        SimulatorOptions.Builder listing = SimulatorOptions.builder().contacts(file.calledKeys());
        try (JtlSimulator jtl = JtlSimulator.start(listing.fault(
                                Fault.status(500).onlyFor(file.keys().get(0).customerId()))
                        .build());
                Product product = Product.in(folder.resolve("home")).against(jtl)) {
            product.with("contacts.sources", "timer")
                    .with("contacts.timer.schedule", "24h")
                    .with("contacts.timer.run-now", true)
                    .with("contacts.timer.keys", "customers");
            RunningProduct scheduled = product.start("run");
            Tables tables = Tables.of(product);
            await().atMost(LONG).until(() -> tables.closed() == 1);
            scheduled.close();
            assertThat(open(product, "retries-exhausted")).isEqualTo(1);

            product.without("contacts.sources")
                    .without("contacts.timer.schedule")
                    .without("contacts.timer.run-now")
                    .without("contacts.timer.keys");
            for (RunningProduct replayed : List.of(product.start("replay", "--dry-run"), product.start("replay"))) {
                assertThat(replayed.exitCode(LONG)).as(replayed.toString()).isZero();
                assertThat(replayed.stdout()).contains("retries-exhausted   stays: a customer");
            }
            assertThat(open(product, "retries-exhausted")).isEqualTo(1);
            assertThat(left(product)).isEmpty();
        }
    }

    @Test
    @OnBothRuntimes
    void what_the_crm_refused_is_sent_to_the_crm_alone() throws Exception {
        KeyFiles good = KeyFiles.good(19, 40);
        try (JtlSimulator jtl = withAll();
                HubSpotSimulator hubSpot = HubSpotSimulator.start(HubSpotOptions.standard());
                Product product = Product.in(folder.resolve("home"))
                        .against(jtl)
                        .into(hubSpot)
                        .withHarmlessMapping()) {
            List<String> bad = good.keys().subList(10, 13).stream()
                    .map(key -> Product.TENANT + "/" + key.contactId())
                    .toList();
            bad.forEach(hubSpot::refuse);
            assertThat(product.start("import", good.write(folder.resolve("good.csv")))
                            .exitCode(LONG))
                    .isEqualTo(1);
            long asked = jtl.stats().contactRequests();

            RunningProduct again = product.start("replay", "--reason", "sink-rejected");
            assertThat(again.exitCode(LONG)).as(again.toString()).isEqualTo(1);
            assertThat(open(product, "sink-rejected")).as("refused again").isEqualTo(3);

            bad.forEach(hubSpot::permit);
            RunningProduct mended = product.start("replay", "--reason", "sink-rejected");
            assertThat(mended.exitCode(LONG)).as(mended.toString()).isZero();
            assertThat(mended.stdout()).contains("is sent to the CRM again", "delivered");
            assertThat(hubSpot.stats().contacts()).isEqualTo(40);
            assertThat(open(product, "sink-rejected")).isZero();
            assertThat(jtl.stats().contactRequests()).as("JTL is not asked").isEqualTo(asked);
        }
    }

    @Test
    void while_the_crm_is_away_what_it_refused_waits_and_the_same_command_sends_it() throws Exception {
        KeyFiles good = KeyFiles.good(29, 40);
        try (JtlSimulator jtl = withAll();
                HubSpotSimulator hubSpot = HubSpotSimulator.start(HubSpotOptions.standard());
                HubSpotSimulator later = HubSpotSimulator.start(HubSpotOptions.standard());
                Product product = Product.in(folder.resolve("home"))
                        .against(jtl)
                        .into(hubSpot)
                        .withHarmlessMapping()) {
            good.keys().subList(10, 13).forEach(key -> hubSpot.refuse(Product.TENANT + "/" + key.contactId()));
            assertThat(product.start("import", good.write(folder.resolve("good.csv")))
                            .exitCode(LONG))
                    .isEqualTo(1);
            hubSpot.close();
            product.with("contacts.max-wait", "1s");
            RunningProduct away = product.start("replay", "--reason", "sink-rejected");
            assertThat(away.exitCode(LONG)).as(away.toString()).isEqualTo(3);
            assertThat(open(product, "sink-rejected")).isEqualTo(3);

            product.into(later).with("contacts.max-wait", "90s");
            RunningProduct again = product.start("replay", "--reason", "sink-rejected");
            assertThat(again.exitCode(LONG)).as(again.toString()).isZero();
            assertThat(later.stats().contacts()).isEqualTo(3);
            assertThat(open(product, "sink-rejected")).isZero();
        }
    }

    @Test
    void an_unreadable_option_is_reported_with_what_was_expected() throws Exception {
        try (JtlSimulator jtl = withAll();
                Product product = Product.in(folder.resolve("home")).against(jtl)) {
            assertWrong(product.start("replay", "--reason", "unknown"), "invalid-key, not-found");
            assertWrong(product.start("replay", "--source", "mail"), "file, queue, kafka, http, timer, delivery");
            assertWrong(product.start("replay", "--since", "yesterday"), "2026-03-01T08:00");
        }
    }

    private static void assertWrong(RunningProduct refused, String expected) {
        assertThat(refused.exitCode(LONG)).as(refused.toString()).isEqualTo(2);
        assertThat(refused.stderr()).contains("expected", expected);
    }
}
