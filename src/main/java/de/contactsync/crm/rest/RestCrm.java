package de.contactsync.crm.rest;

import de.contactsync.crm.CallDecision;
import de.contactsync.crm.Crm;
import de.contactsync.crm.CrmClient;
import de.contactsync.crm.CrmReading;
import de.contactsync.crm.CrmRecord;
import de.contactsync.crm.CrmRequest;
import de.contactsync.crm.CrmResponse;
import de.contactsync.crm.CrmSettings.Gone;
import de.contactsync.crm.CrmSettings.Missing;
import de.contactsync.crm.CrmTrial;
import de.contactsync.crm.ErrorSanitizer;
import de.contactsync.crm.mapping.Mapping;
import de.contactsync.crm.rest.RestResponseParser.Result;
import de.contactsync.crm.rest.StatusMapping.Meaning;
import de.contactsync.model.CreateAttempts;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.RecordOwners;
import de.contactsync.outbox.Presence;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Any CRM that takes JSON over HTTP, as settings describe it. What is sent is in {@link RestRequestBuilder}, what
 * answers mean in {@link RestResponseParser}.
 */
public final class RestCrm implements Crm {

    /** Contacts that a caller works on before what became of them is written down. */
    private static final int OF_A_CALLER = 10;

    private static final Duration PATIENCE_OF_CHECK = Duration.ofMinutes(2);

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
    /** Whether a result of a batch was ever that of a contact. */
    private boolean matched;

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
        this.lookups = new RestLookupBatch(calls, lanes, words);
        this.finder = settings.mode() instanceof RestMode.FindThenWrite find
                ? new RestFinder(find, find.find(), "contacts.crm.rest.find", calls, settings, requests, words)
                : null;
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
        if (settings.check() != null) {
            check(System.nanoTime() + PATIENCE_OF_CHECK.toNanos());
        }
    }

    private void check(long ends) {
        CrmRequest request =
                settings.check().fill(settings.secrets()::get, null, Map.of(), settings.bodyFormat(), true);
        CrmResponse answer = calls.call(request, judge(settings.check(), List.of()), ends);
        Result result = settings.answers().one(settings.check(), answer);
        if (!result.ok()) {
            throw calls.halt(words.check("contacts.crm.rest.check", settings.check(), answer, result));
        }
    }

    /** Looks for a contact that there cannot be; without a call that looks, only the one that checks can be made, if any. */
    @Override
    public CrmTrial tryOut() {
        prepare();
        String checked = settings.check() == null ? "" : "contacts.crm.rest.check was answered";
        if (finder == null) {
            return settings.check() == null
                    ? new CrmTrial(
                            reached(),
                            "its calls, and whether it lets us make them: set contacts.crm.rest.check to a call that"
                                    + " changes nothing")
                    : new CrmTrial(checked, "contacts.crm.rest.write, and deleting");
        }
        String answered = finder.lookForNobody(System.nanoTime() + PATIENCE_OF_CHECK.toNanos());
        return new CrmTrial(
                (checked.isEmpty() ? "" : checked + ", and ") + "contacts.crm.rest.find for a made-up contact was "
                        + answered,
                "creating, updating and deleting contacts");
    }

    /** Signs in where a token is fetched for that, and connects; of whatever is answered no more is known. */
    private String reached() {
        CrmResponse answer = calls.call(
                new CrmRequest("HEAD", "/", null),
                given -> new CallDecision.Answered(),
                System.nanoTime() + PATIENCE_OF_CHECK.toNanos());
        return (settings.client() == null ? "" : "a token was fetched, and ") + "it answers (HTTP " + answer.status()
                + " to HEAD /)";
    }

    @Override
    public boolean isSequential() {
        return settings.maxConcurrentCalls() == 1 && !(settings.mode() instanceof RestMode.Batch);
    }

    @Override
    public Presence probe(long ends) {
        if (settings.check() != null) {
            check(ends);
        } else if (finder != null) {
            finder.lookForNobody(ends);
        } else {
            return Presence.UNKNOWN;
        }
        return Presence.ANSWERS;
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
            return batch(batch.write(), contacts, ends);
        }
        if (settings.mode() instanceof RestMode.FindThenWrite find) {
            return lookups.write(lookup(find), contacts, ends);
        }
        return lanes.sendAll(contacts, contact -> single(settings.mode().update(), contact, ends));
    }

    private DeliveryResult single(RequestTemplate write, CrmRecord contact, long ends) {
        String lacking = write.lacking(requests.values(contact.delivery(), null));
        if (lacking != null) {
            return words.lacking(write, lacking);
        }
        CrmResponse answer = calls.call(
                requests.write(write, contact, null, RestRequestBuilder.NOTHING, true),
                given -> settings.answers().lacksId(given, settings.answers().one(write, given), false)
                        ? words.withoutId(write, given)
                        : judge(write, List.of(contact)).apply(given),
                ends);
        return words.receipt(
                write, answer, settings.answers().one(write, answer), contact, null, ErrorSanitizer.ONCE_CHANGED);
    }

    private List<DeliveryResult> batch(RequestTemplate write, List<CrmRecord> contacts, long ends) {
        RestResponseParser answers = settings.answers();
        CrmResponse answer =
                calls.call(requests.writeAll(write, contacts), given -> judgeBatch(write, given, contacts), ends);
        if (answers.isComplete(answer)) {
            Result whole = answers.one(write, answer);
            return whole.ok()
                    ? all(contacts, new DeliveryResult.Accepted(null))
                    : contacts.size() > 1
                            ? all(contacts, new DeliveryResult.Unsent())
                            : List.of(words.receipt(
                                    write, answer, whole, contacts.get(0), null, ErrorSanitizer.ONCE_CHANGED));
        }
        if (!answers.hasResults(answer, matched)) {
            throw calls.halt(words.noResults(write, answer));
        }
        if (answers.belongsToOthers(answer, keys(contacts))) {
            throw calls.halt(words.resultsOfOthers(write, answer));
        }
        Map<String, Result> results = answers.each(answer, keys(contacts));
        List<DeliveryResult> receipts = new ArrayList<>();
        for (CrmRecord contact : contacts) {
            Result result = results.get(contact.id());
            matched |= result != null;
            boolean smaller = contacts.size() > 1 && (result == null || result.mayPass());
            receipts.add(
                    smaller
                            ? new DeliveryResult.Unsent()
                            : result != null
                                    ? words.receipt(write, answer, result, contact, null, ErrorSanitizer.ONCE_CHANGED)
                                    : words.silent(write, answer));
        }
        return receipts;
    }

    private static List<String> keys(List<CrmRecord> contacts) {
        return contacts.stream().map(CrmRecord::id).toList();
    }

    private static List<DeliveryResult> all(List<CrmRecord> contacts, DeliveryResult deliveryResult) {
        return Collections.nCopies(contacts.size(), deliveryResult);
    }

    private CallDecision judgeBatch(RequestTemplate write, CrmResponse answer, List<CrmRecord> contacts) {
        if (settings.answers().isComplete(answer)) {
            return words.verdict(write, answer, settings.answers().one(write, answer), contacts);
        }
        Collection<Result> results =
                settings.answers().each(answer, keys(contacts)).values();
        // Also where it is called a quota it may be about these: what becomes of others shows that.
        boolean ofAll = !results.isEmpty() && results.stream().allMatch(result -> result.meaning() == Meaning.QUOTA);
        if (ofAll || contacts.size() == 1 && results.stream().anyMatch(Result::mayPass)) {
            return words.doubt(write, answer);
        }
        for (Result result : results) {
            if (result.meaning() == Meaning.HALT || result.meaning() == Meaning.RENEW) {
                return words.verdict(write, answer, result, contacts);
            }
        }
        return new CallDecision.Answered();
    }

    private Function<CrmResponse, CallDecision> judge(RequestTemplate call, List<CrmRecord> contacts) {
        return answer -> words.verdict(call, answer, settings.answers().one(call, answer), contacts);
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
            throw calls.halt("There is no call that reads a record: set contacts.crm.rest.read, such as GET"
                    + " /contacts/{remoteId}, or contacts.crm.rest.find");
        }
        return readEach(delivered, contact -> reads.read(contact, ends));
    }

    @Override
    public List<CrmReading> readByEmail(List<CrmRecord> contacts, long ends) {
        RestAuditReads reads = reads();
        return readEach(contacts, contact -> emails.read(contact, reads, ends));
    }

    private RestAuditReads reads() {
        return new RestAuditReads(finder, new RestReader(settings, calls, requests, words), settings, mapping);
    }

    /** One by one, as many at once as calls may be under way. */
    private List<CrmReading> readEach(List<CrmRecord> contacts, Function<CrmRecord, CrmReading> read) {
        Map<String, CrmReading> readings = new ConcurrentHashMap<>();
        for (DeliveryResult result : lanes.sendAll(contacts, contact -> {
            readings.put(contact.id(), read.apply(contact));
            return new DeliveryResult.Accepted(null);
        })) {
            if (result instanceof DeliveryResult.Unexpected unexpected) {
                throw calls.halt(unexpected.why().errorMessage());
            }
            if (result instanceof DeliveryResult.Unsent) {
                throw new ProcessingHaltedException("the CRM could not be asked for all contacts, the log says why");
            }
        }
        return contacts.stream().map(contact -> readings.get(contact.id())).toList();
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
