package de.contactsync.product;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import de.contactsync.model.CustomerContact;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.RequestedKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;

/** A CSV file of keys, made from a seed, and what must become of it. */
public final class KeyFiles {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final UUID TENANT = UUID.fromString(Product.TENANT);

    public record Key(UUID customerId, UUID contactId) {

        @Override
        public String toString() {
            return customerId + "," + contactId;
        }

        /** As the body of a message. */
        public String json() {
            return "{\"customerId\":\"" + customerId + "\",\"contactId\":\"" + contactId + "\"}";
        }
    }

    private final List<String> lines = new ArrayList<>();
    /** Each once, in the order of the file. */
    private final List<Key> keys = new ArrayList<>();

    private final Random random;
    private int invalid;
    private int duplicates;

    private KeyFiles(long seed) {
        random = new Random(seed);
        lines.add("customerId,contactId");
    }

    /** Nothing but good keys. */
    public static KeyFiles good(long seed, int count) {
        return mixed(seed, count, 0, 0);
    }

    /** {@code count} records, the given shares of them no keys and keys that stood there before. */
    public static KeyFiles mixed(long seed, int count, double invalidShare, double duplicateShare) {
        KeyFiles file = new KeyFiles(seed);
        for (int i = 0; i < count; i++) {
            double draw = file.random.nextDouble();
            if (draw < invalidShare) {
                file.addInvalid();
            } else if (draw < invalidShare + duplicateShare && !file.keys.isEmpty()) {
                file.lines.add(
                        file.keys.get(file.random.nextInt(file.keys.size())).toString());
                file.duplicates++;
            } else {
                file.addKey(new Key(file.uuid(), file.uuid()));
            }
        }
        return file;
    }

    /** Good keys, {@code each} to a customer and one behind the other. */
    static KeyFiles ofCustomers(long seed, int customers, int each) {
        KeyFiles file = new KeyFiles(seed);
        for (int i = 0; i < customers; i++) {
            UUID customer = file.uuid();
            for (int j = 0; j < each; j++) {
                file.addKey(new Key(customer, file.uuid()));
            }
        }
        return file;
    }

    /** What the simulator is reported, so that it can list them. */
    List<RequestedKey> calledKeys() {
        return keys.stream()
                .map(key -> new RequestedKey(key.customerId, key.contactId))
                .toList();
    }

    public KeyFiles addKey(Key key) {
        lines.add(key.toString());
        keys.add(key);
        return this;
    }

    public KeyFiles addInvalid() {
        lines.add("no uuid " + invalid + "," + uuid());
        invalid++;
        return this;
    }

    public Path write(Path path) throws IOException {
        Files.createDirectories(path.getParent());
        return Files.writeString(path, text());
    }

    public String text() {
        return String.join("\n", lines) + "\n";
    }

    public List<Key> keys() {
        return keys;
    }

    /** The keys, as the bodies of a message each. */
    public List<String> messages() {
        return keys.stream().map(Key::json).toList();
    }

    public int records() {
        return lines.size() - 1;
    }

    public int invalid() {
        return invalid;
    }

    public int duplicates() {
        return duplicates;
    }

    /** Line number of a record, counted from 0; the header is line 1. */
    public static int lineOf(int record) {
        return record + 2;
    }

    /** The rows that {@link Tables#contacts()} must show, worked out from what the simulator answers for each key. */
    public List<List<String>> contacts(JtlSimulator simulator) throws JsonProcessingException {
        List<List<String>> rows = new ArrayList<>();
        for (Key key : keys) {
            Optional<String> body = simulator.contact(TENANT, key.customerId, key.contactId);
            if (body.isPresent()) {
                rows.add(row(key, JSON.readTree(body.get())));
            }
        }
        rows.sort(Comparator.comparing((List<String> row) -> row.get(1)).thenComparing(row -> row.get(2)));
        return rows;
    }

    private static List<String> row(Key key, JsonNode json) {
        CustomerContact contact = new CustomerContact(
                text(json, "department"),
                text(json, "honorific"),
                text(json, "firstName"),
                text(json, "lastName"),
                text(json, "phoneNumber"),
                text(json, "mobilePhoneNumber"),
                text(json, "emailAddress"),
                text(json, "fax"));
        return Arrays.asList(
                Product.TENANT,
                key.customerId.toString(),
                key.contactId.toString(),
                contact.department(),
                contact.honorific(),
                contact.firstName(),
                contact.lastName(),
                contact.phoneNumber(),
                contact.mobilePhoneNumber(),
                contact.emailAddress(),
                contact.fax(),
                contact.contentHash());
    }

    private static String text(JsonNode json, String field) {
        return json.hasNonNull(field) ? json.get(field).textValue() : null;
    }

    private UUID uuid() {
        return new UUID(
                random.nextLong() & ~0xF000L | 0x4000L, random.nextLong() & 0x3FFFFFFFFFFFFFFFL | 0x8000000000000000L);
    }
}
