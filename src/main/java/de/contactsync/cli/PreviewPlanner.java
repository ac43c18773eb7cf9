package de.contactsync.cli;

import de.contactsync.crm.CrmKind;
import de.contactsync.crm.CrmReading.State;
import de.contactsync.crm.CrmSettings;
import de.contactsync.crm.CrmSettings.Gone;
import de.contactsync.crm.CrmSettings.Mode;
import de.contactsync.crm.EmailMatcher;
import de.contactsync.crm.Screening;
import de.contactsync.crm.mapping.Mapping;
import de.contactsync.crm.mapping.WritePolicy;
import de.contactsync.model.ContactKey;
import de.contactsync.model.CustomerContact;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import de.contactsync.outbox.DeliveryQueries;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;

/** Decides what a run would do in the CRM for each key of a file. */
final class PreviewPlanner {

    private final Mapping mapping;
    private final CrmSettings settings;
    private final boolean all;
    private final CrmKind kind;
    private final Screening screening;

    /** @param all whether the next start sends all contacts */
    PreviewPlanner(Mapping mapping, CrmSettings settings, boolean all) {
        this.mapping = mapping;
        this.settings = settings;
        this.all = all;
        this.kind = settings.kind();
        this.screening = new Screening(kind, mapping);
    }

    /** What is to be looked for by its e-mail address in the CRM; null for nothing. @param known as of {@link #plan} */
    Delivery wanted(KeyEntry entry, Outcome outcome, DeliveryQueries.Known known) {
        if (!(outcome instanceof Outcome.Found found)) {
            return null;
        }
        ContactKey key = ((KeyEntry.Valid) entry).key();
        boolean isNew = known == null
                || known.acceptedHash() == null && isSent(known, found.contact().contentHash());
        return isNew && screening.of(delivery(key, found.contact()), mapped(key, found.contact())) == null
                ? delivery(key, found.contact())
                : null;
    }

    /**
     * @param known null when the CRM was never sent this contact
     * @param match what the CRM has of what is {@link #wanted}; null for what was not looked for
     * @param taken whether a contact before has this value of {@link CrmKind#uniqueField}
     */
    PlannedKey plan(
            KeyEntry entry,
            Outcome outcome,
            DeliveryQueries.Known known,
            EmailMatcher.Preview match,
            Predicate<String> taken) {
        return outcome instanceof Outcome.Failed failed
                ? new PlannedKey.Failed(entry, failed, known, ofFailed(failed, known), isDropped(failed))
                : ofFound((KeyEntry.Valid) entry, ((Outcome.Found) outcome).contact(), known, match, taken);
    }

    private PlannedAction ofFailed(Outcome.Failed failed, DeliveryQueries.Known known) {
        if (failed.reason() == Reason.INVALID_KEY) {
            return PlannedAction.INVALID;
        }
        if (known == null) {
            return PlannedAction.NONE;
        }
        boolean waits = known.isWaiting() || all && known.wantedHash() != null;
        if (isDropped(failed) && known.isRemovedByRun()) {
            return waits ? PlannedAction.REMOVE_WAITING : PlannedAction.REMOVE;
        }
        return known.isBeingRemoved()
                ? PlannedAction.BEING_REMOVED
                : waits && !isDropped(failed) ? PlannedAction.WAITS : PlannedAction.NONE;
    }

    private boolean isDropped(Outcome.Failed failed) {
        return failed.reason() == Reason.NOT_FOUND && settings.gone() != Gone.KEEP;
    }

    private PlannedKey ofFound(
            KeyEntry.Valid entry,
            CustomerContact contact,
            DeliveryQueries.Known known,
            EmailMatcher.Preview match,
            Predicate<String> taken) {
        String hash = contact.contentHash();
        Map<String, String> sent = mapped(entry.key(), contact);
        Map<String, String> before = known == null || known.accepted() == null ? null : accepted(entry.key(), known);
        CrmKind.UniqueField unique = kind.uniqueField();
        DeliveryResult screened = screening.of(delivery(entry.key(), contact), sent);
        // Only what the CRM gets, or has, takes an address from contacts behind it.
        boolean reaches = isSent(known, hash) ? screened == null : hash.equals(known.acceptedHash());
        String sharedWith = reaches ? sharedWith(sent, match, taken) : null;
        boolean shares = sharedWith != null;
        PlannedAction matched = matched(match);
        PlannedAction action = !isSent(known, hash)
                ? ofUnsent(known, hash)
                : screened != null
                        ? screened instanceof DeliveryResult.LeftOut ? PlannedAction.LEFT_OUT : PlannedAction.UNFIT
                        : shares && !unique.leftOut()
                                ? PlannedAction.SHARED
                                : matched != PlannedAction.CREATE ? matched : ofSent(known, hash);
        Set<String> changed = action != PlannedAction.UPDATE
                ? Set.of()
                : matched == PlannedAction.UPDATE ? match.written() : changed(sent, before);
        boolean withoutUnique = shares && unique.leftOut() && isSent(known, hash);
        if (withoutUnique && screened == null) {
            sent.remove(unique.name());
        }
        return new PlannedKey.Found(
                entry,
                contact,
                known,
                action,
                screened,
                matched == PlannedAction.CREATE ? null : match,
                sent,
                before,
                changed,
                unique == null ? null : unique.name(),
                sharedWith,
                withoutUnique);
    }

