package de.contactsync.crm.rest;

import de.contactsync.crm.Crm;
import de.contactsync.crm.CrmClient;
import de.contactsync.crm.CrmReading;
import de.contactsync.crm.CrmRecord;
import de.contactsync.crm.CrmResponse;
import de.contactsync.crm.CrmSettings.Gone;
import de.contactsync.crm.CrmSettings.Missing;
import de.contactsync.crm.CrmTrial;
import de.contactsync.crm.ErrorSanitizer;
import de.contactsync.crm.PartFinding;
import de.contactsync.crm.mapping.Mapping;
import de.contactsync.model.CreateAttempts;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.RecordOwners;
import de.contactsync.outbox.Presence;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Any CRM that takes JSON over HTTP, as settings describe it. What is sent is in {@link RestRequestBuilder}, what
 * answers mean in {@link RestResponseParser}.
 */
public final class RestCrm implements Crm {

    /** Contacts that a caller works on before what became of them is written down. */
    private static final int OF_A_CALLER = 10;

    private final CrmClient calls;
    private final RestSettings settings;
    private final Gone gone;
    private final Missing missing;
    private final RestRequestBuilder requests;
    private final RestMessages words;
    private final ParallelSender lanes;
    private final RestLookupBatch lookups;
    /** Null when nothing is looked for. */
    private final RestFinder finder;
    /** Null when nothing is looked for by e-mail address. */
    private final RestEmails emails;

    private final CreateAttempts attempts;
    private final RecordOwners owners;
    private final Mapping mapping;
    private final RestSteps steps;
    private final RestBatch batches;
    private final RestTrial trial;

    public RestCrm(
            CrmClient calls,
            Mapping mapping,
            RestSettings settings,
            Gone gone,
            Missing missing,
            CreateAttempts attempts,
            RecordOwners owners) {
        this.mapping = mapping;
        this.owners = owners;
        this.attempts = attempts;
        this.calls = calls;
        this.settings = settings;
        this.gone = gone;
        this.missing = missing;
        this.requests = new RestRequestBuilder(settings, mapping);
        this.words = new RestMessages(settings, mapping);
        this.lanes = new ParallelSender(settings.maxConcurrentCalls());
        this.steps = new RestSteps(RestStep.all(settings, mapping), calls, settings, requests, words);
        this.lookups = new RestLookupBatch(calls, lanes);
        this.finder = settings.mode() instanceof RestMode.FindThenWrite find
                ? new RestFinder(find, find.find(), "contacts.crm.rest.find", calls, settings, requests, words)
                : null;
        this.batches = new RestBatch(calls, settings, requests, words);
        this.trial = new RestTrial(calls, settings, words, finder);
        this.emails = settings.mode() instanceof RestMode.FindThenWrite find && find.findByEmail() != null
                ? new RestEmails(
                        new RestFinder(
                                find,
                                find.findByEmail(),
                                "contacts.crm.rest.find-by-email",
                                calls,
                                settings,
                                requests,
                                words),
                        find,
                        calls,
                        settings,
                        mapping,
                        owners,
                        words)
                : null;
    }

    @Override
    public int batchSize() {
        return settings.mode() instanceof RestMode.Batch batch
                ? batch.size()
                : OF_A_CALLER * settings.maxConcurrentCalls();
    }

    @Override
    public void prepare() {
        trial.check();
    }

    @Override
    public CrmTrial tryOut() {
        return trial.tryOut();
    }

    @Override
    public Presence probe(long ends) {
        return trial.probe(ends);
    }

    @Override
    public boolean isSequential() {
        return settings.maxConcurrentCalls() == 1 && !(settings.mode() instanceof RestMode.Batch);
    }

    @Override
    public List<DeliveryResult> upsert(List<CrmRecord> contacts, long ends) {
        List<DeliveryResult> written = write(contacts, ends);
        return steps.isEmpty() ? written : withSteps(contacts, written, ends);
    }

