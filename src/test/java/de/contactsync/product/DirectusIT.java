package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.simulator.JtlSimulator;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code examples/crm-rest/directus} against Directus itself; the profile {@code realcrm} runs it. */
class DirectusIT extends RealCrmScenarios {

    @TempDir
    static Path shared;

    private static DirectusServer directus;

    @BeforeAll
    static void start() throws Exception {
        RealCrm.requireProfile();
        directus = DirectusServer.start(shared.resolve("directus"));
    }

    @AfterAll
    static void stop() {
        if (directus != null) {
            directus.close();
        }
    }

    @Override
    RealCrm crm() {
        return directus;
    }

    @Test
    void a_token_that_is_no_longer_accepted_halts_and_the_new_one_goes_on() throws Exception {
        KeyFiles keys = KeyFiles.good(1805, 20);
        Path file = keys.write(folder.resolve("keys.csv"));
        try (JtlSimulator jtl = jtl();
                Product product = product(jtl)) {
            String[] token = new String[1];
            directus.calls.after(15, () -> token[0] = directus.newToken());
            RunningProduct halted = product.start("import", file);
            assertThat(halted.exitCode(LONG)).as(halted.toString()).isEqualTo(3);
            System.out.println(halted.stderr());
            assertThat(halted.toString()).contains("HTTP 401", "contacts.crm.rest.auth");

            finish(product.with("contacts.crm.token", token[0]), "import", file);
            assertThat(names(keys)).isEqualTo(expected(keys, jtl));
        }
    }

    @Test
    void what_directus_refuses_becomes_a_dead_letter_in_words() throws Exception {
        KeyFiles keys = KeyFiles.good(1806, 40);
        Path file = keys.write(folder.resolve("keys.csv"));
        try (JtlSimulator jtl = jtl();
                Product product = product(jtl)) {
            Path properties = product.folder().resolve("application.properties");
            Files.writeString(properties, Files.readString(properties).replace("/items/contacts", "/items/strict"));
            finish(product, "import", file);
            List<List<String>> refused =
                    Tables.of(product).rows("SELECT DISTINCT http_status, error_code, error_message FROM dead_letter");
            System.out.println(refused);
            assertThat(refused)
                    .anySatisfy(row -> assertThat(row.get(2)).contains("department", "too long"))
                    .anySatisfy(row -> assertThat(row.get(2)).contains("email", "required"));
        }
    }
}
