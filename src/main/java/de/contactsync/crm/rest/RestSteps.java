package de.contactsync.crm.rest;

import com.fasterxml.jackson.databind.JsonNode;
import de.contactsync.crm.CallDecision;
import de.contactsync.crm.CrmClient;
import de.contactsync.crm.CrmJson;
import de.contactsync.crm.CrmRecord;
import de.contactsync.crm.CrmRequest;
import de.contactsync.crm.CrmResponse;
import de.contactsync.crm.CrmTrial;
import de.contactsync.crm.ErrorSanitizer;
import de.contactsync.crm.UnexpectedAnswerException;
import de.contactsync.crm.rest.RestResponseParser.Result;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/** Makes the calls that follow contacts that were written. Thread-safe. */
final class RestSteps {

    /** Of a record that there cannot be. */
    private static final String NOBODY = "0";

    private final List<RestStep> steps;
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
        this.calls = calls;
        this.settings = settings;
        this.requests = requests;
        this.words = words;
    }

    boolean isEmpty() {
        return steps.isEmpty();
    }

    /**
     * All of them; one that is refused keeps no other from being made.
     *
     * @param accepted what became of the contact itself
     */
    DeliveryResult follow(CrmRecord contact, DeliveryResult.Accepted accepted, long ends) {
        Map<String, String> ids = new HashMap<>();
        if (accepted.remoteId() != null) {
            ids.put(RestPlaceholders.REMOTE_ID, accepted.remoteId());
        }
        DeliveryResult result = accepted;
        for (RestStep step : steps) {
            if (accepted.remoteId() == null && step.needs(RestPlaceholders.REMOTE_ID)) {
                throw calls.halt(words.noRemoteId(step.place()));
            }
            if (steps.stream()
                    .takeWhile(each -> each != step)
                    .anyMatch(each -> step.needs(each.name()) && !ids.containsKey(each.name()))) {
                // There is no company to be linked to.
                continue;
            }
            DeliveryResult done = new Turn(step, contact, ids, ends).take();
            if (done instanceof DeliveryResult.Refused refused) {
                Outcome.Failed why = refused.why();
                if (why.reason() == Reason.RETRIES_EXHAUSTED) {
                    return refused;
                }
                result = result == accepted
                        ? new DeliveryResult.Unlinked(accepted.remoteId(), step.name(), named(step, why))
                        : result;
            }
        }
        return result;
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

    /** One step for one contact. */
    private final class Turn {

        private final RestStep step;
        private final CrmRecord contact;
        private final Map<String, String> fields;
        private final Map<String, String> ids;
        private final long ends;

        Turn(RestStep step, CrmRecord contact, Map<String, String> ids, long ends) {
            this.step = step;
            this.fields = step.fields(contact.delivery());
            // So that messages say none of them either.
            Map<String, String> all = new HashMap<>(contact.fields());
            all.putAll(fields);
            this.contact = contact.with(all);
            this.ids = ids;
            this.ends = ends;
        }

        /** @return what was refused; null when all is as it should be */
        DeliveryResult take() {
            boolean wanted = step.isWanted(fields);
            if (step.find() == null) {
                return wanted ? change(step.update()) : null;
            }
            if (!wanted && step.delete() == null) {
                return null;
            }
            String lacking = step.find().lacking(values());
            if (lacking != null) {
                return null;
            }
            CrmResponse answer = calls.call(request(step.find(), true), given -> judge(step.find(), given), ends);
            if (isNone(answer)) {
                return wanted && step.create() != null ? create() : null;
            }
            if (isRefused(answer)) {
                return receipt(step.find(), answer);
            }
            List<JsonNode> records = records(answer);
            if (!records.isEmpty()) {
                requireFilter();
            }
            for (JsonNode record : records) {
                if (wanted && step.isSame(fields, record)) {
                    ids.put(step.name(), id(answer, record));
                    return null;
                }
            }
            if (records.isEmpty()) {
                return wanted && step.create() != null ? create() : null;
            }
            if (records.size() > 1) {
                return wanted ? words.ambiguousStep(step.find(), records.size()) : null;
            }
            ids.put(step.name(), id(answer, records.get(0)));
            return !wanted ? change(step.delete()) : step.update() == null ? null : change(step.update());
        }

        private DeliveryResult create() {
            CrmResponse answer = calls.call(request(step.create(), false), given -> judge(step.create(), given), ends);
            DeliveryResult refused = receipt(step.create(), answer);
            String id = RestResponseParser.usable(ValuePointer.text(step.id(), CrmJson.read(answer)));
            if (refused == null && id != null) {
                ids.put(step.name(), id);
            } else if (refused == null && steps.stream().anyMatch(each -> each.needs(step.name()))) {
                throw calls.halt(words.createdWithoutId(step.place(), step.create(), answer));
            }
            return refused;
        }

        private DeliveryResult change(RequestTemplate call) {
            return receipt(call, calls.call(request(call, true), given -> judge(call, given), ends));
        }

        private CrmRequest request(RequestTemplate call, boolean repeatable) {
            return requests.step(call, values(), requests.record(step.mapping(), fields), repeatable);
        }

        private UnaryOperator<String> values() {
            UnaryOperator<String> ofContact = requests.values(contact.delivery(), ids.get(RestPlaceholders.REMOTE_ID));
            return name -> ids.containsKey(name) ? ids.get(name) : isStep(name) ? null : ofContact.apply(name);
        }

        /** Many servers list all that they have when they do not know a parameter. */
        private void requireFilter() {
            if (filtering.contains(step.name())) {
                return;
            }
            UnaryOperator<String> nobody = requests.values(CrmTrial.NOBODY, NOBODY);
            CrmResponse answer = calls.call(
                    requests.step(step.find(), name -> isStep(name) ? NOBODY : nobody.apply(name), null, true),
                    given -> judge(step.find(), given),
                    ends);
            int records =
                    isNone(answer) || isRefused(answer) ? 0 : records(answer).size();
            if (records > 0) {
                throw calls.halt(words.foundForNobody(step.place() + ", find", step.find(), answer, records));
            }
            filtering.add(step.name());
        }

        private boolean isNone(CrmResponse answer) {
            return settings.mode() instanceof RestMode.FindThenWrite find
                            && find.none().contains(answer.status())
                    || answer.status() == 204
                    || settings.existing().isGone(step.find(), answer, settings.answers());
        }

        private boolean isRefused(CrmResponse answer) {
            return answer.status() / 100 != 2
                    || settings.answers().results() == null
                            && !settings.answers().one(step.find(), answer).ok();
        }

        private CallDecision judge(RequestTemplate call, CrmResponse answer) {
            boolean none = call == step.find() && isNone(answer);
            boolean answered =
                    call == step.find() && settings.answers().results() != null && answer.status() / 100 == 2;
            return none || answered
                    ? new CallDecision.Answered()
                    : words.verdict(call, answer, settings.answers().one(call, answer), List.of(contact));
        }

        /** Null when it was taken. */
        private DeliveryResult receipt(RequestTemplate call, CrmResponse answer) {
            Result result = settings.answers().one(call, answer);
            return result.ok() ? null : words.receipt(call, answer, result, contact, null, ErrorSanitizer.ONCE_CHANGED);
        }

        private List<JsonNode> records(CrmResponse answer) {
            JsonNode found = CrmJson.read(answer).at(step.found());
            if (found.isMissingNode() || !found.isContainerNode() && !found.isNull()) {
                throw new UnexpectedAnswerException(answer, words.nothingFound(step.find(), answer));
            }
            List<JsonNode> records = new ArrayList<>();
            if (found.isArray()) {
                found.forEach(records::add);
            } else if (found.isObject()) {
                records.add(found);
            }
            return records;
        }

        private String id(CrmResponse answer, JsonNode record) {
            String id = RestResponseParser.usable(step.foundId().text(record));
            if (id == null) {
                throw new UnexpectedAnswerException(answer, words.foundWithoutId(step.find(), answer));
            }
            return id;
        }
    }

    private boolean isStep(String name) {
        return steps.stream().anyMatch(step -> step.name().equals(name));
    }
}
