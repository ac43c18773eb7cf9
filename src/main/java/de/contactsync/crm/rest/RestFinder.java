package de.contactsync.crm.rest;

import com.fasterxml.jackson.databind.JsonNode;
import de.contactsync.crm.CallDecision;
import de.contactsync.crm.CrmClient;
import de.contactsync.crm.CrmJson;
import de.contactsync.crm.CrmRecord;
import de.contactsync.crm.CrmResponse;
import de.contactsync.crm.CrmTrial;
import de.contactsync.crm.UnexpectedAnswerException;
import de.contactsync.crm.rest.RestResponseParser.Result;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Finds the record of a contact by its key, or those that there are by something else. Many servers ignore a parameter that they do not know and list whatever they
 * have, so a record that does not show its key, or a list without the contact's, is believed only of a call that has
 * found nothing for a made-up contact. Thread-safe.
 */
final class RestFinder {

    /** Of the records that have the contact's key the only one; or their ids, and what there is to say instead. */
    record Found(String id, JsonNode record, DeliveryResult instead) {}

    /** Of several records with one key. */
    private static final int MOST_NAMED = 3;

    private final RestMode.FindThenWrite mode;
    private final RequestTemplate find;
    private final String setting;
    private final CrmClient calls;
    private final RestSettings settings;
    private final RestRequestBuilder requests;
    private final RestMessages words;
    /** Whether the call was seen to find nothing for a made-up contact. */
    private volatile boolean filters;

    /**
     * @param find    the call
     * @param setting that has it
     */
    RestFinder(
            RestMode.FindThenWrite mode,
            RequestTemplate find,
            String setting,
            CrmClient calls,
            RestSettings settings,
            RestRequestBuilder requests,
            RestMessages words) {
        this.mode = mode;
        this.find = find;
        this.setting = setting;
        this.calls = calls;
        this.settings = settings;
        this.requests = requests;
        this.words = words;
    }

    /** Null when nothing is lacking that the call needs. */
    DeliveryResult lacking(Delivery delivery) {
        String lacking = find.lacking(requests.values(delivery, null));
        return lacking == null ? null : RestRefusals.lacking(find, lacking);
    }

    /**
     * Looks for a contact that there cannot be.
     *
     * @return how it was answered, for people
     * @throws de.contactsync.model.ProcessingHaltedException when it was refused, or records were found
     */
    String lookForNobody(long ends) {
        CrmResponse answer = calls.call(requests.find(find, CrmTrial.NOBODY), given -> judge(given, List.of()), ends);
        if (mode.none().isSaidBy(answer, mode.found())) {
            filters = true;
            return "answered with status " + answer.status();
        }
        if (isRefused(answer)) {
            throw calls.halt(words.check(setting, find, answer, one(answer)));
        }
        int records = records(answer).size();
        if (records > 0) {
            throw calls.halt(RestHalts.foundForNobody(setting, find, answer, records));
        }
        filters = true;
        return "answered with no record";
    }

    /**
     * @param next what becomes of the contact when it is refused, see {@link de.contactsync.crm.ErrorSanitizer}
     * @return null when it is not there
     */
    Found find(CrmRecord contact, String next, long ends) {
        CrmResponse answer =
                calls.call(requests.find(find, contact.delivery()), given -> judge(given, List.of(contact)), ends);
        if (mode.none().isSaidBy(answer, mode.found())) {
            return null;
        }
        if (isRefused(answer)) {
            return new Found(null, null, words.receipt(find, answer, one(answer), contact, null, next));
        }
        Map<String, JsonNode> found = found(answer, contact.id(), ends);
        if (found.isEmpty()) {
            return null;
        }
        String id = found.keySet().iterator().next();
        return found.size() == 1
                ? new Found(id, found.get(id), null)
                : new Found(
                        found.keySet().stream().limit(MOST_NAMED).collect(Collectors.joining(", ")),
                        null,
                        RestRefusals.ambiguous(find, found.keySet()));
    }

