package de.contactsync.crm;

import de.contactsync.crm.CrmReading.State;
import de.contactsync.crm.CrmSettings.Match;
import de.contactsync.crm.CrmSettings.Mode;
import de.contactsync.crm.mapping.Mapping;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Finds for contacts that were never delivered the records that people have made of them: the only one with the
 * contact's e-mail address, where it is no contact's and no record has the contact's key. Changes nothing. Used by one
 * thread.
 */
public final class EmailMatcher {

    /**
     * What there is of a contact.
     *
     * @param reading {@link State#MERGED} not by the key: there is none, and the address is another contact's record's
     * @param byKey   whether it was found by the contact's key, or is missing
     * @param written names of the fields that are written because the record has something else
     */
    public record Preview(CrmReading reading, boolean byKey, Set<String> written) {}

    private final CrmSettings settings;
    private final Mapping mapping;
    private final Crm crm;
    private final CrmClient calls;

    EmailMatcher(CrmSettings settings, Mapping mapping, Crm crm, CrmClient calls) {
        this.settings = settings;
        this.mapping = mapping;
        this.crm = crm;
        this.calls = calls;
    }

    /** Whether anything is looked for by e-mail address. */
    boolean isOn() {
        return settings.match() == Match.EMAIL;
    }

    /**
     * Whether it is enough to look once the CRM has refused a contact: where an address is one record's only, it refuses
     * whatever would be a second one.
     */
    boolean mayWait() {
        CrmKind.UniqueField unique = settings.kind().uniqueField();
        return unique != null
                && unique.name().equals(mapping.emailField())
                && settings.mode() == Mode.UPSERT
                && !mapping.readsBeforeItWrites();
    }

    boolean concerns(Delivery delivery) {
        return isOn() && !delivery.known() && delivery.remoteId() == null;
    }

    /** Most contacts of a call of {@link #preview}. */
    public int batchSize() {
        return crm.readBatchSize();
    }

    /**
     * What there is of contacts that were never delivered, as an import would find it.
     *
     * @param taken ids of records that others take over, to which those are added that these do
     * @return in order
     * @throws de.contactsync.model.ProcessingHaltedException when the CRM cannot be asked now
     */
    public List<Preview> preview(List<Delivery> deliveries, Set<String> taken) {
        List<CrmRecord> records = deliveries.stream()
                .map(delivery -> new CrmRecord(
                        delivery,
                        settings.kind().recordKey(delivery),
                        mapping.map(delivery, settings.kind().nullHandling(), settings.gone())))
                .toList();
        long ends = System.nanoTime() + CrmAudit.PATIENCE.toNanos();
        try {
            List<CrmReading> byKey = crm.read(records, ends);
            List<CrmReading> readings = matchOrOthers(records, byKey, taken, ends);
            FieldPolicies policies = new FieldPolicies(mapping, false);
            List<Preview> previews = new ArrayList<>();
            for (int i = 0; i < readings.size(); i++) {
                CrmReading reading = readings.get(i);
                previews.add(new Preview(reading, reading == byKey.get(i), policies.written(records.get(i), reading)));
            }
            return previews;
        } catch (UnexpectedAnswerException e) {
            throw calls.halt(e.why());
        }
    }

    /**
     * @param byKey what was found by the keys
     * @param taken as for {@link #preview}
     * @return the same, but for those that are missing: {@link State#FOUND} with the id of the record to be taken over,
     *         or {@link State#DOUBLED} with the ids of several
     */
    List<CrmReading> match(List<CrmRecord> contacts, List<CrmReading> byKey, Set<String> taken, long ends) {
        List<CrmReading> matched = new ArrayList<>(matchOrOthers(contacts, byKey, taken, ends));
        for (int i = 0; i < matched.size(); i++) {
            if (matched.get(i).state() == State.MERGED) {
                matched.set(i, byKey.get(i));
            }
        }
        return matched;
    }

    /** As {@link #match}, and {@link State#MERGED} where the address is another contact's record's. */
    private List<CrmReading> matchOrOthers(
            List<CrmRecord> contacts, List<CrmReading> byKey, Set<String> taken, long ends) {
        List<Integer> missing = new ArrayList<>();
        for (int i = 0; i < contacts.size(); i++) {
            if (concerns(contacts.get(i).delivery())
                    && byKey.get(i).state() == State.MISSING
                    && address(contacts.get(i)) != null) {
                missing.add(i);
            }
        }
        if (missing.isEmpty()) {
            return byKey;
        }
        List<CrmReading> found =
                crm.readByEmail(missing.stream().map(contacts::get).toList(), ends);
        List<CrmReading> matched = new ArrayList<>(byKey);
        for (int i = 0; i < found.size(); i++) {
            CrmReading reading = found.get(i);
            boolean isTaken = reading.state() == State.FOUND && !taken.add(reading.recordId());
            if (!isTaken) {
                matched.set(missing.get(i), reading);
            }
        }
        return matched;
    }

    private String address(CrmRecord contact) {
        return address(contact, mapping);
    }

    /** The contact's e-mail address as it is sent; null when it has none. */
    public static String address(CrmRecord contact, Mapping mapping) {
        String address = contact.fields().get(mapping.emailField());
        return address == null || address.isBlank() ? null : address.strip();
    }

    /**
     * @param records that have the address: found, with their keys among the fields, or {@link State#MERGED}
     * @param key     the field of the keys
     * @return what they are together
     */
    public static CrmReading together(List<CrmReading> records, String key) {
        Set<String> ids = new HashSet<>();
        List<CrmReading> free = new ArrayList<>();
        for (CrmReading record : records) {
            String owner = record.fields().get(key);
            boolean isFree = record.state() == State.FOUND && (owner == null || owner.isBlank());
            if (ids.add(record.recordId()) && isFree) {
                free.add(record);
            }
        }
        if (free.size() > 1) {
            return CrmReading.of(
                    State.DOUBLED,
                    String.join(", ", free.stream().map(CrmReading::recordId).toList()));
        }
        return ids.isEmpty()
                ? CrmReading.of(State.MISSING, null)
                : ids.size() == 1 && free.size() == 1
                        ? free.get(0)
                        : CrmReading.of(State.MERGED, records.get(0).recordId());
    }

    /** Of {@link State#DOUBLED}: a third record would be made, or the wrong one of two taken. */
    static DeliveryResult ambiguous(CrmReading several) {
        return new DeliveryResult.Refused(new Outcome.Failed(
                Reason.SINK_REJECTED,
                null,
                null,
                "Several records of the CRM have the contact's e-mail address, and none is a contact's of JTL-Wawi ("
                        + several.recordId().replaceAll("[^\\w, -]", "?") + "): merge them there, or enter the"
                        + " contact's key in the right one, then the command replay tries again",
                null,
                1));
    }
}
