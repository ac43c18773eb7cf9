package de.contactsync.cli;

import de.contactsync.crm.CrmSettings;
import de.contactsync.crm.CrmSettings.Gone;
import de.contactsync.model.ContactKey;
import de.contactsync.outbox.Outbox;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/** What would become of the records of a file, counted. */
final class PreviewTotals {

    private final Map<PreviewText.Fate, Long> fates = new EnumMap<>(PreviewText.Fate.class);
    private final Map<String, Long> fields = new TreeMap<>();

    /** By the rules that leave them out. */
    private final Map<String, Long> leftOut = new TreeMap<>();

    private long shared;
    private long lacking;
    private String unique;

    private record Contact(UUID tenantId, UUID contactId) {}

    private record Leaving(PreviewText.Fate fate, int others) {}

    private final Map<Contact, List<Leaving>> leaving = new HashMap<>();
    private final Set<Contact> arriving = new HashSet<>();

    /** @param changed the fields of an update, by their names in the CRM */
    void add(PreviewText.Fate fate, Iterable<String> changed) {
        fates.merge(fate, 1L, Long::sum);
        changed.forEach(field -> fields.merge(field, 1L, Long::sum));
    }

    /**
     * A contact of the file before it has the same value of a field that only one record may have.
     *
     * @param leftOut whether it is sent without; else it is refused
     */
    void shares(String field, boolean leftOut) {
        unique = field;
        if (leftOut) {
            shared++;
        } else {
            add(PreviewText.Fate.SHARED, Set.of());
        }
    }

    /** It is in the CRM without this field, since another record has the value there. */
    void lacks(String field) {
        unique = field;
        lacking++;
    }

    /** @param rule as of {@link de.contactsync.model.DeliveryResult.LeftOut#by} */
    void leavesOut(String rule) {
        fates.merge(PreviewText.Fate.LEFT_OUT, 1L, Long::sum);
        leftOut.merge(rule, 1L, Long::sum);
    }

    private long count(PreviewText.Fate fate) {
        return fates.getOrDefault(fate, 0L);
    }

    /**
     * JTL does not have it any more under this customer.
     *
     * @param others under how many others the CRM is to have it, before the import
     */
    void leaves(ContactKey key, PreviewText.Fate fate, int others) {
        leaving.computeIfAbsent(contact(key), contact -> new ArrayList<>()).add(new Leaving(fate, others));
    }

    /** JTL has it under a customer under whom the CRM was not to have it. */
    void arrives(ContactKey key) {
        arriving.add(contact(key));
    }

    private static Contact contact(ContactKey key) {
        return new Contact(key.tenantId(), key.contactId());
    }

    /** Those that JTL has under another customer when the run ends: their records are not removed. */
    private long moved(PreviewText.Fate fate) {
        return leaving.entrySet().stream()
                .filter(each -> arriving.contains(each.getKey())
                        || each.getValue().get(0).others() >= each.getValue().size())
                .flatMap(each -> each.getValue().stream())
                .filter(each -> each.fate() == fate)
                .count();
    }

    /** How many records of the file there are. */
    private long records() {
        return fates.values().stream().mapToLong(Long::longValue).sum();
    }

    /**
     * @param mostGone as of {@link CrmSettings#mostGone}
     * @param others   contacts that are not in the file and wait to be sent
     * @param full     whether the next start sends all contacts
     * @param matched  whether contacts were looked for by their e-mail addresses
     */
    String text(Gone gone, double mostGone, long others, boolean full, boolean matched) {
        StringBuilder text = new StringBuilder();
        line(text, "create", count(PreviewText.Fate.CREATE));
        if (matched) {
            line(text, "take over by e-mail address", count(PreviewText.Fate.TAKE_OVER));
            line(text, "refused, several records match", count(PreviewText.Fate.AMBIGUOUS));
        }
        leftOut.forEach((rule, count) -> line(text, "left out by " + rule, count));
        line(text, "update", count(PreviewText.Fate.UPDATE));
        fields.forEach((field, count) -> text.append(String.format(Locale.ROOT, "    %-28s %,9d%n", field, count)));
        line(text, "send once more", count(PreviewText.Fate.AGAIN));
        line(text, "unchanged, not sent", count(PreviewText.Fate.UNCHANGED));
        long addresses = count(PreviewText.Fate.ADDRESS);
        if (addresses > 0) {
            line(text, "sent only if " + unique + " is free now", addresses);
        }
        String remove = gone == Gone.FLAG ? "flag" : "delete";
        long moved = moved(PreviewText.Fate.REMOVE) + moved(PreviewText.Fate.REMOVE_WAITING);
        long waiting = count(PreviewText.Fate.REMOVE_WAITING) - moved(PreviewText.Fate.REMOVE_WAITING);
        long missing = count(PreviewText.Fate.REMOVE) - moved(PreviewText.Fate.REMOVE) + waiting;
        boolean tooMany = Outbox.tooMany((int) missing, records(), mostGone);
        line(text, remove, (tooMany ? 0 : missing) + count(PreviewText.Fate.BEING_REMOVED));
        if (tooMany) {
            line(text, "gone at JTL, too many to " + remove, missing);
        }
        line(text, "refused by our own checks", count(PreviewText.Fate.UNFIT));
        if (lacking > addresses) {
            line(text, "without " + unique + " if still taken", lacking - addresses);
        }
        if (shared > 0) {
            line(text, "sent without " + unique + ", as shared", shared);
        }
        if (count(PreviewText.Fate.SHARED) > 0) {
            line(text, "refused for a shared " + unique, count(PreviewText.Fate.SHARED));
        }
        line(text, "refused before, not sent", count(PreviewText.Fate.REFUSED));
        if (count(PreviewText.Fate.LEFT_OUT_BEFORE) > 0) {
            line(text, "left out before, not sent", count(PreviewText.Fate.LEFT_OUT_BEFORE));
        }
        line(text, "in the file before", count(PreviewText.Fate.DUPLICATE));
        line(text, "no valid key", count(PreviewText.Fate.INVALID));
        line(text, "not to be had from JTL", count(PreviewText.Fate.NONE) + moved);
        line(text, "wait already, sent as stored", others + count(PreviewText.Fate.WAITS) + (tooMany ? waiting : 0));
        if (tooMany) {
            text.append("The run would halt at its end, since more are gone than contacts.max-gone-share allows.\n");
        }
        if (full) {
            text.append("contacts.crm.full=true sends all contacts of the database besides.\n");
        }
        return text.toString().stripTrailing();
    }

    private static void line(StringBuilder text, String name, long count) {
        text.append(String.format(Locale.ROOT, "  %-30s %,9d%n", name, count));
    }
}