    /**
     * Whatever contacts' they are.
     *
     * @return null when the CRM refuses to tell
     */
    List<Found> findAll(CrmRecord contact, long ends) {
        CrmResponse answer =
                calls.call(requests.find(find, contact.delivery()), given -> judge(given, List.of(contact)), ends);
        if (mode.none().isSaidBy(answer, mode.found())) {
            return List.of();
        }
        if (isRefused(answer)) {
            return null;
        }
        List<Found> all = new ArrayList<>();
        for (JsonNode record : records(answer)) {
            String id = id(record);
            if (id == null) {
                throw new UnexpectedAnswerException(answer, RestHalts.foundWithoutId(find, answer));
            }
            requireShown(answer, record);
            all.add(new Found(id, record, null));
        }
        if (!filters && !all.isEmpty()) {
            lookForNobody(ends);
        }
        return all;
    }

    /** Whether what was found is known to have the contact's key. */
    boolean isProven(Found found, CrmRecord contact) {
        return mode.foundKey() != null || requests.isOf(found.record(), contact.id());
    }

    private Result one(CrmResponse answer) {
        return settings.answers().one(find, answer);
    }

    private boolean isRefused(CrmResponse answer) {
        return settings.answers().results() == null && !one(answer).ok() || answer.status() / 100 != 2;
    }

    /** @param contacts that are looked for; empty when it is to be seen only whether the CRM answers */
    private CallDecision judge(CrmResponse answer, List<CrmRecord> contacts) {
        // Results are of writes.
        boolean answered = answer.status() / 100 == 2 && settings.answers().results() != null;
        return answered || mode.none().isSaidBy(answer, mode.found())
                ? new CallDecision.Answered()
                : words.verdict(find, answer, one(answer), contacts);
    }

    /** Of whatever contacts. */
    private List<JsonNode> records(CrmResponse answer) {
        JsonNode found = CrmJson.read(answer).at(mode.found());
        // In a list there may be records of others, which need not show what ours do.
        if (found.isMissingNode() || !found.isArray() && !found.isNull() && id(found) == null) {
            throw new UnexpectedAnswerException(answer, RestHalts.nothingFound(find, answer));
        }
        List<JsonNode> records = new ArrayList<>();
        for (JsonNode record : found.isArray() ? found : CrmJson.array(found)) {
            if (!record.isObject() && id(record) == null) {
                throw new UnexpectedAnswerException(answer, RestHalts.nothingFound(find, answer));
            }
            records.add(record);
        }
        return records;
    }

    /** Those of the contact, by their ids. */
    private Map<String, JsonNode> found(CrmResponse answer, String key, long ends) {
        List<JsonNode> all = records(answer);
        Map<String, JsonNode> records = new LinkedHashMap<>();
        boolean shown = false;
        for (JsonNode record : all) {
            if (mode.foundKey() == null && requests.belongsToAnother(record, key)) {
                throw new UnexpectedAnswerException(answer, RestHalts.foundAnother(find, answer));
            }
            if (mode.foundKey() == null || record.at(mode.foundKey()).asText("").equals(key)) {
                String id = id(record);
                if (id == null) {
                    throw new UnexpectedAnswerException(answer, RestHalts.foundWithoutId(find, answer));
                }
                requireShown(answer, record);
                records.put(id, record);
                shown |= mode.foundKey() != null || requests.isOf(record, key);
            }
        }
        if (!filters && !shown && !all.isEmpty()) {
            lookForNobody(ends);
        }
        return records;
    }

    /** What an update repeats of the record. */
    private void requireShown(CrmResponse answer, JsonNode record) {
        String unshown = mode.update().unshown(record);
        if (unshown != null) {
            throw new UnexpectedAnswerException(answer, RestHalts.foundWithout(find, answer, unshown, setting));
        }
    }

    /** Null when it has none. */
    private String id(JsonNode record) {
        return RestResponseParser.usable(mode.foundId().text(record));
    }
}