    /** Only of those that were accepted; what a step does not get to stays pending, and is found the next time. */
    private List<DeliveryResult> withSteps(List<CrmRecord> contacts, List<DeliveryResult> written, long ends) {
        Map<CrmRecord, DeliveryResult.Accepted> accepted = new IdentityHashMap<>();
        for (int i = 0; i < contacts.size(); i++) {
            if (written.get(i) instanceof DeliveryResult.Accepted each) {
                accepted.put(contacts.get(i), each);
            }
        }
        List<CrmRecord> followed =
                contacts.stream().filter(accepted::containsKey).toList();
        List<DeliveryResult> results =
                lanes.sendAll(followed, contact -> steps.follow(contact, accepted.get(contact), ends));
        Iterator<DeliveryResult> next = results.iterator();
        List<DeliveryResult> all = new ArrayList<>();
        for (int i = 0; i < contacts.size(); i++) {
            all.add(accepted.containsKey(contacts.get(i)) ? next.next() : written.get(i));
        }
        return all;
    }

    private List<DeliveryResult> write(List<CrmRecord> contacts, long ends) {
        if (settings.mode() instanceof RestMode.Batch batch) {
            return batches.write(batch.write(), contacts, ends);
        }
        if (settings.mode() instanceof RestMode.FindThenWrite find) {
            return lookups.write(lookup(find), contacts, ends);
        }
        return lanes.sendAll(contacts, contact -> single(settings.mode().update(), contact, ends));
    }

    private DeliveryResult single(RequestTemplate write, CrmRecord contact, long ends) {
        String lacking = write.lacking(requests.values(contact.delivery(), null));
        if (lacking != null) {
            return RestRefusals.lacking(write, lacking);
        }
        CrmResponse answer = calls.call(
                requests.write(write, contact, null, RestRequestBuilder.NOTHING, true),
                given -> settings.answers().lacksId(given, settings.answers().one(write, given), false)
                        ? RestHalts.withoutId(write, given)
                        : words.verdict(write, given, settings.answers().one(write, given), List.of(contact)),
                ends);
        return words.receipt(
                write, answer, settings.answers().one(write, answer), contact, null, ErrorSanitizer.ONCE_CHANGED);
    }

    @Override
    public boolean shows(Delivery delivered, long ends) {
        CrmRecord contact = new CrmRecord(delivered, settings.recordKey(delivered), Map.of());
        if (finder != null) {
            return finder.lacking(delivered) != null || finder.find(contact, "", ends) != null;
        }
        RestReader reader = new RestReader(settings, calls, requests, words);
        return !reader.canRead()
                || !reader.read(contact, delivered.remoteId(), ends).isGone();
    }

    @Override
    public List<CrmReading> read(List<CrmRecord> delivered, long ends) {
        RestAuditReads reads = reads();
        if (!reads.canRead()) {
            throw calls.halt("No call reads a record: set contacts.crm.rest.read, such as GET /contacts/{remoteId}, or"
                    + " contacts.crm.rest.find");
        }
        return lanes.readAll(calls, delivered, contact -> reads.read(contact, ends));
    }

    @Override
    public List<CrmReading> readByEmail(List<CrmRecord> contacts, long ends) {
        RestAuditReads reads = reads();
        return lanes.readAll(calls, contacts, contact -> emails.read(contact, reads, ends));
    }

    @Override
    public List<List<PartFinding>> compareParts(List<CrmRecord> found, List<String> recordIds, long ends) {
        Map<CrmRecord, String> ids = new IdentityHashMap<>();
        IntStream.range(0, found.size()).forEach(i -> ids.put(found.get(i), recordIds.get(i)));
        return steps.isEmpty()
                ? Crm.super.compareParts(found, recordIds, ends)
                : lanes.readAll(calls, found, contact -> steps.compare(contact, ids.get(contact), ends));
    }

    @Override
    public Set<String> unreadableParts() {
        return steps.unreadable();
    }

    private RestAuditReads reads() {
        return new RestAuditReads(finder, new RestReader(settings, calls, requests, words), settings, mapping);
    }

    @Override
    public DeliveryResult removeOrFlag(Delivery delivery, long ends) {
        return new RestRemoval(calls, settings, gone, requests, words, owners, mapping.key())
                .removeOrFlag(delivery, finder, ends);
    }

    private RestLookup lookup(RestMode.FindThenWrite find) {
        return new RestLookup(find, finder, emails, calls, settings, requests, words, missing, attempts, owners);
    }
}
