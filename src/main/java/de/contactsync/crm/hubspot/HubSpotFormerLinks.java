package de.contactsync.crm.hubspot;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import de.contactsync.crm.CrmClient;
import de.contactsync.crm.CrmJson;
import de.contactsync.crm.CrmRecord;
import de.contactsync.crm.CrmRequest;
import de.contactsync.crm.CrmResponse;
import de.contactsync.crm.hubspot.HubSpotCompanies.Link;
import de.contactsync.crm.hubspot.HubSpotCompanies.Refusal;
import de.contactsync.crm.mapping.Mapping;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryResult;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A contact that JTL has under another customer is a new one to us and the same record at HubSpot: its links to
 * companies of other customers are taken away. Those to companies that are none of JTL's stay.
 */
final class HubSpotFormerLinks {

    /** Of objects that are read by one call. */
    private static final int MOST_READ = 100;

    private final CrmClient calls;
    private final String key;
    private final String companies;
    private final String associations;

    /** As of {@link HubSpotCompanies}. */
    HubSpotFormerLinks(CrmClient calls, String key, String companies, String associations) {
        this.calls = calls;
        this.key = key;
        this.companies = companies;
        this.associations = associations;
    }

    /**
     * @param known  records of companies, by the id of their customers
     * @param unread ids of customers of whom HubSpot does not tell whether it has them
     * @return by the record of a contact that may have been another customer's, the company that it is to keep, null
     *        for none
     */
    Map<String, String> wanted(
            List<CrmRecord> contacts,
            List<DeliveryResult> receipts,
            Set<String> found,
            Map<String, String> known,
            Set<String> unread) {
        Map<String, String> wanted = new LinkedHashMap<>();
        for (int i = 0; i < contacts.size(); i++) {
            Delivery delivery = contacts.get(i).delivery();
            if (delivery.remoteId() == null
                    && receipts.get(i) instanceof DeliveryResult.Accepted accepted
                    && found.contains(accepted.remoteId())
                    && !unread.contains(Mapping.companyId(delivery))) {
                wanted.put(accepted.remoteId(), known.get(Mapping.companyId(delivery)));
            }
        }
        return wanted;
    }

    /** @return why links may remain, by the record of the contact */
    Map<String, Refusal> leave(Map<String, String> wanted, long ends) {
        Map<String, Refusal> remaining = new HashMap<>();
        if (wanted.isEmpty()) {
            return remaining;
        }
        CrmResponse read = batch(associations + "/read", inputs(wanted.keySet()), ends);
        if (read.status() / 100 != 2) {
            wanted.keySet().forEach(contact -> remaining.put(contact, Refusal.of(read)));
            return remaining;
        }
        List<Link> others = new ArrayList<>();
        for (JsonNode result : CrmJson.read(read).path("results")) {
            String contact = result.at("/from/id").asText();
            for (JsonNode to : result.path("to")) {
                Link link = new Link(contact, to.path("toObjectId").asText());
                if (!link.company().equals(wanted.get(contact))) {
                    others.add(link);
                }
            }
        }
        Set<String> ofJtl = ofJtl(others, remaining, ends);
        others.removeIf(link -> !ofJtl.contains(link.company()));
        archive(others, remaining, ends);
        return remaining;
    }

    /** Which of the companies bear a key of ours. */
    private Set<String> ofJtl(List<Link> links, Map<String, Refusal> remaining, long ends) {
        List<String> ids = links.stream().map(Link::company).distinct().toList();
        Set<String> ofJtl = new HashSet<>();
        for (int from = 0; from < ids.size(); from += MOST_READ) {
            List<String> part = ids.subList(from, Math.min(ids.size(), from + MOST_READ));
            ObjectNode body = inputs(part);
            body.putArray("properties").add(key);
            body.putArray("propertiesWithHistory");
            CrmResponse answer = calls.call(
                    new CrmRequest("POST", companies + "/batch/read", CrmJson.bytes(body)),
                    HubSpotAnswers::judgeRead,
                    ends);
            Set<String> unread = new HashSet<>(part);
            for (JsonNode result : CrmJson.read(answer).path("results")) {
                unread.remove(result.path("id").asText());
                if (!result.path("properties").path(key).asText("").isEmpty()) {
                    ofJtl.add(result.path("id").asText());
                }
            }
            if (answer.status() / 100 != 2 || HubSpotAnswers.fails(answer)) {
                links.stream()
                        .filter(link -> unread.contains(link.company()))
                        .forEach(link -> remaining.put(link.contact(), Refusal.ofRead(answer)));
            }
        }
        return ofJtl;
    }

    /** Together, and each by itself where HubSpot does not do so. */
    private void archive(List<Link> links, Map<String, Refusal> remaining, long ends) {
        if (links.isEmpty()) {
            return;
        }
        ObjectNode body = CrmJson.object();
        ArrayNode inputs = body.putArray("inputs");
        for (Link link : links) {
            ObjectNode input = inputs.addObject();
            input.putObject("from").put("id", link.contact());
            input.putArray("to").addObject().put("id", link.company());
        }
        CrmResponse answer = batch(associations + "/archive", body, ends);
        boolean isDone = answer.status() / 100 == 2 && !HubSpotReads.hasErrors(CrmJson.read(answer));
        if (!isDone && links.size() == 1) {
            remaining.put(links.get(0).contact(), Refusal.of(answer));
        } else if (!isDone) {
            links.forEach(link -> archive(List.of(link), remaining, ends));
        }
    }

    private static ObjectNode inputs(Collection<String> ids) {
        ObjectNode body = CrmJson.object();
        ArrayNode inputs = body.putArray("inputs");
        ids.forEach(id -> inputs.addObject().put("id", id));
        return body;
    }

    private CrmResponse batch(String path, ObjectNode body, long ends) {
        return calls.call(new CrmRequest("POST", path, CrmJson.bytes(body)), HubSpotAnswers::judgeBatch, ends);
    }
}
