package de.contactsync.crm.mapping;

import de.contactsync.crm.CrmField;
import de.contactsync.crm.CrmSettings.Gone;
import de.contactsync.crm.mapping.NullHandling.Rule;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.Digest;
import de.contactsync.model.JtlId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What of a contact goes into which field of the CRM, as {@link MappingFile} reads it. Thread-safe. */
public final class Mapping {

    /** @param back what is written when JTL has the contact again; null: the field is cleared */
    record Flag(FieldMapping field, FieldMapping back) {}

    private final String file;
    private final String origin;
    private final String key;
    private final String companyKey;
    private final List<FieldMapping> fields;
    private final Map<String, FieldMapping> byName;
    private final List<Flag> gone;
    private final FieldTransforms transforms;
    private final Lookups lookups;
    private final ContactFilter filter;
    private final List<MappingStep> steps;
    private final ValueComparison comparison;

    /**
     * @param file       it was read from, for messages, such as {@code mapping/rest.yml}
     * @param origin     the same, with the whole path
     * @param companyKey null when the file names none
     * @param gone       constants that say that JTL has the contact no longer
     * @param lookups    what else is known of contacts
     * @param filter     which contacts are sent
     * @param steps      further calls for a contact
     */
    Mapping(
            String file,
            String origin,
            String key,
            String companyKey,
            List<FieldMapping> fields,
            List<Flag> gone,
            FieldTransforms transforms,
            Lookups lookups,
            ContactFilter filter,
            List<MappingStep> steps) {
        this.file = file;
        this.origin = origin;
        this.key = key;
        this.companyKey = companyKey;
        this.fields = List.copyOf(fields);
        this.byName = fields.stream().collect(Collectors.toUnmodifiableMap(FieldMapping::name, field -> field));
        this.gone = List.copyOf(gone);
        this.transforms = transforms;
        this.lookups = lookups;
        this.filter = filter;
        this.steps = List.copyOf(steps);
        this.comparison = new ValueComparison(byName, transforms.country());
    }

    /** With further calls for a contact. */
    Mapping with(List<MappingStep> steps) {
        return new Mapping(file, origin, key, companyKey, fields, gone, transforms, lookups, filter, steps);
    }

    /** The record of a step, which is for all contacts that are sent. @param fields may be empty */
    Mapping ofStep(List<FieldMapping> fields) {
        return new Mapping(
                file, origin, "", null, fields, List.of(), transforms, lookups, ContactFilter.NONE, List.of());
    }

    /** The file it was read from, for messages: {@code mapping/rest.yaml}, or {@code .yml} where that is its name. */
    public String file() {
        return file;
    }

    /** The same with its whole path, or that it is the one that was shipped. */
    public String origin() {
        return origin;
    }

    /**
     * The same for mappings by which every contact is sent alike, whatever the file looks like. Who is blocked is not in
     * it: such a list grows by the day, and what is new in it leaves all others as they are.
     */
    public String hash() {
        String all = List.of(
                                key,
                                String.valueOf(companyKey),
                                fields,
                                gone,
                                transforms.salutations(),
                                String.valueOf(transforms.country()))
                        .toString()
                + (filter.onlyIf().isNone() ? "" : "only-if=" + filter.onlyIf())
                + (lookups.columns().isEmpty() ? "" : "lookups=" + lookups)
                + (steps.isEmpty() ? "" : "steps=" + steps);
        return Digest.of(all);
    }

    /** The CRM's field that holds the {@linkplain #id id}. */
    public String key() {
        return key;
    }

    /**
     * The field of the CRM's companies that holds the {@linkplain #companyId id of the customer}; null when none is
     * named.
     */
    public String companyKey() {
        return companyKey;
    }

    /** Further calls for a contact, in the order of the file. */
    public List<MappingStep> steps() {
        return steps;
    }

    /** Names in the CRM, without the key. */
    public List<String> fieldNames() {
        return fields.stream().map(FieldMapping::name).toList();
    }

    /** Whether the field is sent as something other than text. @param value that it is sent */
    public boolean isLiteral(String name, String value) {
        return Stream.concat(
                        field(name).stream(), flags().filter(flag -> flag.name().equals(name)))
                .anyMatch(field -> field.isLiteral(value));
    }

    /** Whether the field is the same for all contacts. */
    public boolean isConstant(String name) {
        return field(name).map(FieldMapping::isConstant).orElse(false);
    }

    /** Without what is the same for all contacts, which a message may name. */
    public Map<String, String> personal(Map<String, String> sent) {
        Map<String, String> personal = new LinkedHashMap<>(sent);
        personal.keySet().removeIf(this::isConstant);
        return personal;
    }

    private Stream<FieldMapping> flags() {
        return gone.stream().flatMap(flag -> Stream.of(flag.field, flag.back)).filter(Objects::nonNull);
    }

