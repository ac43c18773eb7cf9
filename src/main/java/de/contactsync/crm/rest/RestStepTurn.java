package de.contactsync.crm.rest;

import com.fasterxml.jackson.databind.JsonNode;
import de.contactsync.crm.CallDecision;
import de.contactsync.crm.CrmAudit.Difference;
import de.contactsync.crm.CrmAudit.Verdict;
import de.contactsync.crm.CrmClient;
import de.contactsync.crm.CrmJson;
import de.contactsync.crm.CrmRecord;
import de.contactsync.crm.CrmRequest;
import de.contactsync.crm.CrmResponse;
import de.contactsync.crm.CrmTrial;
import de.contactsync.crm.ErrorSanitizer;
import de.contactsync.crm.PartFinding;
import de.contactsync.crm.UnexpectedAnswerException;
import de.contactsync.crm.rest.RestResponseParser.Result;
import de.contactsync.model.DeliveryResult;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/** One step for one contact: what it is about is looked for, and then made, changed or deleted, or only compared. */
final class RestStepTurn {

    /** Of a record that there cannot be. */
    private static final String NOBODY = "0";

    /**
     * What a call of find has found.
     *
     * @param refused why it cannot be told; null when it can
     */
    private record Found(CrmResponse answer, List<JsonNode> records, DeliveryResult refused) {}

    private final RestStep step;
    private final CrmRecord contact;
    private final Map<String, String> fields;
    private final Map<String, String> ids;
    private final Set<String> names;
    private final Set<String> filtering;
    private final CrmClient calls;
    private final RestSettings settings;
    private final RestRequestBuilder requests;
    private final RestMessages words;
    private final long ends;

    /**
     * @param ids       of the records that steps before this one have found or made, by the names of the steps
     * @param names     of all steps
     * @param filtering names of those whose calls were seen to find nothing for a made-up contact
     */
    RestStepTurn(
            RestStep step,
            CrmRecord contact,
            Map<String, String> ids,
            Set<String> names,
            Set<String> filtering,
            CrmClient calls,
            RestSettings settings,
            RestRequestBuilder requests,
            RestMessages words,
            long ends) {
        this.step = step;
        this.fields = step.fields(contact.delivery());
        // So that messages say none of them either.
        Map<String, String> all = new HashMap<>(contact.fields());
        all.putAll(fields);
        this.contact = contact.with(all);
        this.ids = ids;
        this.names = names;
        this.filtering = filtering;
        this.calls = calls;
        this.settings = settings;
        this.requests = requests;
        this.words = words;
        this.ends = ends;
    }

    /**
     * @param neededLater whether a step behind this one needs the id of its record
     * @return what was refused; null when all is as it should be
     */
    DeliveryResult take(boolean neededLater) {
        boolean wanted = step.isWanted(fields);
        if (step.find() == null) {
            return wanted ? receipt(step.update(), send(step.update())) : null;
        }
        Found found = find(wanted);
        if (found == null || found.refused() != null) {
            return found == null ? null : found.refused();
        }
        for (JsonNode record : found.records()) {
            if (wanted && step.isSame(fields, record)) {
                remember(found, record);
                return null;
            }
        }
        if (found.records().isEmpty()) {
            return wanted && step.create() != null ? create(neededLater) : null;
        }
        if (found.records().size() > 1) {
            return wanted
                    ? RestRefusals.ambiguousStep(step.find(), found.records().size())
                    : null;
        }
        remember(found, found.records().get(0));
        if (!wanted) {
            CrmResponse deleted = send(step.delete());
            return isGone(step.delete(), deleted) ? null : receipt(step.delete(), deleted);
        }
        if (step.update() == null) {
            return null;
        }
        CrmResponse updated = send(step.update());
        // Somebody has deleted it since it was found.
        return !isGone(step.update(), updated)
                ? receipt(step.update(), updated)
                : step.create() == null ? null : create(neededLater);
    }

    /** What {@link #take} would find to do, without doing it; null when there is nothing to be compared. */
    PartFinding compare() {
        boolean wanted = step.isWanted(fields);
        Found found = step.find() == null ? null : find(wanted);
        if (found == null) {
            return null;
        }
        if (found.refused() != null) {
            return finding(Verdict.UNREADABLE, List.of());
        }
        if (found.records().isEmpty()) {
            return wanted && step.create() != null ? finding(Verdict.MISSING, step.differences(fields, null)) : null;
        }
        for (JsonNode record : found.records()) {
            if (wanted && !fields.isEmpty() && step.differences(fields, record).isEmpty()) {
                remember(found, record);
                return finding(Verdict.AS_SENT, List.of());
            }
        }
        if (found.records().size() > 1) {
            return wanted ? finding(Verdict.DOUBLED, List.of()) : null;
        }
        JsonNode record = found.records().get(0);
        remember(found, record);
        List<Difference> differences =
                !wanted ? step.remains(record) : step.update() == null ? List.of() : step.differences(fields, record);
        return step.isComparable()
                ? finding(!wanted || !differences.isEmpty() ? Verdict.EDITED : Verdict.AS_SENT, differences)
                : null;
    }

