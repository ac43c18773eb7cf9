package de.contactsync.crm.rest;

import com.fasterxml.jackson.databind.JsonNode;
import de.contactsync.crm.CallDecision;
import de.contactsync.crm.CrmClient;
import de.contactsync.crm.CrmJson;
import de.contactsync.crm.CrmRecord;
import de.contactsync.crm.CrmResponse;
import de.contactsync.crm.RemotePresence;
import de.contactsync.crm.rest.RestResponseParser.Result;
import de.contactsync.model.DeliveryResult;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Reads records by ids that are remembered, and those that they were merged into. */
final class RestReader {

    /**
     * @param id      of the record that was read last
     * @param isGone  whether that is not there
     * @param endless what there is to say of merges that end nowhere; null else
     */
    record Reading(String id, CrmResponse answer, Result result, boolean isGone, DeliveryResult endless) {

        JsonNode record() {
            return CrmJson.read(answer);
        }
    }

    private final RestSettings settings;
    private final CrmClient calls;
    private final RestRequestBuilder requests;
    private final RestMessages words;

    RestReader(RestSettings settings, CrmClient calls, RestRequestBuilder requests, RestMessages words) {
        this.settings = settings;
        this.calls = calls;
        this.requests = requests;
        this.words = words;
    }

    /** Whether there is a call that reads. */
    boolean canRead() {
        return settings.existing().read() != null;
    }

    /** Whether that call needs the id of the record. */
    boolean needsRemoteId() {
        return settings.existing().read().needsRemoteId();
    }

    /** Empty when the record shows none. */
    String keyIn(Reading reading) {
        return requests.keyIn(reading.record());
    }

    Reading read(CrmRecord contact, String remembered, long ends) {
        RestExisting existing = settings.existing();
        RequestTemplate read = existing.read();
        // Null for one that is read by the contact's key.
        List<String> ids = new ArrayList<>();
        ids.add(remembered);
        while (true) {
            String id = ids.get(ids.size() - 1);
            UnaryOperator<String> values = requests.values(contact.delivery(), id);
            CrmResponse answer = calls.call(
                    requests.read(read, contact.delivery(), id),
                    given -> existing.movedTo(read, given, values) != null
                                    || existing.isGone(read, given, settings.answers())
                            ? new CallDecision.Answered()
                            : words.verdict(read, given, settings.answers().one(read, given), List.of(contact)),
                    ends);
            String next = existing.movedTo(read, answer, values);
            DeliveryResult endless = next == null ? null : RemotePresence.endless("the CRM", ids, next);
            if (next == null || endless != null) {
                return new Reading(
                        id,
                        answer,
                        settings.answers().one(read, answer),
                        existing.isGone(read, answer, settings.answers()),
                        endless);
            }
            ids.add(next);
        }
    }
}
