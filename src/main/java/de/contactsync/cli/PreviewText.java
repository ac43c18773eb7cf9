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
import de.contactsync.model.JtlId;
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
import java.util.function.ToIntFunction;

/** What a preview says of one key: every field as it would be sent, beside what was delivered last. */
final class PreviewText {

    /** What would become of a record in the CRM. */
    enum Fate {
        CREATE,
        /** A record that people have made becomes the contact's. */
        TAKE_OVER,
        /** Several records that people have made may be the contact's. */
        AMBIGUOUS,
        /** By {@link Mode}: there is a record, or there is none. */
        LEFT_OUT,
        /** Not looked at again until it changes. */
        LEFT_OUT_BEFORE,
        UPDATE,
        AGAIN,
        UNCHANGED,
        /** There without its e-mail address, and sent if that is free by now. */
        ADDRESS,
        REMOVE,
        /** The same, and where it is not to be removed it is sent as it is stored. */
        REMOVE_WAITING,
        /** By what an earlier run has found. */
        BEING_REMOVED,
        UNFIT,
        REFUSED,
        /** A contact before it has the same value of a field that only one record may have. */
        SHARED,
        DUPLICATE,
        INVALID,
        /** Sent as it is stored. */
        WAITS,
        NONE
    }

    private final boolean changed;
    private final boolean all;
    private final Mapping mapping;
    private final CrmSettings settings;
    private final CrmKind kind;
    private final Screening screening;

    PreviewText(Mapping mapping, CrmSettings settings) {
        this(mapping, settings, false, false);
    }

    /**
     * @param changed whether the mapping has, since all contacts were sent
     * @param all     whether the next start sends all contacts
     */
    PreviewText(Mapping mapping, CrmSettings settings, boolean changed, boolean all) {
        this.changed = changed;
        this.all = all;
        this.mapping = mapping;
        this.settings = settings;
        this.kind = settings.kind();
        this.screening = new Screening(kind, mapping);
    }

    /** What is to be looked for by its e-mail address in the CRM; null for nothing. @param known as of {@link #of} */
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
    String of(
            KeyEntry entry,
            Outcome outcome,
            DeliveryQueries.Known known,
            EmailMatcher.Preview match,
            Predicate<String> taken) {
        String head = "line " + entry.position() + ": ";
        if (outcome instanceof Outcome.Failed failed) {
            return head + failed.reason().code() + ", " + ofFailed(failed, known) + ": " + failed.errorMessage();
        }
        ContactKey key = ((KeyEntry.Valid) entry).key();
        CustomerContact contact = ((Outcome.Found) outcome).contact();
        String hash = contact.contentHash();
        Map<String, String> sent = mapped(key, contact);
        head += JtlId.text(key.customerId()) + "/" + JtlId.text(key.contactId()) + " ";
        if (!isSent(known, hash)) {
            return head
                    + (known.leftOut() != null
                            ? "was left out by " + known.leftOut() + ", would not be sent until it changes"
                            : !hash.equals(known.acceptedHash())
                                    ? "was refused by the CRM as it is, would not be sent until it changes"
                                            + fields(Map.of(), sent, false)
                                    : changed
                                            ? "has not changed in JTL-Wawi since it was delivered, would not be sent; the"
                                                    + " mapping has, and the command sync --full sends all"
                                            : "is as the CRM has it, would not be sent");
        }
        DeliveryResult screened = screening.of(delivery(key, contact), sent);
        if (screened instanceof DeliveryResult.LeftOut leftOut) {
            return head + "would be left out by " + leftOut.text()
                    + (known == null || known.acceptedHash() == null ? "" : "; its record stays as it was sent last");
        }
        if (screened instanceof DeliveryResult.Refused refused) {
            return head + "would be refused: " + refused.why().errorMessage();
        }
        Fate fate = fate(match);
        boolean shares = shares(sent, taken);
        if (shares && !kind.uniqueField().leftOut()) {
            return head + "would be refused: a contact before it in the file has the same "
                    + kind.uniqueField().name();
        }
        String without = "";
        if (shares) {
            sent.remove(kind.uniqueField().name());
            without = "without " + kind.uniqueField().name() + ", which a contact before it in the file has: ";
        }
        return head
                + without
                + (fate != Fate.CREATE
                        ? matched(fate, match, sent)
                        : news(key, hash, known, sent) + calls(delivery(key, contact)));
    }

