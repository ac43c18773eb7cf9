package de.contactsync.crm.rest;

import de.contactsync.crm.AcceptedTypes;
import de.contactsync.crm.CrmKind;
import de.contactsync.crm.CrmRecord;
import de.contactsync.crm.CrmRequest;
import de.contactsync.crm.CrmSettings.Gone;
import de.contactsync.crm.OAuthClient;
import de.contactsync.crm.mapping.Mapping;
import de.contactsync.crm.mapping.NullHandling;
import de.contactsync.model.CustomerContact;
import de.contactsync.model.Delivery;
import de.contactsync.model.Digest;
import de.contactsync.resilience.QuotaHeaders;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A CRM that is described by nothing but settings: the keys under {@code contacts.crm.rest.}.
 *
 * @param delete         null when nothing is deleted
 * @param check          a call that shows whether we may call at all; null when none is made
 * @param clearsWithNull whether a field is cleared by null rather than by an empty text
 * @param secrets        what stands in bodies for the placeholders of {@link RestPlaceholders#SECRETS}, as far as they
 *        are there; not for a token that is fetched
 * @param client         null when the credential is whole without a token that is fetched
 * @param rate           null when there is no limit but what the CRM says
 * @param pauses         units in which a header says how long to wait, by its name in lower case
 * @param contentType    of what is sent
 * @param steps          names of those of the mapping that follow, in order
 */
public record RestSettings(
        RestMode mode,
        RequestTemplate delete,
        RequestTemplate check,
        HeaderTemplates headers,
        RestKey key,
        NullHandling nullHandling,
        boolean clearsWithNull,
        RestResponseParser answers,
        RestCredential credential,
        Map<String, String> secrets,
        OAuthClient client,
        QuotaHeaders rate,
        int maxConcurrentCalls,
        Map<String, Duration> pauses,
        AcceptedTypes accepts,
        String contentType,
        RestExisting existing,
        List<String> steps)
        implements CrmKind {

    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);
    private static final String MASK = "___";

    @Override
    public String id() {
        return "rest";
    }

    @Override
    public String label() {
        return "the CRM";
    }

    @Override
    public String unfit(Map<String, String> fields) {
        return null;
    }

    @Override
    public Set<String> domains() {
        return Set.of();
    }

    @Override
    public Set<String> quotaHeaders() {
        return pauses.keySet();
    }

    @Override
    public QuotaHeaders quota(Map<String, String> headers) {
        return rate;
    }

    @Override
    public Duration pause(Map<String, String> headers) {
        for (Map.Entry<String, Duration> unit : pauses.entrySet()) {
            String value = headers.get(unit.getKey());
            if (value != null && value.strip().matches("\\d{1,9}")) {
                Duration pause = unit.getValue().multipliedBy(Long.parseLong(value.strip()));
                return pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
            }
        }
        return null;
    }

    @Override
    public String credentialHeader() {
        return credential.header() == null ? CrmKind.super.credentialHeader() : credential.header();
    }

    @Override
    public Set<String> requestHeaders() {
        return headers.names();
    }

    @Override
    public Duration linger() {
        return mode instanceof RestMode.Batch batch ? batch.linger() : Duration.ZERO;
    }

    @Override
    public boolean readsBeforeItWrites() {
        return existing.read() != null;
    }

    @Override
    public boolean sendsWholeRecords() {
        return true;
    }

    /** Where they are: a server may have several sorts of records. */
    @Override
    public String object() {
        return mode.update().path();
    }

    @Override
    public Map<String, String> writingCalls() {
        // As digests: whoever wrote a secret in place of its placeholder does not find it in the database.
        Map<String, String> calls = new HashMap<>();
        calls.put(
                mode instanceof RestMode.FindThenWrite ? "contacts.crm.rest.update" : "contacts.crm.rest.write",
                Digest.of(mode.update().fixed()));
        calls.put("contacts.crm.rest.headers", Digest.of(headers.fixed()));
        // Under another key none of the records would be found again.
        calls.put("contacts.crm.rest.key", Digest.of(key.pattern()));
        if (delete != null) {
            calls.put("contacts.crm.rest.delete", Digest.of(delete.fixed()));
        }
        return calls;
    }

    @Override
    public String recordKey(Delivery delivery) {
        return key.of(delivery);
    }

    @Override
    public void check(Mapping mapping) {
        RestRecord.check(mapping);
        RestStep.all(this, mapping);
    }

    @Override
    public boolean isLeftOut(String name, Map<String, String> fields, Mapping mapping) {
        return RestRecord.isLabelOfNothing(name, fields, mapping);
    }

    @Override
    public List<String> calls(Mapping mapping, Delivery delivery, Gone gone) {
        CustomerContact contact = delivery.contact();
        Delivery masked = new Delivery(
                delivery.key(),
                new CustomerContact(
                        mask(contact.department()),
                        mask(contact.honorific()),
                        mask(contact.firstName()),
                        mask(contact.lastName()),
                        mask(contact.phoneNumber()),
                        mask(contact.mobilePhoneNumber()),
                        mask(contact.emailAddress()),
                        mask(contact.fax())),
                delivery.hash(),
                delivery.remoteId(),
                false);
        // Masked after the mapping, which may depend on a value.
        Map<String, String> fields = new LinkedHashMap<>(mapping.map(delivery, nullHandling, gone));
        mapping.personal(fields).keySet().forEach(name -> fields.compute(name, (same, value) -> mask(value)));
        CrmRecord record = new CrmRecord(masked, recordKey(delivery), fields);
        RestRequestBuilder requests = new RestRequestBuilder(withoutSecrets(), mapping);
        List<CrmRequest> calls = new ArrayList<>();
        if (mode instanceof RestMode.Single single) {
            calls.add(requests.write(single.write(), record, null, RestRequestBuilder.NOTHING, true));
        } else if (mode instanceof RestMode.Batch batch) {
            calls.add(requests.writeAll(batch.write(), List.of(record)));
        } else if (mode instanceof RestMode.FindThenWrite find) {
            calls.add(requests.find(find.find(), masked));
            calls.add(requests.write(find.create(), record, null, RestRequestBuilder.NOTHING, false));
            calls.add(requests.write(find.update(), record, "REMOTE-ID", RestRequestBuilder.NOTHING, true));
        }
        RestStep.all(this, mapping)
                .forEach(step -> calls.addAll(step.preview(requests, delivery, masked, RestSettings::mask)));
        return calls.stream().map(CrmRequest::text).toList();
    }

    private RestSettings withoutSecrets() {
        Map<String, String> hidden = new HashMap<>(secrets);
        hidden.replaceAll((name, value) -> "***");
        return new RestSettings(
                mode,
                delete,
                check,
                headers,
                key,
                nullHandling,
                clearsWithNull,
                answers,
                credential,
                hidden,
                client,
                rate,
                maxConcurrentCalls,
                pauses,
                accepts,
                contentType,
                existing,
                steps);
    }

    BodyFormat bodyFormat() {
        return BodyFormat.of(contentType);
    }

    private static String mask(String value) {
        return value == null || value.isBlank() ? value : MASK;
    }

    /** Without what is secret. */
    @Override
    public String toString() {
        return "RestSettings[" + mode + ", " + credential + "]";
    }
}
