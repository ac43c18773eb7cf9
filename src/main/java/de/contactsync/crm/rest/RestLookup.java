package de.contactsync.crm.rest;

import com.fasterxml.jackson.databind.JsonNode;
import de.contactsync.crm.CallDecision;
import de.contactsync.crm.CrmClient;
import de.contactsync.crm.CrmRecord;
import de.contactsync.crm.CrmResponse;
import de.contactsync.crm.CrmSettings.Missing;
import de.contactsync.crm.ErrorSanitizer;
import de.contactsync.crm.RemotePresence;
import de.contactsync.crm.UnexpectedAnswerException;
import de.contactsync.crm.rest.RestResponseParser.Result;
import de.contactsync.crm.rest.StatusMapping.Meaning;
import de.contactsync.model.ContactKey;
import de.contactsync.model.CreateAttempts;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.RecordOwners;
import java.util.List;

/**
 * Finds the record of one contact and updates it, or creates it where there is none; for a CRM without an upsert. A
 * record whose id is known is updated without being looked for. A create that was not answered is not repeated: the
 * contact stays pending, and is looked for before it is sent again.
 */
final class RestLookup {

    private final RestMode.FindThenWrite mode;
    private final CrmClient calls;
    private final RestSettings settings;
    private final RestRequestBuilder requests;
    private final RestMessages words;
    private final Missing missing;
    private final CreateAttempts attempts;
    private final RecordOwners owners;
    private final RestReader reader;
    private final RestFinder finder;
    /** Null when nothing is looked for by e-mail address. */
    private final RestEmails emails;

    RestLookup(
            RestMode.FindThenWrite mode,
            RestFinder finder,
            RestEmails emails,
            CrmClient calls,
            RestSettings settings,
            RestRequestBuilder requests,
            RestMessages words,
            Missing missing,
            CreateAttempts attempts,
            RecordOwners owners) {
        this.finder = finder;
        this.emails = emails;
        this.owners = owners;
        this.missing = missing;
        this.attempts = attempts;
        this.mode = mode;
        this.calls = calls;
        this.settings = settings;
        this.requests = requests;
        this.words = words;
        this.reader = new RestReader(settings, calls, requests, words);
    }

    /** @return null when its record is remembered and is not there any more: it is to be created anew */
    DeliveryResult write(CrmRecord contact, long ends) {
        for (RequestTemplate template : List.of(mode.find(), mode.create())) {
            String lacking = template.lacking(requests.values(contact.delivery(), null));
            if (lacking != null) {
                return RestRefusals.lacking(template, lacking);
            }
        }
        if (contact.takes() != null) {
            DeliveryResult taken = takeOver(contact, ends);
            if (taken != null) {
                return taken;
            }
        }
        String known = RestResponseParser.usable(contact.delivery().remoteId());
        Remembered remembered = known == null ? Remembered.NONE : remembered(contact, known, ends);
        if (remembered.instead() != null) {
            return remembered.instead();
        }
        if (remembered.id() != null) {
            DeliveryResult kept = remembered.proven() ? null : ofTwo(contact, remembered.id());
            if (kept != null) {
                return kept;
            }
            CrmResponse updated = update(contact, remembered.id(), remembered.record(), ends);
            if (isMoved(contact, remembered.id(), updated)) {
                return RestRefusals.moved(mode.update());
            }
            if (!isGone(mode.update(), updated)) {
                return receipt(mode.update(), updated, contact, remembered.id());
            }
        }
        DeliveryResult there = updateIfThere(contact, ends);
        if (there != null) {
            return there;
        }
        // Of one that was delivered the id may be forgotten by now, so that it was looked for.
        boolean deleted = known != null || contact.delivery().known() && missing != Missing.CREATE;
        return deleted ? RemotePresence.missing(missing, "the CRM") : create(contact, ends);
    }

    /** Writes into a record that is no contact's, with the key. @return null when it is not there any more */
    private DeliveryResult takeOver(CrmRecord contact, long ends) {
        JsonNode there = needsRecord() ? emails.record(contact, contact.takes(), ends) : RestRequestBuilder.NOTHING;
        CrmResponse updated = update(contact, contact.takes(), there, ends);
        return isGone(mode.update(), updated) || isMoved(contact, contact.takes(), updated)
                ? null
                : receipt(mode.update(), updated, contact, contact.takes());
    }

    /** Creates the record of a contact that was looked for. */
    DeliveryResult create(CrmRecord contact, long ends) {
        ContactKey key = contact.delivery().key();
        boolean lags = !mode.findLag().isZero();
        if (lags && attempts.isRecent(key, mode.findLag())) {
            // It may have been created and not yet be found: it stays pending until that can be told.
            return new DeliveryResult.Unsent();
        }
        CrmResponse created = calls.call(
                requests.create(mode.create(), contact),
                answer -> judgeCreate(answer, contact, lags),
                lags ? new Noting(key) : CrmClient.Watcher.NONE,
                ends);
        Result result = settings.answers().one(mode.create(), created);
        if (exists(created) || result.meaning() == Meaning.RETRY) {
            // Somebody was faster, what was created a moment ago could not be found yet, or it was created all the
            // same.
            DeliveryResult there = updateIfThere(contact, ends);
            return there != null
                    ? there
                    : lags ? new DeliveryResult.Unsent() : receipt(mode.create(), created, contact, null);
        }
        return receipt(mode.create(), created, contact, null);
    }