    private boolean shares(Map<String, String> sent, Predicate<String> taken) {
        CrmKind.UniqueField unique = kind.uniqueField();
        String value = unique == null ? "" : sent.getOrDefault(unique.name(), "");
        return !value.isEmpty() && taken.test(value);
    }

    /** {@link Fate#CREATE} also of what was not looked for. */
    private Fate fate(EmailMatcher.Preview match) {
        if (match == null) {
            return Fate.CREATE;
        }
        State state = match.reading().state();
        boolean there = state == State.FOUND || state == State.DOUBLED && match.byKey();
        if (state == State.DOUBLED && !match.byKey()) {
            return Fate.AMBIGUOUS;
        }
        if (there && settings.mode() == Mode.CREATE_ONLY
                || state == State.MISSING && settings.mode() == Mode.UPDATE_ONLY) {
            return Fate.LEFT_OUT;
        }
        return there ? match.byKey() ? Fate.UPDATE : Fate.TAKE_OVER : Fate.CREATE;
    }

    private String matched(Fate fate, EmailMatcher.Preview match, Map<String, String> sent) {
        String record = match.reading().recordId();
        String whose = match.byKey() ? "its key" : "its e-mail address";
        return switch (fate) {
            case UPDATE -> "has the record " + record + " by its key, would be sent" + beside(match, sent);
            case TAKE_OVER ->
                "is new to the CRM by its key, would take over the record " + record + ", which has its e-mail address"
                        + beside(match, sent);
            case LEFT_OUT ->
                "would be left out, since "
                        + (match.reading().state() == State.MISSING
                                ? "the CRM has no record of it"
                                : "the record " + record + " has " + whose)
                        + " and contacts.crm.mode is "
                        + settings.mode();
            default ->
                "would be refused: several records of the CRM have its e-mail address (" + record
                        + "); merge them there, or enter its key in the right one";
        };
    }

    private boolean isSent(DeliveryQueries.Known known, String hash) {
        return known == null || all && known.wantedHash() != null || known.isSentAs(hash);
    }

    private boolean isDropped(Outcome.Failed failed) {
        return failed.reason() == Reason.NOT_FOUND && settings.gone() != Gone.KEEP;
    }

    private boolean isRemoved(Outcome.Failed failed, DeliveryQueries.Known known) {
        return isDropped(failed) && known != null && known.isRemovedByRun();
    }

    private String ofFailed(Outcome.Failed failed, DeliveryQueries.Known known) {
        String removed = "would be " + (settings.gone() == Gone.FLAG ? "flagged" : "deleted") + " in the CRM";
        return isRemoved(failed, known)
                ? removed + " when the run ends, unless more are gone than contacts.max-gone-share allows"
                : known != null && known.isBeingRemoved()
                        ? removed + ", as an earlier run has found, unless JTL has it again by then"
                        : ofFailedToCount(failed, known) == Fate.WAITS
                                ? "would be sent as it is stored, since it waits already"
                                : "nothing would be sent";
    }

    /** Whether its record is there, and says that JTL has it no longer. */
    private boolean isFlagged(DeliveryQueries.Known known) {
        return known.recorded() && settings.gone() == Gone.FLAG;
    }

    private Fate ofFailedToCount(Outcome.Failed failed, DeliveryQueries.Known known) {
        if (failed.reason() == Reason.INVALID_KEY) {
            return Fate.INVALID;
        }
        if (known == null) {
            return Fate.NONE;
        }
        if (isRemoved(failed, known)) {
            return isWaiting(known) ? Fate.REMOVE_WAITING : Fate.REMOVE;
        }
        return known.isBeingRemoved()
                ? Fate.BEING_REMOVED
                : isWaiting(known) && !isDropped(failed) ? Fate.WAITS : Fate.NONE;
    }

    private boolean isWaiting(DeliveryQueries.Known known) {
        return known.isWaiting() || all && known.wantedHash() != null;
    }