    private boolean isSent(DeliveryQueries.Known known, String hash) {
        return known == null || all && known.wantedHash() != null || known.isSentAs(hash);
    }

    /** Who has the value of {@link CrmKind#uniqueField} already, for people; null for nobody. */
    private String sharedWith(Map<String, String> sent, EmailMatcher.Preview match, Predicate<String> taken) {
        CrmKind.UniqueField unique = kind.uniqueField();
        String value = unique == null ? "" : sent.getOrDefault(unique.name(), "");
        if (value.isEmpty()) {
            return null;
        }
        if (taken.test(value)) {
            return "a contact before it in the file";
        }
        boolean isOthers = match != null
                && !match.byKey()
                && match.reading().state() == State.MERGED
                && unique.name().equals(mapping.emailField());
        return isOthers ? "the record " + match.reading().recordId() + " of another contact" : null;
    }

    private static PlannedAction ofUnsent(DeliveryQueries.Known known, String hash) {
        return known.leftOut() != null
                ? PlannedAction.LEFT_OUT_BEFORE
                : hash.equals(known.acceptedHash()) ? PlannedAction.UNCHANGED : PlannedAction.REFUSED;
    }

    /** {@link PlannedAction#CREATE} also of what was not looked for. */
    private PlannedAction matched(EmailMatcher.Preview match) {
        if (match == null) {
            return PlannedAction.CREATE;
        }
        State state = match.reading().state();
        boolean there = state == State.FOUND || state == State.DOUBLED && match.byKey();
        if (state == State.DOUBLED && !match.byKey()) {
            return PlannedAction.AMBIGUOUS;
        }
        boolean missing = state == State.MISSING || state == State.MERGED && !match.byKey();
        if (there && settings.mode() == Mode.CREATE_ONLY || missing && settings.mode() == Mode.UPDATE_ONLY) {
            return PlannedAction.LEFT_OUT;
        }
        return there ? match.byKey() ? PlannedAction.UPDATE : PlannedAction.TAKE_OVER : PlannedAction.CREATE;
    }

    private PlannedAction ofSent(DeliveryQueries.Known known, String hash) {
        if (known == null || known.acceptedHash() == null && !isFlagged(known)) {
            return PlannedAction.CREATE;
        }
        if (!all && known.lacksOnlyEmail(hash)) {
            return PlannedAction.ADDRESS;
        }
        return known.acceptedHash() == null || hash.equals(known.acceptedHash())
                ? PlannedAction.AGAIN
                : PlannedAction.UPDATE;
    }

    /** Whether its record is there, and says that JTL has it no longer. */
    private boolean isFlagged(DeliveryQueries.Known known) {
        return known.recorded() && settings.gone() == Gone.FLAG;
    }

    private Set<String> changed(Map<String, String> sent, Map<String, String> before) {
        Set<String> names = new LinkedHashSet<>();
        if (before != null) {
            names.addAll(sent.keySet());
            names.addAll(before.keySet());
            names.removeIf(name -> Objects.equals(sent.get(name), before.get(name))
                    || keptBy(mapping, name, before.get(name)) != null);
        }
        return names;
    }

    /** What the CRM has of it, as the mapping is now. */
    private Map<String, String> accepted(ContactKey key, DeliveryQueries.Known known) {
        Map<String, String> fields = new LinkedHashMap<>(mapped(key, known.accepted()));
        fields.keySet().removeIf(field -> known.lacksEmail() && kind.isUnique(field));
        return fields;
    }

    private Map<String, String> mapped(ContactKey key, CustomerContact contact) {
        Map<String, String> fields = mapping.map(delivery(key, contact), kind.nullHandling(), settings.gone());
        fields.keySet().removeIf(name -> kind.isLeftOut(name, fields, mapping));
        return fields;
    }

    static Delivery delivery(ContactKey key, CustomerContact contact) {
        return new Delivery(key, contact, contact.contentHash(), null, false);
    }

    /**
     * By what a field of a record that is there is not written, as far as that is known without the CRM; else null.
     *
     * @param before what was sent last; null or empty for nothing
     */
    static WritePolicy keptBy(Mapping mapping, String name, String before) {
        WritePolicy policy = mapping.write(name);
        boolean kept = policy == WritePolicy.CREATE_ONLY
                || policy == WritePolicy.WHEN_EMPTY && before != null && !before.isEmpty();
        return kept ? policy : null;
    }
}