    private CallDecision judgeCreate(CrmResponse answer, CrmRecord contact, boolean lags) {
        Result result = settings.answers().one(mode.create(), answer);
        if (settings.answers().lacksId(answer, result, true)) {
            return RestHalts.withoutId(mode.create(), answer);
        }
        boolean refused = !result.ok()
                && !exists(answer)
                && result.meaning() != Meaning.RETRY
                && (answer.status() / 100 == 4 || result.code() != null);
        if (lags && refused) {
            attempts.forget(contact.delivery().key());
        }
        return exists(answer) ? new CallDecision.Answered() : verdict(mode.create(), answer, contact);
    }

    /** Remembers when a create was sent, which may have been done whatever is answered. */
    private final class Noting implements CrmClient.Watcher {

        private final ContactKey key;

        Noting(ContactKey key) {
            this.key = key;
        }

        @Override
        public void sending() {
            attempts.note(key, mode.findLag());
        }

        @Override
        public void notSent() {
            attempts.forget(key);
        }
    }

    /**
     * @param id      of the record to be written; null when it has to be looked for
     * @param record  as far as it is known
     * @param proven  whether it was read and has the contact's key
     * @param instead what there is to say instead; null else
     */
    private record Remembered(String id, JsonNode record, boolean proven, DeliveryResult instead) {

        static final Remembered NONE = new Remembered(null, RestRequestBuilder.NOTHING, false, null);
    }

    private Remembered remembered(CrmRecord contact, String known, long ends) {
        // What is to be kept is looked for below what was found, which a record that was read need not be like.
        boolean keeps = needsRecord();
        if (!reader.canRead()) {
            return keeps ? Remembered.NONE : new Remembered(known, RestRequestBuilder.NOTHING, false, null);
        }
        RestReader.Reading read = reader.read(contact, known, ends);
        if (read.endless() != null) {
            return new Remembered(null, null, false, read.endless());
        }
        if (read.isGone() || !read.result().ok()) {
            // Not there, it is looked for. One that the CRM fails to read may be there, without a key that finds it.
            return read.isGone() || read.result().meaning() != Meaning.RETRY
                    ? Remembered.NONE
                    : new Remembered(
                            null, null, false, receipt(settings.existing().read(), read.answer(), contact, null));
        }
        if (requests.isOf(read.record(), contact.id())) {
            return keeps ? Remembered.NONE : new Remembered(read.id(), RestRequestBuilder.NOTHING, true, null);
        }
        if (read.id().equals(known)) {
            return Remembered.NONE;
        }
        String owner = requests.keyIn(read.record());
        return !owner.isEmpty()
                ? new Remembered(null, null, false, RemotePresence.merged("the CRM", owner))
                : keeps
                                && (settings.existing().readKey() != null
                                        || mode.update().needsFound())
                        ? new Remembered(null, null, false, RestRefusals.mergedWithoutKey())
                        : new Remembered(read.id(), keeps ? read.record() : RestRequestBuilder.NOTHING, false, null);
    }

    /** Whether what is sent repeats something of the record as it is. */
    private boolean needsRecord() {
        return settings.nullHandling().keep() || mode.update().needsFound();
    }

    /** Null when the record is not remembered of another contact that JTL has. */
    private DeliveryResult ofTwo(CrmRecord contact, String id) {
        ContactKey owner = owners.other(contact.delivery().key(), id);
        return owner == null ? null : RemotePresence.ofTwo(owner);
    }

    private boolean isMoved(CrmRecord contact, String id, CrmResponse updated) {
        return settings.existing().movedTo(mode.update(), updated, requests.values(contact.delivery(), id)) != null;
    }

    private boolean isGone(RequestTemplate call, CrmResponse answer) {
        return settings.existing().isGone(call, answer, settings.answers());
    }

    private boolean exists(CrmResponse created) {
        Result result = settings.answers().one(mode.create(), created);
        return !result.ok()
                && (mode.exists().contains(Integer.toString(created.status()))
                        || result.code() != null && mode.exists().contains(result.code()));
    }

    /** @return null when it is not there */
    private DeliveryResult updateIfThere(CrmRecord contact, long ends) {
        RestFinder.Found found = finder.find(contact, ErrorSanitizer.ONCE_CHANGED, ends);
        if (found == null || found.instead() != null) {
            return found == null ? null : found.instead();
        }
        DeliveryResult kept = finder.isProven(found, contact) ? null : ofTwo(contact, found.id());
        if (kept != null) {
            return kept;
        }
        CrmResponse updated = update(contact, found.id(), found.record(), ends);
        if (isMoved(contact, found.id(), updated)) {
            return RestRefusals.moved(mode.update());
        }
        if (isGone(mode.update(), updated)) {
            throw new UnexpectedAnswerException(updated, RestHalts.notUpdated(mode.update(), updated));
        }
        return receipt(mode.update(), updated, contact, found.id());
    }

    private CallDecision verdict(RequestTemplate call, CrmResponse answer, CrmRecord contact) {
        return words.verdict(call, answer, settings.answers().one(call, answer), List.of(contact));
    }

    private CrmResponse update(CrmRecord contact, String id, JsonNode there, long ends) {
        return calls.call(
                requests.write(mode.update(), contact, id, there, true),
                answer -> isGone(mode.update(), answer) || isMoved(contact, id, answer)
                        ? new CallDecision.Answered()
                        : verdict(mode.update(), answer, contact),
                ends);
    }

    private DeliveryResult receipt(RequestTemplate call, CrmResponse answer, CrmRecord contact, String knownId) {
        Result result = settings.answers().one(call, answer);
        return words.receipt(call, answer, result, contact, knownId, ErrorSanitizer.ONCE_CHANGED);
    }
}
