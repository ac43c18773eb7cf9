package de.contactsync.cli;

import de.contactsync.crm.CrmReading.State;
import de.contactsync.crm.CrmSettings;
import de.contactsync.crm.CrmSettings.Gone;
import de.contactsync.crm.EmailMatcher;
import de.contactsync.crm.mapping.Mapping;
import de.contactsync.crm.mapping.WritePolicy;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.JtlId;
import de.contactsync.model.Outcome;
import de.contactsync.outbox.DeliveryQueries;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** What a preview says of one key: every field as it would be sent, beside what was delivered last. */
final class PreviewText {

    private final Mapping mapping;
    private final CrmSettings settings;
    private final boolean changed;

    /** @param changed whether the mapping has, since all contacts were sent */
    PreviewText(Mapping mapping, CrmSettings settings, boolean changed) {
        this.mapping = mapping;
        this.settings = settings;
        this.changed = changed;
    }

    String of(PlannedKey planned) {
        return planned instanceof PlannedKey.Found found ? ofFound(found) : ofFailed((PlannedKey.Failed) planned);
    }

    private String ofFailed(PlannedKey.Failed planned) {
        Outcome.Failed failed = planned.failed();
        String removed = "would be " + (settings.gone() == Gone.FLAG ? "flagged" : "deleted") + " in the CRM";
        String consequence =
                switch (planned.action()) {
                    case REMOVE, REMOVE_WAITING ->
                        removed + " when the run ends, unless more are gone than contacts.max-gone-share allows";
                    case BEING_REMOVED -> removed + ", as an earlier run has found, unless JTL has it again by then";
                    case WAITS -> "would be sent as it is stored, since it waits already";
                    default -> "nothing would be sent";
                };
        return "line " + planned.entry().position() + ": " + failed.reason().code() + ", " + consequence + ": "
                + failed.errorMessage();
    }

    private String ofFound(PlannedKey.Found planned) {
        DeliveryQueries.Known known = planned.known();
        String text =
                switch (planned.action()) {
                    case LEFT_OUT_BEFORE ->
                        "was left out by " + known.leftOut() + ", would not be sent until it changes";
                    case REFUSED ->
                        "was refused by the CRM as it is, would not be sent until it changes" + fields(planned);
                    case UNCHANGED ->
                        changed
                                ? "has not changed in JTL-Wawi since it was delivered, would not be sent; the mapping"
                                        + " has, and the command sync --full sends all"
                                : "is as the CRM has it, would not be sent";
                    case UNFIT ->
                        "would be refused: "
                                + ((DeliveryResult.Refused) planned.screened())
                                        .why()
                                        .errorMessage();
                    case SHARED ->
                        "would be refused: " + planned.sharedWith() + " has the same " + planned.uniqueField();
                    default ->
                        planned.screened() instanceof DeliveryResult.LeftOut leftOut
                                ? "would be left out by " + leftOut.text()
                                        + (known == null || known.acceptedHash() == null
                                                ? ""
                                                : "; its record stays as it was sent last")
                                : ofSent(planned);
                };
        return "line " + planned.entry().position() + ": "
                + JtlId.text(planned.key().customerId()) + "/"
                + JtlId.text(planned.key().contactId()) + " " + text;
    }

    private String ofSent(PlannedKey.Found planned) {
        return (planned.withoutUnique()
                        ? "without " + planned.uniqueField() + ", which " + planned.sharedWith() + " has: "
                        : "")
                + (planned.match() != null ? matched(planned) : news(planned) + calls(planned.delivery()));
    }

    private String matched(PlannedKey.Found planned) {
        EmailMatcher.Preview match = planned.match();
        String record = match.reading().recordId();
        String whose = match.byKey() ? "its key" : "its e-mail address";
        return switch (planned.action()) {
            case UPDATE -> "has the record " + record + " by its key, would be sent" + beside(match, planned.sent());
            case TAKE_OVER ->
                "is new to the CRM by its key, would take over the record " + record + ", which has its e-mail address"
                        + beside(match, planned.sent());
            case LEFT_OUT ->
                "would be left out, since "
                        + (match.reading().state() == State.MISSING
                                        || match.reading().state() == State.MERGED
                                ? "the CRM has no record of it"
                                : "the record " + record + " has " + whose)
                        + " and contacts.crm.mode is "
                        + settings.mode();
            default ->
                "would be refused: several records of the CRM have its e-mail address (" + record
                        + "); merge them there, or enter its key in the right one";
        };
    }

    private String news(PlannedKey.Found planned) {
        DeliveryQueries.Known known = planned.known();
        boolean isAccepted = known != null && planned.contact().contentHash().equals(known.acceptedHash());
        if (known == null) {
            return "is new to the CRM, would be sent" + fields(planned);
        }
        if (known.isGone()) {
            return "was removed because JTL no longer had it, would be sent again" + fields(planned);
        }
        if (known.lacksEmail() && isAccepted) {
            return "is in the CRM without its e-mail address, which is another record's there: "
                    + (planned.action() == PlannedAction.ADDRESS
                            ? "would be sent if that is free by now"
                            : "would be sent once more, with it if that is free by now")
                    + fields(planned);
        }
        if (isAccepted) {
            return (changed
                            ? "has not changed in JTL-Wawi since it was delivered, and the mapping has: would be sent"
                                    + " once more"
                            : "is as the CRM has it, would be sent once more")
                    + fields(planned);
        }
        if (known.acceptedHash() == null) {
            return "waits to be sent" + fields(planned);
        }
        return planned.before() == null
                ? "has changed more than once since it was delivered, would be sent" + fields(planned)
                : "has changed since it was delivered, would be sent" + fields(planned.before(), planned.sent(), true);
    }

    private String calls(Delivery delivery) {
        StringBuilder text = new StringBuilder();
        for (String call : settings.kind().calls(mapping, delivery, settings.gone())) {
            text.append(String.format("%n  > "))
                    .append(String.join(String.format("%n    "), call.lines().toList()));
        }
        return text.toString();
    }

    private String fields(PlannedKey.Found planned) {
        return fields(Map.of(), planned.sent(), false);
    }

    private String fields(Map<String, String> before, Map<String, String> now, boolean compared) {
        Set<String> names = new LinkedHashSet<>(now.keySet());
        names.addAll(before.keySet());
        StringBuilder text = new StringBuilder();
        for (String name : names) {
            String old = before.get(name);
            String value = now.get(name);
            boolean same = !compared || value != null && value.equals(old);
            WritePolicy keptBy = same ? null : PreviewPlanner.keptBy(mapping, name, old);
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
