package de.contactsync.crm.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import de.contactsync.crm.CrmClient;
import de.contactsync.crm.CrmJson;
import de.contactsync.crm.CrmReading;
import de.contactsync.crm.CrmReading.State;
import de.contactsync.crm.CrmRecord;
import de.contactsync.crm.CrmRequest;
import de.contactsync.crm.CrmResponse;
import de.contactsync.crm.EmailMatcher;
import de.contactsync.crm.ErrorSanitizer;
import de.contactsync.crm.mapping.Mapping;
import de.contactsync.model.DeliveryResult;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Finds records by e-mail addresses, and gives those that are no contact's the keys of contacts. */
final class SalesforceEmails {

    /** A URL must not get longer than 16,384 bytes, and what is in it is encoded. */
    private static final int LONGEST_LIST = 4_000;

    private final CrmClient calls;
    private final SalesforceAnswers answers;
    private final SalesforceQueries queries;
    private final Mapping mapping;
    private final String root;
    private final String object;

    /** @param root such as {@code /services/data/v62.0} */
    SalesforceEmails(
            CrmClient calls,
            SalesforceAnswers answers,
            SalesforceQueries queries,
            Mapping mapping,
            String root,
            String object) {
        this.calls = calls;
        this.answers = answers;
        this.queries = queries;
        this.mapping = mapping;
        this.root = root;
        this.object = object;
    }

    /** As {@link de.contactsync.crm.Crm#readByEmail}. */
    List<CrmReading> read(List<CrmRecord> contacts, long ends) {
        String email = mapping.emailField();
        Set<String> names = new LinkedHashSet<>(List.of("Id", mapping.key(), email));
        contacts.forEach(contact -> names.addAll(contact.fields().keySet()));
        Set<String> addresses =
                contacts.stream().map(this::address).collect(Collectors.toCollection(LinkedHashSet::new));
        String list = addresses.stream().map(SalesforceEmails::quoted).collect(Collectors.joining(", "));
        if (list.length() > LONGEST_LIST && contacts.size() > 1) {
            return readHalves(contacts, ends);
        }
        SalesforceQueries.Reading found = queries.query(
                "/query",
                "SELECT " + String.join(", ", names) + " FROM " + object + " WHERE " + email + " IN (" + list + ")",
                ends);
        if (found.failure() != null) {
            // It may fail on one of them.
            return contacts.size() == 1 ? List.of(CrmReading.of(State.UNREADABLE, null)) : readHalves(contacts, ends);
        }
        Map<String, List<CrmReading>> byAddress = new HashMap<>();
        for (JsonNode record : found.records()) {
            byAddress
                    .computeIfAbsent(record.path(email).asText().toLowerCase(Locale.ROOT), each -> new ArrayList<>())
                    .add(new CrmReading(
                            State.FOUND, record.path("Id").asText(), SalesforceReads.fields(record, names)));
        }
        return contacts.stream()
                .map(contact ->
                        EmailMatcher.together(byAddress.getOrDefault(address(contact), List.of()), mapping.key()))
                .toList();
    }

    private List<CrmReading> readHalves(List<CrmRecord> contacts, long ends) {
        int half = contacts.size() / 2;
        List<CrmReading> both = new ArrayList<>(read(contacts.subList(0, half), ends));
        both.addAll(read(contacts.subList(half, contacts.size()), ends));
        return both;
    }

    private String address(CrmRecord contact) {
        return EmailMatcher.address(contact, mapping).toLowerCase(Locale.ROOT);
    }

    /** As SOQL has a text. */
    private static String quoted(String text) {
        return '\'' + text.replace("\\", "\\\\").replace("'", "\\'") + '\'';
    }

    /** @return of contacts that take over a record and have not got it, what is to be said of them */
    Map<CrmRecord, DeliveryResult> take(List<CrmRecord> batch, long ends) {
        List<CrmRecord> taking =
                batch.stream().filter(contact -> contact.takes() != null).toList();
        Map<CrmRecord, DeliveryResult> without = new IdentityHashMap<>();
        if (taking.isEmpty()) {
            return without;
        }
        ObjectNode body = CrmJson.object().put("allOrNone", false);
        ArrayNode records = body.putArray("records");
        for (CrmRecord contact : taking) {
            ObjectNode record = records.addObject();
            record.putObject("attributes").put("type", object);
            record.put("id", contact.takes()).put(mapping.key(), contact.id());
        }
        CrmResponse answer = calls.call(
                new CrmRequest("PATCH", root + "/composite/sobjects", CrmJson.bytes(body)), answers::judgeWrite, ends);
        JsonNode results = CrmJson.read(answer);
        boolean each = answer.status() == 200 && results.isArray() && results.size() == taking.size();
        for (int i = 0; i < taking.size(); i++) {
            SalesforceError error = SalesforceError.of(each ? results.path(i).path("errors") : results);
            if (!each || !results.path(i).path("success").asBoolean(false)) {
                boolean smaller = taking.size() > 1 && (!each || error.isPassing());
                without.put(
                        taking.get(i),
                        smaller
                                ? new DeliveryResult.Unsent()
                                : answers.refused(
                                        answer.status(), error, taking.get(i).fields(), ErrorSanitizer.ONCE_CHANGED));
            }
        }
        return without;
    }
}
