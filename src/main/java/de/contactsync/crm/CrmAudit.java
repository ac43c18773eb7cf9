package de.contactsync.crm;

import de.contactsync.crm.mapping.Mapping;
import de.contactsync.crm.mapping.WritePolicy;
import de.contactsync.model.ContactKey;
import de.contactsync.model.Delivery;
import de.contactsync.model.ProcessingHaltedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Compares what a CRM has with what it was sent; changes nothing in it. Used by one thread. */
public final class CrmAudit {

    static final Duration PATIENCE = Duration.ofMinutes(10);

    /** What became of a contact that was delivered, worst last. */
    public enum Verdict {
        AS_SENT("as sent"),
        /** There, and the CRM shows none of the fields that are compared. */
        NOT_COMPARED("not compared"),
        /** As sent: its address is another record's there. */
        WITHOUT_EMAIL("without e-mail"),
        EDITED("edited"),
        MISSING("missing"),
        MERGED("merged"),
        DOUBLED("doubled"),
        UNREADABLE("unreadable");

        private final String label;

        Verdict(String label) {
            this.label = label;
        }

        @Override
        public String toString() {
            return label;
        }
    }

    /** @param there null when the CRM has no value */
    public record Difference(String field, String sent, String there) {}

    /**
     * @param recordId    in the CRM; several of one that is doubled; null when none is known
     * @param differences also those of the parts
     * @param parts       what belongs to the contact and was compared
     */
    public record Finding(
            Delivery delivery,
            Verdict verdict,
            String recordId,
            List<Difference> differences,
            List<PartFinding> parts) {

        public ContactKey key() {
            return delivery.key();
        }

        /** Without values. */
        @Override
        public String toString() {
            return key() + " " + verdict;
        }
    }

    private final CrmSettings settings;
    private final Mapping mapping;
    private final Crm crm;
    private final CrmClient calls;
    private final Set<String> shown = new HashSet<>();
    private final Set<String> notShown = new TreeSet<>();

    CrmAudit(CrmSettings settings, Mapping mapping, Crm crm, CrmClient calls) {
        this.settings = settings;
        this.mapping = mapping;
        this.crm = crm;
        this.calls = calls;
    }

    /** Most contacts of a call of {@link #compare}. */
    public int batchSize() {
        return crm.readBatchSize();
    }

    /** Fields that were compared for no contact, since the CRM does not show them. */
    public Set<String> notShown() {
        Set<String> none = new TreeSet<>(notShown);
        none.removeAll(shown);
        none.addAll(crm.unreadableParts());
        return none;
    }

    /**
     * @param delivered no contact twice
     * @return in their order
     * @throws ProcessingHaltedException when the CRM cannot be asked now
     */
    public List<Finding> compare(List<Delivery> delivered) {
        List<CrmRecord> records = delivered.stream()
                .map(delivery -> new CrmRecord(
                        delivery,
                        settings.kind().recordKey(delivery),
                        mapping.map(delivery, settings.kind().nullHandling(), settings.gone())))
                .toList();
        long ends = System.nanoTime() + PATIENCE.toNanos();
        try {
            List<CrmReading> readings = crm.read(records, ends);
            Iterator<List<PartFinding>> parts = parts(records, readings, ends).iterator();
            List<Finding> findings = new ArrayList<>();
            for (int i = 0; i < records.size(); i++) {
                boolean found = readings.get(i).state() == CrmReading.State.FOUND;
                findings.add(finding(records.get(i), readings.get(i), found ? parts.next() : List.of()));
            }
            return findings;
        } catch (UnexpectedAnswerException e) {
            throw calls.halt(e.why());
        }
    }

