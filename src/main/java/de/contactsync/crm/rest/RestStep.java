package de.contactsync.crm.rest;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import de.contactsync.crm.CrmAudit.Difference;
import de.contactsync.crm.CrmRequest;
import de.contactsync.crm.CrmSettings.Gone;
import de.contactsync.crm.mapping.Mapping;
import de.contactsync.crm.mapping.MappingException;
import de.contactsync.crm.mapping.MappingStep;
import de.contactsync.crm.mapping.NullHandling;
import de.contactsync.model.Delivery;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A call that follows a contact that was written: for a record that belongs to it, such as a phone number, or that it is
 * linked to, such as its company. What it is about is looked for first, so that a repetition changes nothing.
 *
 * @param place   in the mapping file, for messages
 * @param find    null for a step that is only an update
 * @param create  null when nothing is made that is not there
 * @param update  null when what is there stays as it is
 * @param delete  of what is there and has no value any more; null when it stays
 * @param id      in the answer to {@code create}
 * @param mapping of its own record
 */
record RestStep(
        String name,
        String place,
        RequestTemplate find,
        JsonPointer found,
        ValuePointer foundId,
        RequestTemplate create,
        RequestTemplate update,
        RequestTemplate delete,
        List<ValuePointer> id,
        Mapping mapping) {

    private static final NullHandling NOTHING = new NullHandling(NullHandling.Rule.OMIT, NullHandling.Rule.OMIT);

    /**
     * Those of the settings, in their order.
     *
     * @throws MappingException that says what is wrong with one, and where
     */
    static List<RestStep> all(RestSettings settings, Mapping mapping) {
        Map<String, MappingStep> given =
                mapping.steps().stream().collect(Collectors.toMap(MappingStep::name, step -> step));
        if (!given.keySet().equals(Set.copyOf(settings.steps()))) {
            throw new MappingException(mapping.file() + " has the steps " + given.keySet()
                    + ", and contacts.crm.rest.steps names " + settings.steps() + ": name each step there, in the order"
                    + " in which they are to be made, and take out of either what the other has not");
        }
        List<RestStep> steps = new ArrayList<>();
        Set<String> known = new HashSet<>(RestPlaceholders.RECORD);
        for (String name : settings.steps()) {
            known.add(name);
            steps.add(of(given.get(name), settings, Set.copyOf(known)));
        }
        return steps;
    }

    private static RestStep of(MappingStep step, RestSettings settings, Set<String> known) {
        boolean hasRecord = !step.fields().fieldNames().isEmpty();
        Function<String, RequestTemplate> reading = line -> RequestTemplate.ofStep(line, known, false, false);
        Function<String, RequestTemplate> writing = line -> RequestTemplate.ofStep(line, known, hasRecord, true);
        RestMode.FindThenWrite mode = settings.mode() instanceof RestMode.FindThenWrite find ? find : null;
        String found = step.parts().get("found");
        RestStep read = new RestStep(
                step.name(),
                step.place(),
                part(step, "find", reading),
                found == null && mode != null
                        ? mode.found()
                        : part(step, "found", text -> ValuePointer.parse(text).at(), JsonPointer.empty()),
                part(step, "found-id", ValuePointer::parse, mode != null ? mode.foundId() : ValuePointer.parse("/id")),
                part(step, "create", writing),
                part(step, "update", writing),
                part(step, "delete", line -> RequestTemplate.ofStep(line, known, false, true)),
                part(step, "id", ValuePointer::parseAll, settings.answers().id()),
                step.fields());
        read.check(settings);
        return read;
    }

    private static <T> T part(MappingStep step, String part, Function<String, T> parser) {
        return part(step, part, parser, null);
    }

    private static <T> T part(MappingStep step, String part, Function<String, T> parser, T otherwise) {
        String text = step.parts().get(part);
        try {
            return text == null ? otherwise : parser.apply(text);
        } catch (IllegalArgumentException e) {
            throw new MappingException(step.place() + ", " + part + ": " + e.getMessage());
        }
    }

    private void check(RestSettings settings) {
        if (find == null && (update == null || create != null || delete != null || update.needs(name))) {
            throw new MappingException(place
                    + ": set find to a call that finds its record, so that nothing is created twice; only an update"
                    + " that can safely be repeated needs none");
        }
        RestRecord.check(mapping);
        for (RequestTemplate call : calls()) {
            call.secrets().stream()
                    .filter(secret -> !settings.secrets().containsKey(secret)
                            && !(secret.equals(RestPlaceholders.TOKEN) && settings.client() != null))
                    .findFirst()
                    .ifPresent(secret -> {
                        throw new MappingException(place + ": {" + secret
                                + "} stands in no call of contacts.crm.rest.*, whose contacts.crm.rest.auth does"
                                + " without it: remove it here");
                    });
            if (!call.fits(settings.bodyFormat())) {
                throw new MappingException(
                        place + ": a form has fields, so the body of " + call + " must be a JSON object");
            }
        }
    }

    private List<RequestTemplate> calls() {
        return Stream.of(find, create, update, delete).filter(Objects::nonNull).toList();
    }

    /** Whether one of its calls needs what this stands for. */
    boolean needs(String placeholder) {
        return calls().stream().anyMatch(call -> call.needs(placeholder));
    }

    /** What has a value. */
    Map<String, String> fields(Delivery delivery) {
        return mapping.map(delivery, NOTHING, Gone.KEEP);
    }

    /** Whether there is something to be written of it, or nothing of the contact is in it. */
    boolean isWanted(Map<String, String> fields) {
        return mapping.fieldNames().stream().allMatch(mapping::isConstant)
                || !mapping.personal(fields).isEmpty();
    }

    /** Whether a record that was found has all that there is; not where a step has no record of its own. */
    boolean isSame(Map<String, String> fields, JsonNode record) {
        return !fields.isEmpty()
                && fields.entrySet().stream().allMatch(field -> {
                    JsonNode there = record.at(RestRecord.pointer(field.getKey()));
                    return there.isValueNode()
                            && mapping.comparison().isSame(field.getKey(), field.getValue(), there.asText(""));
                });
    }

    /** Whether what it has written can be read back and told from what a person has made of it. */
    boolean isComparable() {
        return find != null && (!mapping.fieldNames().isEmpty() || create != null || delete != null);
    }

    /**
     * What people have changed of a record that was found.
     *
     * @param record null for none
     */
    List<Difference> differences(Map<String, String> fields, JsonNode record) {
        List<Difference> differences = new ArrayList<>();
        fields.forEach((field, value) -> {
            String there = record == null ? null : text(record, field);
            if (!mapping.comparison().isSameInAnyCase(field, value, Objects.requireNonNullElse(there, ""))) {
                differences.add(new Difference(name + "." + field, value, there));
            }
        });
        return differences;
    }

    /** What is still there of a contact that has no value for it any more. */
    List<Difference> remains(JsonNode record) {
        return mapping.fieldNames().stream()
                .filter(field -> !mapping.isConstant(field))
                .map(field -> new Difference(name + "." + field, "", text(record, field)))
                .toList();
    }

    private static String text(JsonNode record, String field) {
        JsonNode there = record.at(RestRecord.pointer(field));
        return there.isValueNode() && !there.isNull() ? there.asText() : null;
    }

    /** Its calls without what they say of a contact. */
    List<CrmRequest> preview(
            RestRequestBuilder requests, Delivery delivery, Delivery masked, UnaryOperator<String> mask) {
        Map<String, String> fields = new LinkedHashMap<>(fields(delivery));
        mapping.personal(fields).keySet().forEach(field -> fields.compute(field, (same, value) -> mask.apply(value)));
        UnaryOperator<String> ofContact = requests.values(masked, "REMOTE-ID");
        Set<String> contact = RestPlaceholders.withSecrets(RestPlaceholders.RECORD);
        UnaryOperator<String> values =
                placeholder -> contact.contains(placeholder) ? ofContact.apply(placeholder) : "ID-OF-" + placeholder;
        return Stream.of(find, create, update)
                .filter(Objects::nonNull)
                .map(call -> requests.fill(call, values, requests.record(mapping, fields), true))
                .toList();
    }
}