    private PartFinding finding(Verdict verdict, List<Difference> differences) {
        return new PartFinding(step.name(), verdict, differences);
    }

    /** Null when there is no need to look, or the contact lacks what the call needs. */
    private Found find(boolean wanted) {
        if (!wanted && step.delete() == null || step.find().lacking(values()) != null) {
            return null;
        }
        CrmResponse answer = calls.call(request(step.find(), true), given -> judge(step.find(), given), ends);
        if (isNone(answer)) {
            return new Found(answer, List.of(), null);
        }
        if (isRefused(answer)) {
            return new Found(answer, List.of(), receipt(step.find(), answer));
        }
        List<JsonNode> records = records(answer);
        if (!records.isEmpty()) {
            requireFilter();
        }
        return new Found(answer, records, null);
    }

    private void remember(Found found, JsonNode record) {
        String id = RestResponseParser.usable(step.foundId().text(record));
        if (id == null) {
            throw new UnexpectedAnswerException(found.answer(), RestHalts.foundWithoutId(step.find(), found.answer()));
        }
        ids.put(step.name(), id);
    }

    private DeliveryResult create(boolean neededLater) {
        CrmResponse answer = calls.call(request(step.create(), false), given -> judge(step.create(), given), ends);
        DeliveryResult refused = receipt(step.create(), answer);
        String id = RestResponseParser.usable(ValuePointer.text(step.id(), CrmJson.read(answer)));
        if (refused == null && id != null) {
            ids.put(step.name(), id);
        } else if (refused == null && neededLater) {
            throw calls.halt(RestHalts.createdWithoutId(step.place(), step.create(), answer));
        }
        return refused;
    }

    private CrmResponse send(RequestTemplate call) {
        return calls.call(
                request(call, true),
                given -> isGone(call, given) ? new CallDecision.Answered() : judge(call, given),
                ends);
    }

    /** Whether the record of the step is not there any more. */
    private boolean isGone(RequestTemplate call, CrmResponse answer) {
        return settings.existing()
                .isGone(
                        answer,
                        settings.answers().one(call, answer),
                        call.namesInUrl(step.name()),
                        call.needs(step.name()));
    }

    private CrmRequest request(RequestTemplate call, boolean repeatable) {
        return requests.fill(call, values(), requests.record(step.mapping(), fields), repeatable);
    }

    private UnaryOperator<String> values() {
        UnaryOperator<String> ofContact = requests.values(contact.delivery(), ids.get(RestPlaceholders.REMOTE_ID));
        return name -> ids.containsKey(name) ? ids.get(name) : names.contains(name) ? null : ofContact.apply(name);
    }

    /** Many servers list all that they have when they do not know a parameter. */
    private void requireFilter() {
        if (filtering.contains(step.name())) {
            return;
        }
        UnaryOperator<String> nobody = requests.values(CrmTrial.NOBODY, NOBODY);
        CrmResponse answer = calls.call(
                requests.fill(step.find(), name -> names.contains(name) ? NOBODY : nobody.apply(name), null, true),
                given -> isNothingOfNobody(given) ? new CallDecision.Answered() : judge(step.find(), given),
                ends);
        int records = isNothingOfNobody(answer) || isRefused(answer)
                ? 0
                : records(answer).size();
        if (records > 0) {
            throw calls.halt(RestHalts.foundForNobody(step.place() + ", find", step.find(), answer, records));
        }
        filtering.add(step.name());
    }

    /** Also that there is no such record whose parts could be found: the call is one that has found something. */
    private boolean isNothingOfNobody(CrmResponse answer) {
        return isNone(answer) || settings.existing().isGone(step.find(), answer, settings.answers());
    }

    private boolean isNone(CrmResponse answer) {
        return settings.mode() instanceof RestMode.FindThenWrite find
                        && find.none().isSaidBy(answer, step.found())
                || answer.status() == 204;
    }

    private boolean isRefused(CrmResponse answer) {
        return answer.status() / 100 != 2
                || settings.answers().results() == null
                        && !settings.answers().one(step.find(), answer).ok();
    }

    private CallDecision judge(RequestTemplate call, CrmResponse answer) {
        boolean none = call == step.find() && isNone(answer);
        boolean answered = call == step.find() && settings.answers().results() != null && answer.status() / 100 == 2;
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
            throw new UnexpectedAnswerException(answer, RestHalts.nothingFound(step.find(), answer));
        }
        List<JsonNode> records = new ArrayList<>();
        if (found.isArray()) {
            found.forEach(records::add);
        } else if (found.isObject()) {
            records.add(found);
        }
        return records;
    }
}
