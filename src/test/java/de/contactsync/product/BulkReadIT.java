package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import de.contactsync.simulator.Fault;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A file with several contacts of each customer: fewer calls, and the same tables. */
@Isolated("counts calls against time, which other tests would take from it")
class BulkReadIT {

    private static final int CUSTOMERS = 300;
    private static final int EACH = 4;
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    private final KeyFiles file = KeyFiles.ofCustomers(42, CUSTOMERS, EACH);

    private SimulatorOptions.Builder simulated() {
        return SimulatorOptions.builder().contacts(file.calledKeys()).notFoundShare(0.1);
    }

    /** One run, and that its tables hold what single calls would give. */
    private RunningProduct imported(JtlSimulator simulator, String name, String bulkRead) throws IOException {
        Path keys = file.write(folder.resolve(name + ".csv"));
        try (Product product =
                Product.in(folder.resolve(name)).against(simulator).with("jtl.bulk-read", bulkRead)) {
            RunningProduct done = product.start("import", "--json", keys);
            assertThat(done.exitCode()).as(done.toString()).isEqualTo(1);
            List<List<String>> contacts = file.contacts(simulator);
            JsonNode summary = JSON.readTree(done.stdout());
            assertThat(summary.get("total").intValue()).isEqualTo(CUSTOMERS * EACH);
            assertThat(summary.get("stored").intValue()).isEqualTo(contacts.size());
            assertThat(summary.get("notFound").intValue()).isEqualTo(CUSTOMERS * EACH - contacts.size());
            assertThat(Tables.of(product).contacts()).isEqualTo(contacts);
            return done;
        }
    }

    private long missing(JtlSimulator simulator) throws IOException {
        return CUSTOMERS * EACH - file.contacts(simulator).size();
    }

    @Test
    void lists_take_a_quarter_of_the_calls_and_give_the_same_tables() throws IOException {
        try (JtlSimulator simulator = JtlSimulator.start(simulated().build())) {
            imported(simulator, "never", "never");
            assertThat(simulator.stats().contactRequests()).isEqualTo(CUSTOMERS * EACH);
            assertThat(simulator.stats().listRequests()).isZero();

            RunningProduct auto = imported(simulator, "auto", "auto");
            assertThat(simulator.stats().contactRequests())
                    .as("what the lists are without is asked for by itself")
                    .isEqualTo(CUSTOMERS * EACH + missing(simulator));
            // Chunks hold 500 keys, and 500 is a multiple of four.
            assertThat(simulator.stats().listRequests()).isEqualTo(CUSTOMERS);
            assertThat(auto.stderr()).doesNotContain("WARN", "ERROR");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"status=403", "status=405", "body=html", "body=no-id"})
    void where_the_list_is_refused_single_calls_are_made_and_logged_once(String fault) throws IOException {
        SimulatorOptions.Builder options = simulated();
        file.keys().stream()
                .map(KeyFiles.Key::customerId)
                .distinct()
                .forEach(customer -> options.fault(Fault.parse(fault + ",ids=" + customer)));
        try (JtlSimulator simulator = JtlSimulator.start(options.build())) {
            RunningProduct done = imported(simulator, "refused", "auto");

            assertThat(simulator.stats().contactRequests()).isEqualTo(CUSTOMERS * EACH);
            assertThat(simulator.stats().listRequests())
                    .as("those in flight meanwhile, and up to two whose failures did not yet pause lists")
                    .isBetween(1L, 64L + 2);
            assertThat(done.stderr().lines().filter(line -> line.contains("fetched individually")))
                    .hasSize(1)
                    .first()
                    .asString()
                    .contains("WARN", Product.TENANT, "HTTP ");
        }
    }

    @Test
    void failures_that_pass_cost_no_contact() throws IOException {
        try (JtlSimulator simulator = JtlSimulator.start(simulated()
                .fault(Fault.status(503).share(0.05))
                .fault(Fault.connection(Fault.Connection.RESET).share(0.02))
                .build())) {
            imported(simulator, "faults", "auto");
            assertThat(simulator.stats().contactRequests())
                    .as("no list was given up")
                    .isBetween(missing(simulator), 2 * missing(simulator));
            assertThat(simulator.stats().listRequests()).isBetween((long) CUSTOMERS, 2L * CUSTOMERS);
        }
    }
}