    /** What there is to say beside the totals; empty for nothing. */
    String remark() {
        return changed && !all
                ? "\nThe mapping has changed since all contacts were sent: what is unchanged in JTL-Wawi stays in the CRM as"
                        + " it is. The command sync --full sends all."
                : "";
    }

    /** Whether the next start sends all contacts. */
    boolean sendsAll() {
        return all;
    }

    /**
     * Counts instead of telling.
     *
     * @param elsewhere as of {@link DeliveryQueries#elsewhere}
     * @param match     as of {@link #of}
     * @param taken     as of {@link #of}
     */
    void count(
            KeyEntry entry,
            Outcome outcome,
            DeliveryQueries.Known known,
            EmailMatcher.Preview match,
            ToIntFunction<ContactKey> elsewhere,
            Predicate<String> taken,
            PreviewTotals totals) {
        if (outcome instanceof Outcome.Failed failed) {
            Fate fate = ofFailedToCount(failed, known);
            totals.add(fate, Set.of());
            if (isDropped(failed) && known != null && known.wantedHash() != null) {
                ContactKey key = ((KeyEntry.Valid) entry).key();
                totals.leaves(key, fate, elsewhere.applyAsInt(key));
            }
            return;
        }
        ContactKey key = ((KeyEntry.Valid) entry).key();
        if ((known == null || known.wantedHash() == null) && elsewhere.applyAsInt(key) > 0) {
            totals.arrives(key);
        }
        CustomerContact contact = ((Outcome.Found) outcome).contact();
        String hash = contact.contentHash();
        Map<String, String> sent = mapped(key, contact);
        CrmKind.UniqueField unique = kind.uniqueField();
        DeliveryResult screened = screening.of(delivery(key, contact), sent);
        boolean shares = !(screened instanceof DeliveryResult.LeftOut) && shares(sent, taken);
        if (!isSent(known, hash)) {
            totals.add(
                    known.leftOut() != null
                            ? Fate.LEFT_OUT_BEFORE
                            : hash.equals(known.acceptedHash()) ? Fate.UNCHANGED : Fate.REFUSED,
                    Set.of());
        } else if (screened instanceof DeliveryResult.LeftOut leftOut) {
            totals.leavesOut(leftOut.by());
        } else if (screened != null) {
            totals.add(Fate.UNFIT, Set.of());
        } else if (shares && !unique.leftOut()) {
            totals.shares(unique.name(), false);
        } else if (fate(match) == Fate.LEFT_OUT) {
            totals.leavesOut("contacts.crm.mode");
        } else if (fate(match) != Fate.CREATE) {
            totals.add(fate(match), fate(match) == Fate.UPDATE ? match.written() : Set.of());
        } else if (known == null || known.acceptedHash() == null && !isFlagged(known)) {
            totals.add(Fate.CREATE, Set.of());
        } else if (!all && known.lacksOnlyEmail(hash)) {
            totals.add(Fate.ADDRESS, Set.of());
        } else if (known.acceptedHash() == null || hash.equals(known.acceptedHash())) {
            totals.add(Fate.AGAIN, Set.of());
        } else {
            Set<String> names = new LinkedHashSet<>();
            if (known.accepted() != null) {
                Map<String, String> before = accepted(key, known);
                names.addAll(sent.keySet());
                names.addAll(before.keySet());
                names.removeIf(name ->
                        Objects.equals(sent.get(name), before.get(name)) || keptBy(name, before.get(name)) != null);
            }
            totals.add(Fate.UPDATE, names);
        }
        if (known != null && known.lacksEmail() && unique != null) {
            totals.lacks(unique.name());
        } else if (shares && unique.leftOut() && isSent(known, hash)) {
            totals.shares(unique.name(), true);
        }
    }

