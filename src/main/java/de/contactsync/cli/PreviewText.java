package de.contactsync.cli;

import de.contactsync.crm.CrmKind;
import de.contactsync.crm.CrmSettings;
import de.contactsync.crm.CrmSettings.Gone;
import de.contactsync.crm.mapping.Mapping;
import de.contactsync.model.ContactKey;
import de.contactsync.model.CustomerContact;
import de.contactsync.model.Delivery;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import de.contactsync.outbox.DeliveryQueries;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** What a preview says of one key: every field as it would be sent, beside what was delivered last. */
final class PreviewText {

    /** What would become of a record in the CRM. */
    enum Fate {
        CREATE,
        UPDATE,
        AGAIN,
        UNCHANGED,
        REMOVE,
        UNFIT,
        REFUSED,
        NONE
    }

    private final boolean changed;
    private final boolean all;
    private final Mapping mapping;
    private final CrmSettings settings;
    private final CrmKind kind;

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
    }

    /** @param known null when the CRM was never sent this contact */
    String of(KeyEntry entry, Outcome outcome, DeliveryQueries.Known known) {
        String head = "line " + entry.position() + ": ";
        if (outcome instanceof Outcome.Failed failed) {
            return head + failed.reason().code() + ", " + ofFailed(failed, known) + ": " + failed.errorMessage();
        }
        ContactKey key = ((KeyEntry.Valid) entry).key();
        CustomerContact contact = ((Outcome.Found) outcome).contact();
        String hash = contact.contentHash();
        Map<String, String> sent = mapped(key, contact);
        String unfit = kind.unfit(sent);
        head += key.customerId() + "/" + key.contactId() + " ";
        if (unfit != null) {
            return head + "would be refused: " + unfit;
        }
        // What waits is sent whatever the CRM has, and what was removed it has no longer.
        boolean settled = isSettled(known);
        if (settled && hash.equals(known.acceptedHash())) {
            return head
                    + (changed
                            ? "has not changed in JTL-Wawi since it was delivered, would not be sent; the mapping"
                                    + " has, and"
                                    + " the command sync --full sends all"
                            : "is as the CRM has it, would not be sent");
        }
        if (settled && hash.equals(known.refusedHash())) {
            return head + "was refused by the CRM as it is, would not be sent until it changes"
                    + fields(Map.of(), sent, false);
        }
        return head + news(key, hash, known, sent) + calls(delivery(key, contact));
    }

    private boolean isSettled(DeliveryQueries.Known known) {
        return known != null
                && !all
                && !known.state().equals("pending")
                && !known.state().equals("gone");
    }

    private boolean isRemoved(Outcome.Failed failed, DeliveryQueries.Known known) {
        return failed.reason() == Reason.NOT_FOUND
                && settings.gone() != Gone.KEEP
                && known != null
                && !known.state().equals("gone")
                && (known.acceptedHash() != null || !known.state().equals("pending"));
    }

    private String ofFailed(Outcome.Failed failed, DeliveryQueries.Known known) {
        return !isRemoved(failed, known)
                ? "nothing would be sent"
                : "would be " + (settings.gone() == Gone.FLAG ? "flagged" : "deleted")
                        + " in the CRM when the run ends, unless"
                        + " more are gone than contacts.max-gone-share allows";
    }

    /** Counts instead of telling. */
    void count(KeyEntry entry, Outcome outcome, DeliveryQueries.Known known, PreviewTotals totals) {
        if (outcome instanceof Outcome.Failed failed) {
            totals.add(isRemoved(failed, known) ? Fate.REMOVE : Fate.NONE, Set.of());
            return;
        }
        ContactKey key = ((KeyEntry.Valid) entry).key();
        CustomerContact contact = ((Outcome.Found) outcome).contact();
        String hash = contact.contentHash();
        Map<String, String> sent = mapped(key, contact);
        if (kind.unfit(sent) != null) {
            totals.add(Fate.UNFIT, Set.of());
        } else if (isSettled(known) && hash.equals(known.acceptedHash())) {
            totals.add(Fate.UNCHANGED, Set.of());
        } else if (isSettled(known) && hash.equals(known.refusedHash())) {
            totals.add(Fate.REFUSED, Set.of());
        } else if (known == null || known.acceptedHash() == null) {
            totals.add(Fate.CREATE, Set.of());
        } else if (hash.equals(known.acceptedHash())) {
            totals.add(Fate.AGAIN, Set.of());
        } else {
            Set<String> names = new LinkedHashSet<>();
            if (known.accepted() != null) {
                Map<String, String> before = mapped(key, known.accepted());
                names.addAll(sent.keySet());
                names.addAll(before.keySet());
                names.removeIf(name -> Objects.equals(sent.get(name), before.get(name)));
            }
            totals.add(Fate.UPDATE, names);
        }
    }

    private String news(ContactKey key, String hash, DeliveryQueries.Known known, Map<String, String> sent) {
        if (known == null) {
            return "is new to the CRM, would be sent" + fields(Map.of(), sent, false);
        }
        if (known.state().equals("gone")) {
            return "was taken back when JTL had it no longer, would be sent again" + fields(Map.of(), sent, false);
        }
        if (hash.equals(known.acceptedHash())) {
            return "is as the CRM has it, would be sent once more" + fields(Map.of(), sent, false);
        }
        if (known.acceptedHash() == null) {
            return "waits to be sent" + fields(Map.of(), sent, false);
        }
        return known.accepted() == null
                ? "has changed more than once since it was delivered, would be sent" + fields(Map.of(), sent, false)
                : "has changed since it was delivered, would be sent"
                        + fields(mapped(key, known.accepted()), sent, true);
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

    private static String fields(Map<String, String> before, Map<String, String> now, boolean compared) {
        Set<String> names = new LinkedHashSet<>(now.keySet());
        names.addAll(before.keySet());
        StringBuilder text = new StringBuilder();
        for (String name : names) {
            String old = before.get(name);
            String value = now.get(name);
            boolean same = !compared || value != null && value.equals(old);
            text.append(String.format(
                    "%n  %s %-16s %s", same ? " " : "*", name, value == null ? "not sent" : shown(value)));
            if (!same) {
                text.append("   before: ").append(old == null ? "not sent" : shown(old));
            }
        }
        return text.toString();
    }

    private static String shown(String value) {
        return value.isEmpty() ? "(cleared)" : value.replaceAll("\\p{Cntrl}", " ");
    }
}
