package de.contactsync.crm.hubspot;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import de.contactsync.crm.CrmClient;
import de.contactsync.crm.CrmJson;
import de.contactsync.crm.CrmRecord;
import de.contactsync.crm.CrmRequest;
import de.contactsync.crm.CrmResponse;
import de.contactsync.crm.UnexpectedAnswerException;
import de.contactsync.crm.mapping.Mapping;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * Links contacts at HubSpot to the companies of their customers. What is there is linked as it is; a company that is
 * missing is created, by its key, so that two processes do not create it twice. All of it may be repeated.
 */
final class HubSpotCompanies {

    private static final int MOST_REMEMBERED = 10_000;

    private final CrmClient calls;
    private final String key;
    private final String companies;
    private final String associations;
    private final HubSpotFormerLinks former;
    /** Ids of records by the id of the customer, those used last: a company has many contacts. */
    private final Map<String, String> cache = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
            return size() > MOST_REMEMBERED;
        }
    };

    /**
     * @param key       the property of a company that tells whose it is
     * @param companies path of the objects
     * @param associations path of the batches between contacts and companies
     */
    HubSpotCompanies(CrmClient calls, String key, String companies, String associations) {
        this.calls = calls;
        this.key = key;
        this.companies = companies;
        this.associations = associations;
        this.former = new HubSpotFormerLinks(calls, key, companies, associations);
    }

    /** By the ids of their records. */
    record Link(String contact, String company) {}

    /** @param fails whether HubSpot fails, and may not later */
    record Refusal(boolean fails, int status, HubSpotError error) {

        static Refusal of(CrmResponse answer) {
            return new Refusal(
                    HubSpotAnswers.fails(answer.status()), answer.status(), HubSpotError.of(CrmJson.read(answer)));
        }

        /** Of a batch that is read, which may fail for some of its records. */
        static Refusal ofRead(CrmResponse answer) {
            return new Refusal(HubSpotAnswers.fails(answer), answer.status(), HubSpotAnswers.readError(answer));
        }
    }

    /**
     * @param receipts of the contacts, in their order
     * @param found    ids of records that were there already
     * @return the same, but where HubSpot refuses the company or the link
     * @throws de.contactsync.model.ProcessingHaltedException when it cannot be done now
     */
    List<DeliveryResult> link(List<CrmRecord> contacts, List<DeliveryResult> receipts, Set<String> found, long ends) {
        // By the contact's record, the customer it belongs to.
        Map<String, String> customers = new LinkedHashMap<>();
        for (int i = 0; i < contacts.size(); i++) {
            if (receipts.get(i) instanceof DeliveryResult.Accepted accepted && accepted.remoteId() != null) {
                customers.put(
                        accepted.remoteId(), Mapping.companyId(contacts.get(i).delivery()));
            }
        }
        if (customers.isEmpty()) {
            return receipts;
        }
        Map<String, Refusal> refused = new HashMap<>();
        Map<String, String> known = known(Set.copyOf(customers.values()), refused, ends);
        Set<String> unread = Set.copyOf(refused.keySet());
        List<String> missing = customers.values().stream()
                .distinct()
                .filter(id -> !known.containsKey(id) && !refused.containsKey(id))
                .toList();
        if (!missing.isEmpty()) {
            refused.putAll(inHalves(missing, part -> create(part, ends), body -> {
                Map<String, String> created = idsByKey(body);
                known.putAll(created);
                return created.keySet();
            }));
        }
        cache.putAll(known);
        Map<String, Refusal> remaining = former.leave(former.wanted(contacts, receipts, found, known, unread), ends);
        List<Link> links = customers.entrySet().stream()
                .filter(each -> known.containsKey(each.getValue()))
                .map(each -> new Link(each.getKey(), known.get(each.getValue())))
                .toList();
        Map<Link, Refusal> unlinked =
                links.isEmpty() ? Map.of() : inHalves(links, part -> associate(part, ends), HubSpotCompanies::linked);
        unlinked.forEach((link, refusal) -> {
            refused.put(link.contact(), refusal);
            // It may be the company that is no longer there.
            cache.values().remove(link.company());
        });
        return receipts.stream()
                .map(deliveryResult -> deliveryResult instanceof DeliveryResult.Accepted accepted
                        ? remaining.containsKey(accepted.remoteId())
                                ? stillLinked(remaining.get(accepted.remoteId()))
                                : linked(accepted, customers.get(accepted.remoteId()), refused)
                        : deliveryResult)
                .toList();
    }

    /** @param refused by the record of a contact, or the id of a customer */
    private static DeliveryResult linked(
            DeliveryResult.Accepted accepted, String customer, Map<String, Refusal> refused) {
        Refusal refusal = refused.getOrDefault(accepted.remoteId(), refused.get(customer));
        if (refusal == null) {
            return accepted;
        }
        return unlinked(
                accepted.remoteId(),
                refusal,
                "to link it to the company of its customer",
                "; it is tried again once the contact has changed in JTL-Wawi");
    }

    /** Its record is not remembered: the one that is found is looked at for former links again. */
    private static DeliveryResult stillLinked(Refusal refusal) {
        return unlinked(
                null,
                refusal,
                "to remove its link to the company of its former customer",
                "; remove it there, or retry by the command replay");
    }

    private static DeliveryResult unlinked(String remoteId, Refusal refusal, String what, String ending) {
        boolean fails = refusal.fails();
        return new DeliveryResult.Unlinked(
                remoteId,
                new Outcome.Failed(
                        fails ? Reason.RETRIES_EXHAUSTED : Reason.SINK_REJECTED,
                        CrmResponse.httpStatus(refusal.status()),
                        refusal.error().category(),
                        "HubSpot has the contact, and " + (fails ? "fails " : "refused ") + what + ": "
                                + refusal.error().errorText(List.of()) + ending,
                        null,
                        1));
    }

    /** @param failed gets those that HubSpot fails on, so that nobody knows whether they are there */
    private Map<String, String> known(Set<String> customers, Map<String, Refusal> failed, long ends) {
        Map<String, String> known = new HashMap<>();
        List<String> unknown = new ArrayList<>();
        for (String customer : customers) {
            String id = cache.get(customer);
            if (id == null) {
                unknown.add(customer);
            } else {
                known.put(customer, id);
            }
        }
        if (!unknown.isEmpty()) {
            known.putAll(read(unknown, failed, ends));
        }
        return known;
    }

    /** Ids of records by the id of the customer; of those there are. In halves where HubSpot fails on the whole. */
    private Map<String, String> read(List<String> ids, Map<String, Refusal> failed, long ends) {
        ObjectNode body = CrmJson.object().put("idProperty", key);
        body.putArray("properties").add(key);
        body.putArray("propertiesWithHistory");
        ArrayNode inputs = body.putArray("inputs");
        ids.forEach(id -> inputs.addObject().put("id", id));
        CrmResponse answer = calls.call(
                new CrmRequest("POST", companies + "/batch/read", CrmJson.bytes(body)),
                HubSpotAnswers::judgeRead,
                ends);
        if (HubSpotAnswers.fails(answer)) {
            if (ids.size() == 1) {
                failed.put(ids.get(0), Refusal.ofRead(answer));
                return Map.of();
            }
            Map<String, String> known = new HashMap<>(read(ids.subList(0, ids.size() / 2), failed, ends));
            known.putAll(read(ids.subList(ids.size() / 2, ids.size()), failed, ends));
            return known;
        }
        if (answer.status() / 100 != 2) {
            throw new UnexpectedAnswerException(
                    answer,
                    "HubSpot does not return its companies (HTTP " + answer.status() + ": "
                            + HubSpotError.of(CrmJson.read(answer)).errorText(List.of()) + "): check the property "
                            + key);
        }
        return idsByKey(CrmJson.read(answer));
    }

    private CrmResponse create(List<String> ids, long ends) {
        ObjectNode body = CrmJson.object();
        ArrayNode inputs = body.putArray("inputs");
        for (String id : ids) {
            inputs.addObject()
                    .put("id", id)
                    .put("idProperty", key)
                    .put("objectWriteTraceId", id)
                    .putObject("properties")
                    .put(key, id)
                    .put("name", "JTL customer " + id.substring(id.indexOf('/') + 1));
        }
        return calls.call(
                new CrmRequest("POST", companies + "/batch/upsert", CrmJson.bytes(body)),
                HubSpotAnswers::judgeBatch,
                ends);
    }

    private CrmResponse associate(List<Link> links, long ends) {
        ObjectNode body = CrmJson.object();
        ArrayNode inputs = body.putArray("inputs");
        for (Link link : links) {
            ObjectNode input = inputs.addObject();
            input.putObject("from").put("id", link.contact());
            input.putObject("to").put("id", link.company());
        }
        // 404 for a record that somebody has just deleted is about the link to it, and not about the call.
        return calls.call(
                new CrmRequest("POST", associations + "/associate/default", CrmJson.bytes(body)),
                HubSpotAnswers::judgeOne,
                ends);
    }

    private Map<String, String> idsByKey(JsonNode body) {
        Map<String, String> ids = new HashMap<>();
        for (JsonNode result : body.path("results")) {
            ids.put(
                    result.path("properties").path(key).asText(),
                    result.path("id").asText());
        }
        return ids;
    }

    private static Set<Link> linked(JsonNode body) {
        return StreamSupport.stream(body.path("results").spliterator(), false)
                .map(result -> new Link(
                        result.at("/from/id").asText(), result.at("/to/id").asText()))
                .collect(Collectors.toSet());
    }

    /**
     * What is refused is sent again in halves, down to the one that is meant.
     *
     * @param done of an answer, which of them it says are done
     * @return those that are refused
     */
    private <T> Map<T, Refusal> inHalves(
            List<T> items, Function<List<T>, CrmResponse> send, Function<JsonNode, Set<T>> done) {
        CrmResponse answer = send.apply(items);
        JsonNode body = CrmJson.read(answer);
        Set<T> finished = answer.status() / 100 == 2 ? done.apply(body) : Set.of();
        if (answer.status() / 100 == 2
                && finished.isEmpty()
                && body.path("errors").isEmpty()) {
            throw new UnexpectedAnswerException(
                    answer,
                    "HubSpot answered HTTP " + answer.status()
                            + " and says of no company that it was written or linked:"
                            + " check contacts.crm.base-url and contacts.crm.api-version");
        }
        List<T> open = items.stream().filter(item -> !finished.contains(item)).toList();
        if (open.isEmpty()) {
            return Map.of();
        }
        if (items.size() == 1) {
            JsonNode error = answer.status() / 100 == 2 ? body.path("errors").path(0) : body;
            return Map.of(
                    open.get(0),
                    new Refusal(HubSpotAnswers.fails(answer.status()), answer.status(), HubSpotError.of(error)));
        }
        Map<T, Refusal> refused = new HashMap<>();
        // Where some got through, the rest is a smaller call already.
        int half = open.size() < items.size() ? open.size() : open.size() / 2;
        for (List<T> part : List.of(open.subList(0, half), open.subList(half, open.size()))) {
            if (!part.isEmpty()) {
                refused.putAll(inHalves(part, send, done));
            }
        }
        return refused;
    }
}
