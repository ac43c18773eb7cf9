package de.contactsync.crm;

import de.contactsync.contact.ContactKey;
import de.contactsync.contact.CreateAttempts;
import de.contactsync.contact.CustomerContact;
import de.contactsync.contact.Delivery;
import de.contactsync.contact.Receipt;
import de.contactsync.crm.CrmSettings.Gone;
import de.contactsync.crm.CrmSettings.Missing;
import de.contactsync.crm.Meanings.Meaning;
import de.contactsync.crm.RestAnswers.Result;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.function.Function;

/**
 * Any CRM that takes JSON over HTTP, as settings describe it. What is sent is in {@link RestRequests}, what answers mean
 * in {@link RestAnswers}.
 */
final class Rest implements Crm {

    /** Contacts that a caller works on before what became of them is written down. */
    private static final int OF_A_CALLER = 10;
    private static final Duration PATIENCE_OF_CHECK = Duration.ofMinutes(2);

    private final CrmCalls calls;
    private final RestSettings settings;
    private final Gone gone;
    private final Missing missing;
    private final RestRequests requests;
    private final RestWords words;
    private final SideBySide lanes;
    private final CreateAttempts attempts;

    Rest(CrmCalls calls, Mapping mapping, RestSettings settings, Gone gone, Missing missing, CreateAttempts attempts) {
        this.attempts = attempts;
        this.calls = calls;
        this.settings = settings;
        this.gone = gone;
        this.missing = missing;
        this.requests = new RestRequests(settings, mapping);
        this.words = new RestWords(settings, mapping);
        this.lanes = new SideBySide(settings.callsAtOnce());
    }

    @Override
    public int batchSize() {
        return settings.mode() instanceof RestMode.Batch batch ? batch.size() : OF_A_CALLER * settings.callsAtOnce();
    }

    @Override
    public void prepare() {
        if (settings.check() == null) {
            return;
        }
        CrmRequest request = settings.check().fill(settings.secrets()::get, null, Map.of(), true);
        CrmAnswer answer = calls.call(request, judge(settings.check(), List.of()),
                System.nanoTime() + PATIENCE_OF_CHECK.toNanos());
        Result result = settings.answers().one(answer);
        if (!result.ok()) {
            throw calls.halt(words.check("contacts.crm.rest.check", settings.check(), answer, result));
        }
    }

    /** Looks for a contact that there cannot be; without a call that looks, only the one that checks can be made. */
    @Override
    public CrmTrial tryOut() {
        prepare();
        String checked = settings.check() == null ? "" : "contacts.crm.rest.check was answered";
        if (!(settings.mode() instanceof RestMode.FindThenWrite find)) {
            return settings.check() == null
                    ? new CrmTrial("nothing was called", "everything: set contacts.crm.rest.check to a call that changes nothing")
                    : new CrmTrial(checked, "contacts.crm.rest.write, and deleting");
        }
        Delivery nobody = new Delivery(new ContactKey(UUID.randomUUID(), UUID.randomUUID(), UUID.randomUUID()),
                new CustomerContact(null, null, null, "Nobody", null, null, "nobody@example.invalid", null), "none", null, false);
        String answered = lookup(find).look(
                new Outgoing(nobody, settings.recordKey(nobody), Map.of()), System.nanoTime() + PATIENCE_OF_CHECK.toNanos());
        return new CrmTrial((checked.isEmpty() ? "" : checked + ", and ") + "contacts.crm.rest.find for a made-up contact was "
                + answered, "creating, updating and deleting contacts");
    }

    @Override
    public List<Receipt> upsert(List<Outgoing> contacts, long ends) {
        if (settings.mode() instanceof RestMode.Batch batch) {
            return batch(batch.write(), contacts, ends);
        }
        List<Callable<Receipt>> works = new ArrayList<>();
        for (Outgoing contact : contacts) {
            works.add(() -> settings.mode() instanceof RestMode.FindThenWrite find
                    ? lookup(find).write(contact, ends)
                    : single(settings.mode().update(), contact, ends));
        }
        return lanes.receipts(works);
    }

    private Receipt single(RequestTemplate write, Outgoing contact, long ends) {
        String lacking = write.lacking(requests.values(contact.delivery(), null));
        if (lacking != null) {
            return words.lacking(write, lacking);
        }
        CrmAnswer answer = calls.call(
                requests.write(write, contact, null, RestRequests.NOTHING, true), judge(write, List.of(contact)),
                ends);
        return words.receipt(write, answer, settings.answers().one(answer), contact, null, Words.ONCE_CHANGED);
    }

