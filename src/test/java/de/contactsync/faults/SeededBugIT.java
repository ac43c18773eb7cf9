package de.contactsync.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.contactsync.faults.agent.FailPoint;
import de.contactsync.faults.agent.SeededBug;
import de.contactsync.product.KeyFiles;
import de.contactsync.product.Product;
import de.contactsync.product.RunningProduct;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests of the tests: with a mistake made on purpose in the product, the check that is there for it fails. */
class SeededBugIT {

    /** How every token of the simulator begins. */
    private static final String TOKEN = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.";

    @TempDir
    Path folder;

    @Test
    void a_chunk_acknowledged_before_it_is_stored_is_found_by_a_kill_between_the_two() throws IOException {
        FailPoint between =
                new FailPoint("de.contactsync.persistence.ContactUpsert", "writeAtOnce", true, 1, FailPoint.HALT, "");
        assertThat(FailPointIT.pointsOfAnImport())
                .as("the moment is one of those that are tried")
                .contains(between);
        try (FaultCase sound = new FaultCase(folder.resolve("sound"));
                FaultCase faulty = new FaultCase(folder.resolve("faulty"))) {
            sound.importDisturbed(between, Faults.at(between));
            assertThatThrownBy(() ->
                            faulty.importDisturbed(between, Faults.with(SeededBug.ACKNOWLEDGED_BEFORE_STORED, between)))
                    .isInstanceOf(AssertionError.class)
                    // Ends with 4: keys are missing.
                    .hasMessageContainingAll("expected: 1", "but was: 4");
        }
    }

    @Test
    void a_refresh_per_thread_is_found_by_counting_token_requests() {
        assertThatThrownBy(() ->
                        TokenIT.assertOneRefreshForAllThreads(folder, Faults.with(SeededBug.ONE_REFRESH_PER_THREAD)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContainingAll("token requests", "expected: 2");
    }

    @Test
    void a_token_in_a_log_line_is_found_by_looking_for_it() throws IOException {
        assertNoTokenIsLogged("sound");
        assertThatThrownBy(() -> assertNoTokenIsLogged("faulty", Faults.with(SeededBug.TOKEN_IN_A_LOG_LINE)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining(TOKEN);
    }

    private void assertNoTokenIsLogged(String name, String... jvmOptions) throws IOException {
        KeyFiles file = KeyFiles.good(Scale.SEED, 20).addInvalid();
        try (JtlSimulator jtl = JtlSimulator.start(
                        SimulatorOptions.builder().notFoundShare(0.2).build());
                Product product = Product.in(folder.resolve(name)).against(jtl)) {
            product.jvm(jvmOptions);
            RunningProduct done = product.start("import", file.write(folder.resolve(name + ".csv")));
            assertThat(done.exitCode()).as(done.toString()).isEqualTo(1);
            assertThat(jtl.stats().tokenRequests()).isEqualTo(1);
            assertThat(done.stdout() + done.stderr()).doesNotContain(TOKEN);
        }
    }
}
