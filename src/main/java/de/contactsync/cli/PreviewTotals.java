package de.contactsync.cli;

import de.contactsync.crm.CrmSettings;
import de.contactsync.crm.CrmSettings.Gone;
import de.contactsync.model.ContactKey;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.KeyEntry;
import de.contactsync.outbox.DeliveryQueries;
import de.contactsync.outbox.Removals;
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
import java.util.function.ToIntFunction;

/** What would become of the records of a file, counted. */
final class PreviewTotals {

    private final Map<PlannedAction, Long> actions = new EnumMap<>(PlannedAction.class);
    private final Map<String, Long> fields = new TreeMap<>();

    /** By the rules that leave them out. */
    private final Map<String, Long> leftOut = new TreeMap<>();

    private long shared;
    private long lacking;
    private String unique;

    private record Contact(UUID tenantId, UUID contactId) {}

    private record Leaving(PlannedAction action, int others) {}

    private final Map<Contact, List<Leaving>> leaving = new HashMap<>();
    private final Set<Contact> arriving = new HashSet<>();

    /** @param elsewhere as of {@link DeliveryQueries#elsewhere} */
    void count(PlannedKey planned, ToIntFunction<ContactKey> elsewhere) {
        if (planned instanceof PlannedKey.Found found) {
            count(found, elsewhere);
            return;
        }
        PlannedKey.Failed failed = (PlannedKey.Failed) planned;
        add(failed.action(), Set.of());
        if (failed.dropped() && failed.known() != null && failed.known().wantedHash() != null) {
            ContactKey key = ((KeyEntry.Valid) failed.entry()).key();
            leaves(key, failed.action(), elsewhere.applyAsInt(key));
        }
    }

    private void count(PlannedKey.Found planned, ToIntFunction<ContactKey> elsewhere) {
        DeliveryQueries.Known known = planned.known();
        if ((known == null || known.wantedHash() == null) && elsewhere.applyAsInt(planned.key()) > 0) {
            arrives(planned.key());
        }
        switch (planned.action()) {
            case LEFT_OUT ->
                leavesOut(
                        planned.screened() instanceof DeliveryResult.LeftOut leftOut
                                ? leftOut.by()
                                : "contacts.crm.mode");
            case SHARED -> shares(planned.uniqueField(), false);
            default -> add(planned.action(), planned.changed());
        }
        if (known != null && known.lacksEmail() && planned.uniqueField() != null) {
            lacks(planned.uniqueField());
        } else if (planned.withoutUnique()) {
            shares(planned.uniqueField(), true);
        }
    }

    /** @param changed the fields of an update, by their names in the CRM */
    void add(PlannedAction action, Iterable<String> changed) {
        actions.merge(action, 1L, Long::sum);
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
            add(PlannedAction.SHARED, Set.of());
        }
    }

    /** It is in the CRM without this field, since another record has the value there. */
    void lacks(String field) {
        unique = field;
        lacking++;
    }

    /** @param rule as of {@link DeliveryResult.LeftOut#by} */
    void leavesOut(String rule) {
        actions.merge(PlannedAction.LEFT_OUT, 1L, Long::sum);
        leftOut.merge(rule, 1L, Long::sum);
    }

    private long count(PlannedAction action) {
        return actions.getOrDefault(action, 0L);
    }

    /**
     * JTL does not have it any more under this customer.
     *
     * @param others under how many others the CRM is to have it, before the import
     */
    void leaves(ContactKey key, PlannedAction action, int others) {
        leaving.computeIfAbsent(contact(key), contact -> new ArrayList<>()).add(new Leaving(action, others));
    }

    /** JTL has it under a customer under whom the CRM was not to have it. */
    void arrives(ContactKey key) {
        arriving.add(contact(key));
    }

    private static Contact contact(ContactKey key) {
        return new Contact(key.tenantId(), key.contactId());
    }

    /** Those that JTL has under another customer when the run ends: their records are not removed. */
    private long moved(PlannedAction action) {
        return leaving.entrySet().stream()
                .filter(each -> arriving.contains(each.getKey())
                        || each.getValue().get(0).others() >= each.getValue().size())
                .flatMap(each -> each.getValue().stream())
                .filter(each -> each.action() == action)
                .count();
    }

    /** How many records of the file there are. */
    private long records() {
        return actions.values().stream().mapToLong(Long::longValue).sum();
    }

    /**
     * @param mostGone as of {@link CrmSettings#mostGone}
     * @param others   contacts that are not in the file and wait to be sent
     * @param full     whether the next start sends all contacts
     * @param matched  whether contacts were looked for by their e-mail addresses
     */
    String text(Gone gone, double mostGone, long others, boolean full, boolean matched) {
        StringBuilder text = new StringBuilder();
        line(text, "create", count(PlannedAction.CREATE));
        if (matched) {
            line(text, "take over by e-mail address", count(PlannedAction.TAKE_OVER));
            line(text, "refused, several records match", count(PlannedAction.AMBIGUOUS));
        }
        leftOut.forEach((rule, count) -> line(text, "left out by " + rule, count));
        line(text, "update", count(PlannedAction.UPDATE));
        fields.forEach((field, count) -> text.append(String.format(Locale.ROOT, "    %-28s %,9d%n", field, count)));
        line(text, "send once more", count(PlannedAction.AGAIN));
        line(text, "unchanged, not sent", count(PlannedAction.UNCHANGED));
        long addresses = count(PlannedAction.ADDRESS);
        if (addresses > 0) {
            line(text, "sent only if " + unique + " is free now", addresses);
        }
        String remove = gone == Gone.FLAG ? "flag" : "delete";
        long moved = moved(PlannedAction.REMOVE) + moved(PlannedAction.REMOVE_WAITING);
        long waiting = count(PlannedAction.REMOVE_WAITING) - moved(PlannedAction.REMOVE_WAITING);
        long missing = count(PlannedAction.REMOVE) - moved(PlannedAction.REMOVE) + waiting;
        boolean tooMany = Removals.tooMany((int) missing, records(), mostGone);
        line(text, remove, (tooMany ? 0 : missing) + count(PlannedAction.BEING_REMOVED));
        if (tooMany) {
            line(text, "gone at JTL, too many to " + remove, missing);
        }
        line(text, "refused by our own checks", count(PlannedAction.UNFIT));
        if (lacking > addresses) {
            line(text, "without " + unique + " if still taken", lacking - addresses);
        }
        if (shared > 0) {
            line(text, "sent without " + unique + ", as shared", shared);
        }
        if (count(PlannedAction.SHARED) > 0) {
            line(text, "refused for a shared " + unique, count(PlannedAction.SHARED));
        }
        line(text, "refused before, not sent", count(PlannedAction.REFUSED));
        if (count(PlannedAction.LEFT_OUT_BEFORE) > 0) {
            line(text, "left out before, not sent", count(PlannedAction.LEFT_OUT_BEFORE));
        }
        line(text, "in the file before", count(PlannedAction.DUPLICATE));
        line(text, "no valid key", count(PlannedAction.INVALID));
        line(text, "not to be had from JTL", count(PlannedAction.NONE) + moved);
        line(text, "wait already, sent as stored", others + count(PlannedAction.WAITS) + (tooMany ? waiting : 0));
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
