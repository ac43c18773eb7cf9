package de.contactsync.crm;

import de.contactsync.crm.CrmReading.State;
import de.contactsync.crm.mapping.Mapping;
import de.contactsync.crm.mapping.WritePolicy;
import de.contactsync.model.Delivery;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * What of a contact is written, by what the CRM has: fields that belong to the people there are left to them, and those
 * that are the same already are not sent.
 *
 * @param whole whether a record is sent as a whole, so that what is left as it is is sent back
 */
public record FieldPolicies(Mapping mapping, boolean whole) {

    /** Before the hash of a value that a person has put in place of the one that was written. */
    private static final String EDITED = "!";

    /**
     * @param record  with the fields that are left to be written
     * @param hashes  as of {@link Delivery#fieldHashes} once it is accepted; null for none
     * @param attempt as of {@link Delivery#fieldHashes} from before it is written, so that what is written counts as
     *                ours where nobody learns whether it was accepted; null for none
     * @param edited  what is to be reported
     * @param unshown a field of which the CRM does not show what it has; null for none
     */
    record Decision(CrmRecord record, String hashes, String attempt, List<ReviewFile.Line> edited, String unshown) {

        /** @param unwritten fields that were left out of what is accepted: of them is known what was before */
        String hashesBut(Predicate<String> unwritten, String before) {
            Map<String, String> all = parse(hashes);
            all.keySet().removeIf(unwritten);
            parse(before).forEach((name, hash) -> {
                if (unwritten.test(name)) {
                    all.put(name, hash);
                }
            });
            return text(all);
        }
    }

    Decision decide(CrmRecord contact, CrmReading reading) {
        boolean there = reading.state() == State.FOUND || reading.state() == State.DOUBLED;
        Map<String, String> known = parse(contact.delivery().fieldHashes());
        Map<String, String> fields = new LinkedHashMap<>();
        Map<String, String> hashes = new TreeMap<>();
        Map<String, String> attempt = new TreeMap<>(known);
        List<ReviewFile.Line> edited = new ArrayList<>();
        for (Map.Entry<String, String> field : contact.fields().entrySet()) {
            String name = field.getKey();
            String value = field.getValue();
            WritePolicy policy = mapping.write(name);
            boolean shown = there && (reading.whole() || reading.fields().containsKey(name));
            if (value == null || !there || !shown && policy == WritePolicy.ALWAYS) {
                fields.put(name, value);
                if (value != null && policy == WritePolicy.UNLESS_EDITED) {
                    String hash = mapping.comparison().fingerprints(name, value);
                    hashes.put(name, hash);
                    attempt.merge(name, hash, FieldPolicies::alsoOurs);
                }
                continue;
            }
            if (!shown) {
                return new Decision(contact, null, null, List.of(), name);
            }
            String inCrm =
                    reading.fields().get(name) == null ? "" : reading.fields().get(name);
            boolean same = mapping.comparison().isSame(name, value, inCrm);
            boolean keep =
                    switch (policy) {
                        case ALWAYS -> false;
                        case CREATE_ONLY -> true;
                        case WHEN_EMPTY -> !inCrm.isBlank();
                        case UNLESS_EDITED -> !same && isEdited(known.get(name), contact.delivery(), name, inCrm);
                    };
            if (policy == WritePolicy.UNLESS_EDITED) {
                String before = mapping.comparison().fingerprint(name, inCrm);
                String hash = keep ? EDITED + before : mapping.comparison().fingerprints(name, value);
                if (keep && !hash.equals(known.get(name))) {
                    edited.add(new ReviewFile.Line(contact.delivery().key(), reading.recordId(), name, inCrm, value));
                }
                hashes.put(name, hash);
                if (!keep) {
                    attempt.merge(name, alsoOurs(before, hash), FieldPolicies::alsoOurs);
                }
            }
            if (!keep && (whole || !same)) {
                fields.put(name, value);
            } else if (keep && whole && !inCrm.isEmpty()) {
                fields.put(name, reading.record() == null ? inCrm : null);
            }
        }
        // What has no value for once is not written, and stays known until it has one again.
        known.forEach((name, hash) -> {
            if (contact.fields().get(name) == null && mapping.write(name) == WritePolicy.UNLESS_EDITED) {
                hashes.put(name, hash);
            }
        });
        return new Decision(contact.with(fields).keeping(reading.record()), text(hashes), text(attempt), edited, null);
    }

    /** Names of the fields that are written into a record as it is; all where that is not known. */
    Set<String> written(CrmRecord contact, CrmReading reading) {
        return Set.copyOf(decide(contact, reading).record().fields().keySet());
    }

    /** What was delivered before the field had this policy was written last by us. */
    private boolean isEdited(String known, Delivery delivery, String name, String inCrm) {
        return known == null
                ? !delivery.known() && !inCrm.isBlank()
                : known.startsWith(EDITED) || !mapping.comparison().isAmong(ours(known), name, inCrm);
    }

    private static Set<String> ours(String hashes) {
        return new LinkedHashSet<>(List.of(hashes.split(" ")));
    }

    /** @param before what a person has put there is ours again once JTL has the same */
    private static String alsoOurs(String before, String hashes) {
        if (before.startsWith(EDITED)) {
            return hashes;
        }
        Set<String> all = ours(before);
        all.addAll(ours(hashes));
        return String.join(" ", all);
    }

    /**
     * Names of fields that people have changed in the CRM, and that were left as they are.
     *
     * @param hashes as of {@link Delivery#fieldHashes}
     */
    public static List<String> edited(String hashes) {
        return parse(hashes).entrySet().stream()
                .filter(field -> field.getValue().startsWith(EDITED))
                .map(Map.Entry::getKey)
                .toList();
    }

    private static Map<String, String> parse(String text) {
        Map<String, String> hashes = new LinkedHashMap<>();
        if (text != null) {
            text.lines().forEach(line -> {
                int end = line.lastIndexOf('=');
                hashes.put(line.substring(0, end), line.substring(end + 1));
            });
        }
        return hashes;
    }

    private static String text(Map<String, String> hashes) {
        StringBuilder text = new StringBuilder();
        hashes.forEach(
                (name, hash) -> text.append(name).append('=').append(hash).append('\n'));
        return text.isEmpty() ? null : text.toString();
    }
}