    private List<Receipt> batch(RequestTemplate write, List<Outgoing> contacts, long ends) {
        RestAnswers answers = settings.answers();
        CrmAnswer answer = calls.call(
                requests.writeAll(write, contacts), given -> judgeBatch(write, given, contacts), ends);
        if (answers.isWhole(answer)) {
            Result whole = answers.one(answer);
            return whole.ok() ? all(contacts, new Receipt.Accepted(null))
                    : contacts.size() > 1 ? all(contacts, new Receipt.Unsent())
                    : List.of(words.receipt(write, answer, whole, contacts.get(0), null, Words.ONCE_CHANGED));
        }
        if (!answers.hasResults(answer)) {
            throw calls.halt(words.noResults(write, answer));
        }
        if (answers.isOfOthers(answer, keys(contacts))) {
            throw calls.halt(words.resultsOfOthers(write, answer));
        }
        Map<String, Result> results = answers.each(answer, keys(contacts));
        List<Receipt> receipts = new ArrayList<>();
        for (Outgoing contact : contacts) {
            Result result = results.get(contact.id());
            boolean smaller = contacts.size() > 1 && (result == null || result.meaning() == Meaning.RETRY);
            receipts.add(smaller ? new Receipt.Unsent()
                    : result != null ? words.receipt(write, answer, result, contact, null, Words.ONCE_CHANGED)
                    : words.silent(write, answer));
        }
        return receipts;
    }

    private static List<String> keys(List<Outgoing> contacts) {
        return contacts.stream().map(Outgoing::id).toList();
    }

    private static List<Receipt> all(List<Outgoing> contacts, Receipt receipt) {
        return Collections.nCopies(contacts.size(), receipt);
    }

    private Verdict judgeBatch(RequestTemplate write, CrmAnswer answer, List<Outgoing> contacts) {
        if (settings.answers().isWhole(answer)) {
            return words.verdict(write, answer, settings.answers().one(answer), contacts);
        }
        for (Result result : settings.answers().each(answer, keys(contacts)).values()) {
            boolean ofAll = result.meaning() == Meaning.HALT || result.meaning() == Meaning.QUOTA
                    || result.meaning() == Meaning.RENEW
                    || result.meaning() == Meaning.RETRY && contacts.size() == 1;
            if (ofAll) {
                return words.verdict(write, answer, result, contacts);
            }
        }
        return new Verdict.Answered();
    }

    private Function<CrmAnswer, Verdict> judge(RequestTemplate call, List<Outgoing> contacts) {
        return answer -> words.verdict(call, answer, settings.answers().one(answer), contacts);
    }

    /** Whatever is remembered, only the record that has the contact's key now is touched. */
    @Override
    public Receipt takeBack(Delivery delivery, long ends) {
        RequestTemplate template = gone == Gone.DELETE ? settings.delete() : settings.mode().update();
        Outgoing contact = new Outgoing(delivery, settings.recordKey(delivery), Map.of());
        String remoteId = RestAnswers.usable(delivery.remoteId());
        if (settings.mode() instanceof RestMode.FindThenWrite find) {
            String lacking = find.find().lacking(requests.values(delivery, null));
            if (lacking != null) {
                return words.lacking(find.find(), lacking);
            }
            RestLookup.Found found = lookup(find).find(contact, Words.ONCE_REPLAYED, ends);
            if (found == null || found.instead() != null) {
                return found == null ? new Receipt.Accepted(null) : found.instead();
            }
            remoteId = found.id();
        } else if (template.needsRemoteId()) {
            Receipt instead = remoteId == null ? words.neverTold(template) : notOwn(contact, remoteId, ends);
            if (instead != null) {
                return instead;
            }
        }
        CrmRequest request = gone == Gone.DELETE
                ? requests.delete(template, delivery, remoteId)
                : requests.flag(template, delivery, remoteId);
        CrmAnswer answer = calls.call(request, given -> isGone(template, given)
                ? new Verdict.Answered()
                : judge(template, List.of(contact)).apply(given), ends);
        // Somebody has deleted it there already.
        return isGone(template, answer) ? new Receipt.Accepted(null)
                : words.receipt(template, answer, settings.answers().one(answer), contact, remoteId, Words.ONCE_REPLAYED);
    }

    /** Null when the record that is remembered is there and has the contact's key. */
    private Receipt notOwn(Outgoing contact, String remoteId, long ends) {
        RequestTemplate read = settings.existing().read();
        CrmAnswer answer = calls.call(requests.read(read, contact.delivery(), remoteId), given -> isGone(read, given)
                ? new Verdict.Answered()
                : judge(read, List.of(contact)).apply(given), ends);
        Result result = settings.answers().one(answer);
        return isGone(read, answer) ? new Receipt.Accepted(null)
                : !result.ok() ? words.receipt(read, answer, result, contact, remoteId, Words.ONCE_REPLAYED)
                : requests.isOf(CrmJson.read(answer), contact.id()) ? null
                : words.ofAnother(read);
    }

    private RestLookup lookup(RestMode.FindThenWrite find) {
        return new RestLookup(find, calls, settings, requests, words, missing, attempts);
    }

    private boolean isGone(RequestTemplate call, CrmAnswer answer) {
        return settings.existing().isGone(call, answer, settings.answers());
    }
}
