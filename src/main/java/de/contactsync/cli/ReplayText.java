package de.contactsync.cli;

import de.contactsync.persistence.DeadLetterQueries.Kind;
import java.util.List;
import java.util.Locale;

/** Which dead letters there are, and what a replay does about each. */
final class ReplayText {

    private ReplayText() {}

    /** @param intoCrm whether the CRM is among the sinks */
    static String of(List<Kind> kinds, boolean intoCrm) {
        if (kinds.isEmpty()) {
            return "No such dead letter is open.";
        }
        StringBuilder text = new StringBuilder("Open dead letters:\n");
        for (Kind kind : kinds) {
            text.append(String.format(
                    Locale.ROOT,
                    "  %,9d  %-8s  %-18s  %s%n",
                    kind.count(),
                    kind.source(),
                    kind.reason().code(),
                    what(kind, intoCrm)));
        }
        return text.toString().stripTrailing();
    }

    private static String what(Kind kind, boolean intoCrm) {
        return switch (kind.stage()) {
            case "key" -> "stays: not a contact key; correct it where it came from";
            case "jtl", "sink:database" ->
                kind.keyed()
                        ? "JTL is asked again"
                        : "stays: the contacts of a customer, which the next run of the schedule lists again";
            case "sink:crm", "sink:crm:company", "sink:crm:email" ->
                intoCrm ? "is sent to the CRM again" : "stays: contacts.sinks does not name crm";
            default -> "stays: came about at " + kind.stage();
        };
    }
}
