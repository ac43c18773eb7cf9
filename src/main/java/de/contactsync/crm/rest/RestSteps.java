package de.contactsync.crm.rest;

import de.contactsync.crm.CrmClient;
import de.contactsync.crm.CrmRecord;
import de.contactsync.crm.PartFinding;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** Makes the calls that follow contacts that were written, and compares what they have written. Thread-safe. */
final class RestSteps {

    private final List<RestStep> steps;
    private final Set<String> names;
    private final CrmClient calls;
    private final RestSettings settings;
    private final RestRequestBuilder requests;
    private final RestMessages words;
    /** Names of those that were seen to find nothing for a made-up contact. */
    private final Set<String> filtering = ConcurrentHashMap.newKeySet();

    RestSteps(
            List<RestStep> steps,
            CrmClient calls,
            RestSettings settings,
            RestRequestBuilder requests,
            RestMessages words) {
        this.steps = steps;
        this.names = steps.stream().map(RestStep::name).collect(Collectors.toSet());
        this.calls = calls;
        this.settings = settings;
        this.requests = requests;
        this.words = words;
    }

    boolean isEmpty() {
        return steps.isEmpty();
    }

    /** Names of those that write what none of them can read back. */
    Set<String> unreadable() {
        return steps.stream()
                .filter(step -> !step.isComparable() && step.update() != null)
                .map(RestStep::name)
                .collect(Collectors.toSet());
    }

    /**
     * All of them; one that is refused keeps no other from being made.
     *
     * @param accepted what became of the contact itself
     */
    DeliveryResult follow(CrmRecord contact, DeliveryResult.Accepted accepted, long ends) {
        Map<String, String> ids = ids(accepted.remoteId());
        DeliveryResult result = accepted;
        for (RestStep step : steps) {
            if (accepted.remoteId() == null && step.needs(RestPlaceholders.REMOTE_ID)) {
                throw calls.halt(RestHalts.noRemoteId(step.place()));
            }
            if (lacksRecord(step, ids)) {
                continue;
            }
            DeliveryResult done =
                    turn(step, contact, ids, ends).take(steps.stream().anyMatch(each -> each.needs(step.name())));
            if (done instanceof DeliveryResult.Refused refused) {
                DeliveryResult unlinked =
                        new DeliveryResult.Unlinked(accepted.remoteId(), step.name(), named(step, refused.why()));
                if (refused.why().reason() == Reason.RETRIES_EXHAUSTED) {
                    return unlinked;
                }
                result = result == accepted ? unlinked : result;
            }
        }
        return result;
    }

    /** What they have written of a contact, without changing anything. @param id of its record */
    List<PartFinding> compare(CrmRecord contact, String id, long ends) {
        Map<String, String> ids = ids(id);
        List<PartFinding> findings = new ArrayList<>();
        for (RestStep step : steps) {
            boolean lacksId = id == null && step.needs(RestPlaceholders.REMOTE_ID);
            PartFinding finding = lacksId || !isRead(step) || lacksRecord(step, ids)
                    ? null
                    : turn(step, contact, ids, ends).compare();
            if (finding != null) {
                findings.add(finding);
            }
        }
        return findings;
    }

    /** Whether it is compared, or one that is needs to know its record. */
    private boolean isRead(RestStep step) {
        return step.isComparable()
                || steps.stream()
                        .anyMatch(other ->
                                other != step && other.find() != null && other.needs(step.name()) && isRead(other));
    }

    private static Map<String, String> ids(String remoteId) {
        Map<String, String> ids = new HashMap<>();
        if (remoteId != null) {
            ids.put(RestPlaceholders.REMOTE_ID, remoteId);
        }
        return ids;
    }

    /** Whether it needs one of a step before it that is not there, such as a company to be linked to. */
    private boolean lacksRecord(RestStep step, Map<String, String> ids) {
        return steps.stream()
                .takeWhile(each -> each != step)
                .anyMatch(each -> step.needs(each.name()) && !ids.containsKey(each.name()));
    }

    private RestStepTurn turn(RestStep step, CrmRecord contact, Map<String, String> ids, long ends) {
        return new RestStepTurn(step, contact, ids, names, filtering, calls, settings, requests, words, ends);
    }

    private static Outcome.Failed named(RestStep step, Outcome.Failed why) {
        return new Outcome.Failed(
                why.reason(),
                why.httpStatus(),
                why.errorCode(),
                "The CRM has the contact, but not what follows it (" + step.place() + "): " + why.errorMessage(),
                why.errors(),
                why.attempts());
    }
}
