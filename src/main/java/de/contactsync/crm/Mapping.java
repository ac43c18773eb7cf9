package de.contactsync.crm;

import de.contactsync.contact.Delivery;
import de.contactsync.crm.CrmSettings.Gone;
import de.contactsync.crm.Empties.Rule;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/** What of a contact goes into which field of the CRM, as {@link MappingFile} reads it. Thread-safe. */
public final class Mapping {

    /**
     * @param name     of the CRM
     * @param value    text, which may hold names of {@link Source}
     * @param literal  whether it is a constant number, or true or false
     * @param clears   whether no value here clears the CRM's
     */
    record Field(String name, Template value, boolean literal, List<Transform> transforms, boolean clears) {

        boolean isConstant() {
            return value.names().isEmpty();
        }

        /** Of a constant. */
        String constant() {
            return value.fill(name -> name);
        }
    }

    private final String key;
    private final String companyKey;
    private final List<Field> fields;
    private final List<Field> gone;
    private final Map<String, String> salutations;
    private final PhoneNumbers phoneNumbers;
    private final LongAdder unreadablePhoneNumbers = new LongAdder();

    /**
     * @param companyKey  null when the file names none
     * @param gone        constants that say that JTL has the contact no longer
     * @param salutations by what is written for them, in lower case and without a dot at its end
     */
    Mapping(String key, String companyKey, List<Field> fields, List<Field> gone, Map<String, String> salutations,
            String country) {
        this.key = key;
        this.companyKey = companyKey;
        this.gone = List.copyOf(gone);
        this.fields = List.copyOf(fields);
        this.salutations = Map.copyOf(salutations);
        this.phoneNumbers = new PhoneNumbers(country);
    }

    /** The CRM's field that holds the {@linkplain #id id}. */
    public String key() {
        return key;
    }

    /** The field of the CRM's companies that holds the {@linkplain #companyId id of the customer}; null when none is named. */
    public String companyKey() {
        return companyKey;
    }

    /** Names in the CRM, without the key. */
    public List<String> fieldNames() {
        return fields.stream().map(Field::name).toList();
    }

    /** Whether what the field is sent is no text. @param value that it is sent */
    boolean isLiteral(String name, String value) {
        return Stream.concat(fields.stream(), gone.stream()).anyMatch(
                field -> field.literal && field.name.equals(name) && field.constant().equals(value));
    }

    /** Whether the field is the same for all contacts. */
    boolean isConstant(String name) {
        return fields.stream().anyMatch(field -> field.isConstant() && field.name.equals(name));
    }

    /** What says that JTL has the contact no longer, by name in the CRM; may be empty. */
    public Map<String, String> gone() {
        Map<String, String> values = new LinkedHashMap<>();
        gone.forEach(field -> values.put(field.name, field.constant()));
        return values;
    }

    /** Also the tenant's: ids of contacts are unique within one JTL-Wawi only. */
    static String id(Delivery delivery) {
        return delivery.key().tenantId() + "/" + delivery.key().contactId();
    }

    /** As {@link #id}, of the customer that the contact belongs to. */
    static String companyId(Delivery delivery) {
        return delivery.key().tenantId() + "/" + delivery.key().customerId();
    }

    /**
     * The fields to send, in the order of the file: "" where the CRM's value is to be cleared, null where what the CRM
     * has is to be sent back.
     *
     * @param empties  of fields that have no value
     * @param whenGone what becomes of contacts that JTL has no longer: those that are flagged then have the flag cleared
     *                 as long as JTL has them, perhaps again
     */
    public Map<String, String> map(Delivery delivery, Empties empties, Gone whenGone) {
        Map<String, String> mapped = new LinkedHashMap<>();
        for (Field field : fields) {
            String value = value(field, delivery);
            for (Transform transform : field.transforms) {
                value = value == null ? null : apply(transform, value);
            }
            if (value != null && !value.isEmpty()) {
                mapped.put(field.name, value);
            } else if (field.clears || empties.of(value) == Rule.CLEAR) {
                mapped.put(field.name, "");
            } else if (empties.of(value) == Rule.KEEP) {
                mapped.put(field.name, null);
            }
        }
        if (whenGone == Gone.FLAG) {
            gone.forEach(flag -> mapped.putIfAbsent(flag.name, ""));
        }
        return mapped;
    }

    /** Null, or empty, when all that it is made of is. */
    private static String value(Field field, Delivery delivery) {
        if (field.isConstant()) {
            return field.constant();
        }
        List<String> values = field.value.names().stream().map(name -> Source.named(name).of(delivery)).toList();
        return values.stream().allMatch(Objects::isNull) ? null
                : values.stream().allMatch(value -> value == null || value.isEmpty()) ? ""
                : field.value.fill(name -> Source.named(name).of(delivery));
    }

    /** How many so far stayed as they are because they could not be read. */
    public long unreadablePhoneNumbers() {
        return unreadablePhoneNumbers.sum();
    }

    private String apply(Transform transform, String value) {
        return switch (transform) {
            case TRIM -> value.strip();
            case LOWER_CASE -> value.toLowerCase(Locale.ROOT);
            case E164 -> e164(value);
            case SALUTATION -> salutations.getOrDefault(MappingFile.plain(value), value);
        };
    }

    private String e164(String value) {
        if (value.isBlank()) {
            return value;
        }
        return phoneNumbers.e164(value).orElseGet(() -> {
            unreadablePhoneNumbers.increment();
            return value;
        });
    }
}