    /**
     * Why the CRM would refuse contacts because of what is here for a field of it: constants, and what salutations
     * become.
     *
     * @param whenGone as for {@link #map}
     */
    public List<String> misfits(CrmField there, Gone whenGone) {
        Set<String> known = new TreeSet<>();
        boolean constant = true;
        for (FieldMapping field : Stream.concat(fields.stream(), whenGone == Gone.FLAG ? flags() : Stream.empty())
                .filter(field -> field.name().equals(there.name()))
                .toList()) {
            constant &= field.isFixed() || field.type() != ValueType.TEXT;
            if (field.isFixed()) {
                known.add(field.constant());
            } else if (!field.valueMap().isEmpty()) {
                known.addAll(field.valueMap().results());
            } else if (field.transforms().contains(FieldTransform.SALUTATION)) {
                known.addAll(transforms.salutations().values());
            }
            if (field.fallback() != null) {
                known.add(field.fallback());
            }
        }
        return there.misfits(known, constant);
    }

    /**
     * What a record is sent that is flagged: what is the same for all contacts, and what says that JTL has it no
     * longer.
     */
    public Map<String, String> flagged() {
        Map<String, String> values = new LinkedHashMap<>();
        fields.stream().filter(FieldMapping::isConstant).forEach(field -> values.put(field.name(), field.constant()));
        values.putAll(gone());
        return values;
    }

    /** What says that JTL has the contact no longer, by name in the CRM; may be empty. */
    public Map<String, String> gone() {
        Map<String, String> values = new LinkedHashMap<>();
        gone.forEach(flag -> values.put(flag.field.name(), flag.field.constant()));
        return values;
    }

    /** Also the tenant's: ids of contacts are unique within one JTL-Wawi only. */
    public static String id(Delivery delivery) {
        return delivery.key().tenantId() + "/" + JtlId.text(delivery.key().contactId());
    }

    /** As {@link #id}, of the customer that the contact belongs to. */
    public static String companyId(Delivery delivery) {
        return delivery.key().tenantId() + "/" + JtlId.text(delivery.key().customerId());
    }

    /**
     * The fields to send, in the order of the file: "" where the CRM's value is to be cleared, null where what the CRM
     * has is to be sent back.
     *
     * @param nullHandling  of fields that have no value
     * @param whenGone what becomes of contacts that JTL has no longer: those that are flagged then have the flag
     *        cleared
     *                 as long as JTL has them, perhaps again
     */
    public Map<String, String> map(Delivery delivery, NullHandling nullHandling, Gone whenGone) {
        UnaryOperator<String> contact = lookups.of(delivery);
        Map<String, String> mapped = new LinkedHashMap<>();
        for (FieldMapping field : fields) {
            String value = field.fill(contact, transforms.counting(field, contact));
            if (value != null && !value.isEmpty()) {
                mapped.put(field.name(), value);
            } else if (field.clears() || nullHandling.of(value) == Rule.CLEAR) {
                mapped.put(field.name(), "");
            } else if (nullHandling.of(value) == Rule.KEEP) {
                mapped.put(field.name(), null);
            }
        }
        if (whenGone == Gone.FLAG) {
            gone.forEach(flag -> mapped.putIfAbsent(flag.field.name(), flag.back == null ? "" : flag.back.constant()));
        }
        return mapped;
    }

    /** Why a contact is not sent as it is, without its data; null when nothing speaks against it. */
    public String refusal(Delivery delivery) {
        UnaryOperator<String> contact = lookups.of(delivery);
        for (FieldMapping field : fields) {
            int excess = field.excess(contact, transforms.silent(field, contact));
            if (excess > 0) {
                return "Its value for " + field.name() + " has " + excess + " characters, and " + file
                        + " allows " + field.maxLength() + " (too-long: refuse): shorten it in JTL-Wawi, or let the"
                        + " mapping cut it";
            }
        }
        return null;
    }

    /** Null when it is sent, as far as the mapping says. */
    public DeliveryResult.LeftOut leftOut(Delivery delivery) {
        return filter.leftOut(delivery, lookups.of(delivery));
    }

    /** Tells whether a value that the CRM shows is the one that it was sent. */
    public ValueComparison comparison() {
        return comparison;
    }

    private Optional<FieldMapping> field(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /** When a field is written into a record that is there. */
    public WritePolicy write(String name) {
        return field(name).map(FieldMapping::write).orElse(WritePolicy.ALWAYS);
    }

    /** The first field that holds the e-mail address, and nothing else; null when there is none. */
    public String emailField() {
        return fields.stream()
                .filter(field -> field.isOnly(Set.of(FieldSource.EMAIL_ADDRESS.toString())))
                .map(FieldMapping::name)
                .findFirst()
                .orElse(null);
    }

    /** Whether it has to be known what the CRM has before a record is written. */
    public boolean readsBeforeItWrites() {
        return fields.stream().anyMatch(field -> field.write() != WritePolicy.ALWAYS);
    }

    /** How many so far stayed as they are because they could not be read, also for steps. */
    public long unreadablePhoneNumbers() {
        return transforms.unreadableNumbers();
    }
}
