package de.contactsync.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import de.contactsync.app.Application;
import de.contactsync.persistence.TestDatabase;
import de.contactsync.simulator.JtlSimulator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;

/** An inbox, a database and keys whose contacts the simulator knows. */
public final class ApplicationFixture {

    public static final UUID TENANT = UUID.fromString("0d9f4f3e-7c1b-4a58-9e36-52c1a8b7d604");

    private static final List<String> FIELDS = List.of(
            "department",
            "honorific",
            "firstName",
            "lastName",
            "phoneNumber",
            "mobilePhoneNumber",
            "emailAddress",
            "fax");

    public final Path inbox;
    final TestDatabase database;

    public ApplicationFixture(Path folder, TestDatabase database) throws IOException {
        this.inbox = Files.createDirectories(folder.resolve("inbox"));
        this.database = database;
    }

    private Map<ConfigKey, String> settings(JtlSimulator simulator) {
        Map<ConfigKey, String> values = new EnumMap<>(ConfigKey.class);
        values.put(ConfigKey.BASE_URL, simulator.baseUrl());
        values.put(ConfigKey.TOKEN_ENDPOINT, simulator.tokenApi());
        values.put(ConfigKey.CLIENT_ID, "demo");
        values.put(ConfigKey.CLIENT_SECRET, "demo");
        values.put(ConfigKey.TENANT_ID, TENANT.toString());
        values.put(ConfigKey.CHUNK_SIZE, "10");
        values.put(ConfigKey.MAX_ATTEMPTS, "1");
        values.put(ConfigKey.FILE_DIRECTORY, inbox.toString());
        values.put(ConfigKey.FILE_SETTLE, "100ms");
        values.put(ConfigKey.STATUS_PORT, "off");
        values.put(ConfigKey.DATABASE_URL, database.settings().url());
        if (database.settings().username() != null) {
            values.put(ConfigKey.DATABASE_USERNAME, database.settings().username());
            values.put(ConfigKey.DATABASE_PASSWORD, database.settings().password());
        }
        return values;
    }

    public Application start(JtlSimulator simulator) throws Exception {
        return Application.startSources(Settings.of(settings(simulator)));
    }

    public static UUID customer(int number) {
        return new UUID(0xC0, number);
    }

    public static UUID contact(int number) {
        return new UUID(0xCC, number);
    }

    public static String csv(int from, int count) {
        StringBuilder csv = new StringBuilder("Customer-ID;Contact ID;note\n");
        for (int i = from; i < from + count; i++) {
            csv.append(customer(i)).append(';').append(contact(i)).append(";Müller\n");
        }
        return csv.toString();
    }

    public static String jsonLines(int from, int count) {
        StringBuilder lines = new StringBuilder();
        for (int i = from; i < from + count; i++) {
            lines.append("{\"customerId\":\"")
                    .append(customer(i))
                    .append("\",\"contactId\":\"")
                    .append(contact(i))
                    .append("\"}\n");
        }
        return lines.toString();
    }

    /** As whoever drops files should do it: written elsewhere and renamed in. */
    public void drop(String name, byte[] content) throws IOException {
        Path draft = Files.write(inbox.resolveSibling(name + ".part"), content);
        Files.move(draft, inbox.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Every file below the inbox, as a path relative to it. */
    public Set<String> files() throws IOException {
        try (Stream<Path> walk = Files.walk(inbox)) {
            Set<String> files = new TreeSet<>();
            walk.filter(Files::isRegularFile)
                    .map(file -> inbox.relativize(file).toString())
                    .filter(name -> !name.startsWith(".work/"))
                    .forEach(files::add);
            return files;
        }
    }

    public long closedRuns() {
        return database.count("import_run WHERE closed_at IS NOT NULL");
    }

    /** That the table holds exactly the contacts with these numbers which the simulator knows, field by field. */
    public void assertContacts(JtlSimulator simulator, int from, int count) throws IOException {
        List<String> expected = new ArrayList<>();
        for (int i = from; i < from + count; i++) {
            String json = simulator.contact(TENANT, customer(i), contact(i)).orElse(null);
            if (json != null) {
                JsonNode body = new ObjectMapper().readTree(json);
                List<String> columns = new ArrayList<>(
                        List.of(customer(i).toString(), body.get("id").asText()));
                FIELDS.forEach(field -> columns.add(
                        body.path(field).isTextual() ? body.get(field).asText() : "∅"));
                expected.add(String.join("|", columns));
            }
        }
        assertThat(database.rows("SELECT customer_id, contact_id, department, honorific, first_name, last_name,"
                        + " phone_number, mobile_phone_number, email_address, fax FROM contact"))
                .containsExactlyInAnyOrderElementsOf(expected);
    }
}