    /** Of those that were found. */
    private List<List<PartFinding>> parts(List<CrmRecord> records, List<CrmReading> readings, long ends) {
        List<CrmRecord> found = new ArrayList<>();
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < records.size(); i++) {
            if (readings.get(i).state() == CrmReading.State.FOUND) {
                found.add(records.get(i));
                ids.add(readings.get(i).recordId());
            }
        }
        return found.isEmpty() ? List.of() : crm.compareParts(found, ids, ends);
    }

    private Finding finding(CrmRecord sent, CrmReading reading, List<PartFinding> parts) {
        List<Difference> differences =
                switch (reading.state()) {
                    case FOUND -> differences(sent, reading);
                    case MERGED -> otherKey(sent, reading);
                    default -> new ArrayList<>();
                };
        parts.forEach(part -> differences.addAll(part.differences()));
        Verdict verdict =
                switch (reading.state()) {
                    case FOUND -> verdict(asSent(sent, reading, parts), differences, parts);
                    case MISSING -> Verdict.MISSING;
                    case MERGED -> Verdict.MERGED;
                    case DOUBLED -> Verdict.DOUBLED;
                    case UNREADABLE -> Verdict.UNREADABLE;
                };
        return new Finding(sent.delivery(), verdict, recordId(sent.delivery().remoteId(), reading), differences, parts);
    }

    /** Of one that was found: what a person has to decide, before what sending mends. */
    private static Verdict verdict(Verdict asSent, List<Difference> differences, List<PartFinding> parts) {
        Set<Verdict> ofParts = parts.stream().map(PartFinding::verdict).collect(Collectors.toSet());
        if (ofParts.contains(Verdict.DOUBLED)) {
            return Verdict.DOUBLED;
        }
        if (!differences.isEmpty() || ofParts.contains(Verdict.EDITED) || ofParts.contains(Verdict.MISSING)) {
            return Verdict.EDITED;
        }
        if (ofParts.contains(Verdict.UNREADABLE)) {
            return Verdict.UNREADABLE;
        }
        return asSent;
    }

    /** Of one without a difference. */
    private Verdict asSent(CrmRecord sent, CrmReading reading, List<PartFinding> parts) {
        if (lacksEmail(sent, reading)) {
            return Verdict.WITHOUT_EMAIL;
        }
        List<String> compared = sent.fields().keySet().stream()
                .filter(name -> isCompared(sent, name))
                .toList();
        boolean none = compared.stream().noneMatch(reading.fields()::containsKey);
        return none && !compared.isEmpty() && parts.isEmpty() ? Verdict.NOT_COMPARED : Verdict.AS_SENT;
    }

    /** Of a doubled one both. */
    private static String recordId(String remembered, CrmReading reading) {
        if (reading.recordId() == null) {
            return remembered;
        }
        boolean second = reading.state() == CrmReading.State.DOUBLED
                && remembered != null
                && !List.of(reading.recordId().split(", ")).contains(remembered);
        return second ? reading.recordId() + ", " + remembered : reading.recordId();
    }

    private List<Difference> differences(CrmRecord sent, CrmReading reading) {
        List<Difference> differences = otherKey(sent, reading);
        sent.fields().forEach((name, value) -> {
            if (isCompared(sent, name)) {
                compare(name, value, reading.fields(), differences);
            }
        });
        return differences;
    }

    private List<Difference> otherKey(CrmRecord sent, CrmReading reading) {
        List<Difference> differences = new ArrayList<>();
        String key = reading.fields().get(mapping.key());
        // Some write ids in capitals.
        if (reading.fields().containsKey(mapping.key()) && !sent.id().equalsIgnoreCase(key)) {
            differences.add(new Difference(mapping.key(), sent.id(), key));
        }
        return differences;
    }

    /** What the CRM's own value was sent back for is the CRM's, and so is what people may change there. */
    private boolean isCompared(CrmRecord sent, String field) {
        return sent.fields().get(field) != null
                && mapping.write(field) == WritePolicy.ALWAYS
                && !isLeftOut(sent, field);
    }

    /** Whether the contact was accepted without this field, since another record has its value. */
    private boolean isLeftOut(CrmRecord sent, String field) {
        return sent.delivery().lacksOnlyEmail() && settings.kind().isUnique(field);
    }

    private boolean lacksEmail(CrmRecord sent, CrmReading reading) {
        return sent.fields().entrySet().stream()
                .filter(field -> isLeftOut(sent, field.getKey()))
                .anyMatch(field -> !mapping.comparison()
                        .isSameInAnyCase(
                                field.getKey(),
                                field.getValue(),
                                Objects.requireNonNullElse(reading.fields().get(field.getKey()), "")));
    }

    private void compare(String name, String sent, Map<String, String> fields, List<Difference> differences) {
        if (!fields.containsKey(name)) {
            notShown.add(name);
            return;
        }
        shown.add(name);
        String there = fields.get(name);
        if (!mapping.comparison().isSameInAnyCase(name, sent, Objects.requireNonNullElse(there, ""))) {
            differences.add(new Difference(name, sent, there));
        }
    }
}
