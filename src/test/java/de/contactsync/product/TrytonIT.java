package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.simulator.JtlSimulator;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code examples/crm-rest/tryton} against Tryton itself; the profile {@code realcrm} runs it. */
class TrytonIT extends RealCrmScenarios {

    @TempDir
    static Path shared;

    private static TrytonServer tryton;

    @BeforeAll
    static void start() throws Exception {
        RealCrm.requireProfile();
        tryton = TrytonServer.start(shared.resolve("tryton"));
    }

    @AfterAll
    static void stop() {
        if (tryton != null) {
            tryton.close();
        }
    }

    @Override
    RealCrm crm() {
        return tryton;
    }

    @Test
    void a_session_that_is_over_is_renewed_and_doubles_nothing() throws Exception {
        KeyFiles keys = KeyFiles.good(1805, 8);
        Path file = keys.write(folder.resolve("keys.csv"));
        try (JtlSimulator jtl = jtl();
                Product product = product(jtl)) {
            tryton.calls.after(15, tryton::endSessions);
            int before = tryton.calls.calls().size();
            finish(product, "import", file);
            assertThat(names(keys)).isEqualTo(expected(keys, jtl));
            assertThat(since(before))
                    .filteredOn(call -> call.body().contains("common.db.login"))
                    .hasSize(2);
        }
    }

    @Test
    void a_phone_number_that_tryton_refuses_becomes_a_dead_letter_in_words() throws Exception {
        KeyFiles keys = KeyFiles.good(1806, 15);
        Path file = keys.write(folder.resolve("keys.csv"));
        try (JtlSimulator jtl = jtl();
                Product product = product(jtl)) {
            finish(product, "import", file);
            List<List<String>> refused =
                    Tables.of(product).rows("SELECT contact_id, stage, error_code, error_message FROM dead_letter");
            System.out.println(refused);
            assertThat(refused).isNotEmpty().allSatisfy(row -> {
                assertThat(row.get(2)).isEqualTo("UserError");
                assertThat(row.get(3)).contains("mapping/rest.yaml line", "phone", "The phone number", "is not valid");
            });
            assertThat(names(keys)).as("the contacts are there").isEqualTo(expected(keys, jtl));
        }
    }
}
