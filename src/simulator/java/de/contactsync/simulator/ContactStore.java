package de.contactsync.simulator;

import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The contacts. They are stored nowhere: each is worked out from tenant, customer, contact id and seed, so the same ids
 * give the same contact in every process. Which ids there are must be told, though: without that every id is one, and
 * nobody can list those of a customer.
 */
final class ContactStore {

    /** Numbers that keep the things worked out from the same ids independent of each other. */
    private static final long EXISTS = 1;

    private static final long PERSON = 2;
    private static final long CHANGE = 3;

    private final SimulatorOptions options;
    /** Contact ids by customer; empty when every id is one. */
    private final Map<UUID, Set<UUID>> told = new HashMap<>();

    /** When each revision came that came while we run. */
    private final Map<Integer, Instant> began = new ConcurrentHashMap<>();

    private volatile int revision;

    ContactStore(SimulatorOptions options) {
        this.options = options;
        this.revision = options.revision();
        for (RequestedKey key : options.contacts()) {
            told.computeIfAbsent(key.customerId(), customer -> new TreeSet<>()).add(key.contactId());
        }
    }

    boolean hasLists() {
        return !told.isEmpty();
    }

    /** Those there are, in the order of their ids; none when there are no lists. */
    List<UUID> customers() {
        return told.keySet().stream().sorted().toList();
    }

    /** Those of them that have a contact which has changed since then. */
    List<UUID> customersChangedSince(UUID tenantId, Instant since) {
        return customers().stream()
                .filter(customerId -> told.get(customerId).stream()
                        .map(contactId -> began.get(lastChange(tenantId, customerId, contactId)))
                        .anyMatch(changed -> changed != null && changed.isAfter(since)))
                .toList();
    }

    /** As {@link #contact}, all that exist of a customer; none when there are no lists. */
    List<Map<String, String>> contacts(UUID tenantId, UUID customerId) {
        return told.getOrDefault(customerId, Set.of()).stream()
                .filter(contactId -> exists(tenantId, customerId, contactId))
                .map(contactId -> contact(tenantId, customerId, contactId))
                .toList();
    }

    void revision(int newRevision) {
        began.put(newRevision, Instant.now());
        revision = newRevision;
    }

    boolean exists(UUID tenantId, UUID customerId, UUID contactId) {
        return (told.isEmpty() || told.getOrDefault(customerId, Set.of()).contains(contactId))
                && !draw(tenantId, customerId, contactId).with(EXISTS).chance(options.notFoundShare());
    }

    /**
     * The nine fields of JTL's model in its order, by their names in camelCase. A field may be missing, null or empty;
     * only {@code id} always has a value. Also made up for contacts that do not exist.
     */
    Map<String, String> contact(UUID tenantId, UUID customerId, UUID contactId) {
        SeededRandom random = draw(tenantId, customerId, contactId).with(PERSON);
        boolean female = random.chance(0.5);
        SampleData.Name first = random.oneOf(female ? SampleData.FEMALE : SampleData.MALE);
        SampleData.Name last = random.oneOf(SampleData.LAST_NAMES);
        String title = random.chance(0.06) ? random.oneOf(SampleData.TITLES) : "";
        String landline = random.oneOf(SampleData.LANDLINES);
        int extension = random.below(900);
        String domain = random.oneOf(SampleData.DOMAINS);

        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("id", contactId.toString());
        put(fields, random, 12, "department", random.oneOf(SampleData.DEPARTMENTS));
        put(fields, random, 6, "honorific", honorific(random, female));
        put(fields, random, 6, "firstName", first.text());
        put(fields, random, 3, "lastName", title + last.text());
        put(fields, random, 9, "phoneNumber", landline + digits(extension, 3));
        putMobile(fields, random, lastChange(tenantId, customerId, contactId));
        put(fields, random, 9, "emailAddress", first.mail() + "." + last.mail() + "@" + domain);
        put(fields, random, 45, "fax", landline + digits(extension + 99, 3));
        return fields;
    }

    private SeededRandom draw(UUID tenantId, UUID customerId, UUID contactId) {
        return new SeededRandom(options.seed(), tenantId, customerId, contactId);
    }

    private int lastChange(UUID tenantId, UUID customerId, UUID contactId) {
        for (int step = revision; step > 0; step--) {
            if (draw(tenantId, customerId, contactId).with(CHANGE).with(step).chance(options.changedShare())) {
                return step;
            }
        }
        return 0;
    }

    private static String honorific(SeededRandom random, boolean female) {
        if (random.chance(0.03)) {
            return "Divers";
        }
        return female ? "Frau" : "Herr";
    }

    /** In {@code gaps} of 100 contacts the field is left out, null or empty, each about as often. */
    private static void put(Map<String, String> fields, SeededRandom random, int gaps, String name, String value) {
        int percent = random.below(100);
        if (percent >= gaps) {
            fields.put(name, value);
        } else if (percent % 3 == 0) {
            fields.put(name, null);
        } else if (percent % 3 == 1) {
            fields.put(name, "");
        }
    }

    /** A changed contact has another mobile number, and always has one, so that the change can be seen. */
    private static void putMobile(Map<String, String> fields, SeededRandom random, int changedIn) {
        String number = random.oneOf(SampleData.MOBILES) + digits((random.below(100) + changedIn) % 100, 2);
        put(fields, random, changedIn > 0 ? 0 : 30, "mobilePhoneNumber", number);
    }

    private static String digits(int value, int length) {
        String text = Integer.toString(value);
        return "0".repeat(length - text.length()) + text;
    }
}