    private String news(ContactKey key, String hash, DeliveryQueries.Known known, Map<String, String> sent) {
        if (known == null) {
            return "is new to the CRM, would be sent" + fields(Map.of(), sent, false);
        }
        if (known.isGone()) {
            return "was taken back when JTL had it no longer, would be sent again" + fields(Map.of(), sent, false);
        }
        if (known.lacksEmail() && hash.equals(known.acceptedHash())) {
            return "is in the CRM without its e-mail address, which is another record's there: "
                    + (!all && known.lacksOnlyEmail(hash)
                            ? "would be sent if that is free by now"
                            : "would be sent once more, with it if that is free by now")
                    + fields(Map.of(), sent, false);
        }
        if (hash.equals(known.acceptedHash())) {
            return (changed
                            ? "has not changed in JTL-Wawi since it was delivered, and the mapping has: would be sent once more"
                            : "is as the CRM has it, would be sent once more")
                    + fields(Map.of(), sent, false);
        }
        if (known.acceptedHash() == null) {
            return "waits to be sent" + fields(Map.of(), sent, false);
        }
        return known.accepted() == null
                ? "has changed more than once since it was delivered, would be sent" + fields(Map.of(), sent, false)
                : "has changed since it was delivered, would be sent" + fields(accepted(key, known), sent, true);
    }

    /** What the CRM has of it, as the mapping is now. */
    private Map<String, String> accepted(ContactKey key, DeliveryQueries.Known known) {
        Map<String, String> fields = new LinkedHashMap<>(mapped(key, known.accepted()));
        fields.keySet().removeIf(field -> known.lacksEmail() && kind.isUnique(field));
        return fields;
    }

    private Map<String, String> mapped(ContactKey key, CustomerContact contact) {
        return mapping.map(delivery(key, contact), kind.nullHandling(), settings.gone());
    }

    private String calls(Delivery delivery) {
        StringBuilder text = new StringBuilder();
        for (String call : kind.calls(mapping, delivery, settings.gone())) {
            text.append(String.format("%n  > "))
                    .append(String.join(String.format("%n    "), call.lines().toList()));
        }
        return text.toString();
    }

    private static Delivery delivery(ContactKey key, CustomerContact contact) {
        return new Delivery(key, contact, contact.contentHash(), null, false);
    }

    /**
     * By what a field of a record that is there is not written, as far as that is known without the CRM; else null.
     *
     * @param before what was sent last; null or empty for nothing
     */
    private WritePolicy keptBy(String name, String before) {
        WritePolicy policy = mapping.write(name);
        boolean kept = policy == WritePolicy.CREATE_ONLY
                || policy == WritePolicy.WHEN_EMPTY && before != null && !before.isEmpty();
        return kept ? policy : null;
    }

    private String fields(Map<String, String> before, Map<String, String> now, boolean compared) {
        Set<String> names = new LinkedHashSet<>(now.keySet());
        names.addAll(before.keySet());
        StringBuilder text = new StringBuilder();
        for (String name : names) {
            String old = before.get(name);
            String value = now.get(name);
            boolean same = !compared || value != null && value.equals(old);
            WritePolicy keptBy = same ? null : keptBy(name, old);
            text.append(String.format(
                    "%n  %s %-16s %s",
                    same || keptBy != null ? " " : "*", name, value == null ? "not sent" : shown(value)));
            if (keptBy != null) {
                text.append("   not written into a record that is there, by write: ")
                        .append(keptBy)
                        .append(keptBy == WritePolicy.WHEN_EMPTY ? ", unless people have emptied it" : "");
            } else if (!same) {
                text.append("   before: ").append(old == null ? "not sent" : shown(old));
            }
        }
        return text.toString();
    }

    /** What is written is marked; what {@code write:} leaves as the CRM has it is shown as that. */
    private String beside(EmailMatcher.Preview match, Map<String, String> sent) {
        StringBuilder text = new StringBuilder();
        sent.forEach((name, value) -> {
            String there = Objects.requireNonNullElse(match.reading().fields().get(name), "");
            boolean written = value != null && match.written().contains(name);
            boolean stays = value != null && !written && !mapping.comparison().isSame(name, value, there);
            text.append(String.format(
                    "%n  %s %-16s %s",
                    written ? "*" : " ",
                    name,
                    value == null ? "not sent" : stays ? there.isEmpty() ? "nothing" : shown(there) : shown(value)));
            if (written) {
                text.append("   in the CRM: ").append(there.isEmpty() ? "nothing" : shown(there));
            } else if (stays) {
                text.append("   stays, by write: ").append(mapping.write(name));
            }
        });
        return text.toString();
    }

    private static String shown(String value) {
        return value.isEmpty() ? "(cleared)" : value.replaceAll("\\p{Cntrl}", " ");
    }
}
