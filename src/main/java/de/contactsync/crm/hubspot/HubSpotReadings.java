package de.contactsync.crm.hubspot;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import de.contactsync.crm.CrmJson;
import de.contactsync.crm.CrmReading;
import de.contactsync.crm.CrmReading.State;
import de.contactsync.crm.CrmRecord;
import de.contactsync.crm.CrmResponse;
import de.contactsync.crm.EmailMatcher;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** What HubSpot has in the fields of contacts, by {@link HubSpotReads}: for an audit, and to take over records. */
final class HubSpotReadings {

    private final HubSpotReads reads;
    private final String key;

    HubSpotReadings(HubSpotReads reads, String key) {
        this.reads = reads;
        this.key = key;
    }

    /**
     * What HubSpot has of contacts that were delivered: by their keys, and by the ids that are remembered where
     * that does not lead to the same record.
     *
     * @return in order
     */
    List<CrmReading> readAll(List<CrmRecord> delivered, long ends) {
        Set<String> names = new LinkedHashSet<>(List.of(key, HubSpotReads.MERGED));
        delivered.forEach(contact -> names.addAll(contact.fields().keySet()));
        CrmResponse answer =
                reads.read(key, delivered.stream().map(CrmRecord::id).toList(), List.copyOf(names), ends);
        if (HubSpotAnswers.fails(answer)) {
            return readHalves(delivered, ends);
        }
        Map<String, JsonNode> byKey = new HashMap<>();
        HubSpotReads.results(answer)
                .forEach(record -> byKey.put(record.path("properties").path(key).asText(), record));
        boolean complete = answer.status() / 100 == 2
                && (delivered.stream().allMatch(contact -> byKey.containsKey(contact.id()))
                        || HubSpotReads.hasErrors(CrmJson.read(answer)));
        if (!complete) {
            throw reads.unexpected(answer);
        }
        List<CrmRecord> elsewhere = delivered.stream()
                .filter(contact -> HubSpotAnswers.isRecordId(contact.delivery().remoteId())
                        && !HubSpotReads.ids(byKey.getOrDefault(contact.id(), MissingNode.getInstance()))
                                .contains(contact.delivery().remoteId()))
                .toList();
        Map<String, JsonNode> byId = new HashMap<>();
        if (!elsewhere.isEmpty()) {
            CrmResponse remembered = reads.read(
                    null,
                    elsewhere.stream()
                            .map(contact -> contact.delivery().remoteId())
                            .toList(),
                    List.copyOf(names),
                    ends);
            if (HubSpotAnswers.fails(remembered)) {
                return readHalves(delivered, ends);
            }
            if (remembered.status() / 100 != 2) {
                throw reads.unexpected(remembered);
            }
            HubSpotReads.results(remembered)
                    .forEach(record -> HubSpotReads.ids(record).forEach(id -> byId.put(id, record)));
        }
        return delivered.stream()
                .map(contact -> reading(
                        contact,
                        byKey.get(contact.id()),
                        byId.get(contact.delivery().remoteId()),
                        names))
                .toList();
    }

    /** It may fail on one of them. */
    private List<CrmReading> readHalves(List<CrmRecord> delivered, long ends) {
        if (delivered.size() == 1) {
            return List.of(CrmReading.of(State.UNREADABLE, null));
        }
        int half = delivered.size() / 2;
        List<CrmReading> both = new ArrayList<>(readAll(delivered.subList(0, half), ends));
        both.addAll(readAll(delivered.subList(half, delivered.size()), ends));
        return both;
    }

    /**
     * @param own        the record with the contact's key; null for none
     * @param remembered the one with the id that is remembered, where that is another; null for none
     */
    private CrmReading reading(CrmRecord contact, JsonNode own, JsonNode remembered, Set<String> names) {
        if (own == null && remembered == null) {
            return CrmReading.of(State.MISSING, null);
        }
        String owner = remembered == null
                ? ""
                : remembered.path("properties").path(key).asText("");
        if (own == null && !owner.isEmpty() && !owner.equals(contact.id())) {
            return new CrmReading(State.MERGED, remembered.path("id").asText(), Map.of(key, owner));
        }
        boolean doubled = own != null && remembered != null && owner.isEmpty();
        JsonNode record = own == null ? remembered : own;
        return new CrmReading(
                doubled ? State.DOUBLED : State.FOUND, record.path("id").asText(), fields(record, names));
    }

    /** As {@link de.contactsync.crm.Crm#readByEmail}; an address that HubSpot has as an additional one it does not tell. */
    List<CrmReading> readByEmail(List<CrmRecord> contacts, String email, long ends) {
        Set<String> names = new LinkedHashSet<>(List.of(key, email));
        contacts.forEach(contact -> names.addAll(contact.fields().keySet()));
        List<String> addresses = contacts.stream()
                .map(contact -> contact.fields().get(email).strip().toLowerCase(Locale.ROOT))
                .toList();
        CrmResponse answer = reads.read(email, addresses.stream().distinct().toList(), List.copyOf(names), ends);
        if (HubSpotAnswers.fails(answer)) {
            if (contacts.size() == 1) {
                return List.of(CrmReading.of(State.UNREADABLE, null));
            }
            int half = contacts.size() / 2;
            List<CrmReading> both = new ArrayList<>(readByEmail(contacts.subList(0, half), email, ends));
            both.addAll(readByEmail(contacts.subList(half, contacts.size()), email, ends));
            return both;
        }
        Map<String, JsonNode> byAddress = new HashMap<>();
        HubSpotReads.results(answer)
                .forEach(record -> byAddress.put(
                        record.path("properties").path(email).asText().toLowerCase(Locale.ROOT), record));
        boolean complete = answer.status() / 100 == 2
                && (byAddress.keySet().containsAll(addresses) || HubSpotReads.hasErrors(CrmJson.read(answer)));
        if (!complete) {
            throw reads.unexpected(answer);
        }
        return addresses.stream()
                .map(address -> byAddress.containsKey(address)
                        ? EmailMatcher.together(
                                List.of(new CrmReading(
                                        State.FOUND,
                                        byAddress.get(address).path("id").asText(),
                                        fields(byAddress.get(address), names))),
                                key)
                        : CrmReading.of(State.MISSING, null))
                .toList();
    }

    private static Map<String, String> fields(JsonNode record, Set<String> names) {
        Map<String, String> fields = new HashMap<>();
        names.forEach(
                name -> fields.put(name, record.path("properties").path(name).asText(null)));
        return fields;
    }
}
