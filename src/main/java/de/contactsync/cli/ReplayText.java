package de.contactsync.cli;

import de.contactsync.persistence.DeadLetterQueries.Kind;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Which dead letters there are, and what a replay does about each. */
final class ReplayText {

    private ReplayText() {}

    /** @param sinks that are sent what their dead letters stand for, by their names, as people know them */
    static String of(List<Kind> kinds, Map<String, String> sinks) {
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
                    what(kind, sinks)));
        }
        return text.toString().stripTrailing();
    }

    private static String what(Kind kind, Map<String, String> sinks) {
        return switch (kind.stage()) {
            case "key" -> "stays: not a contact key; correct it at its source";
            case "jtl", "sink:database" ->
                kind.keyed()
                        ? "is looked up at JTL again"
                        : "stays: a customer, whose contacts the next scheduled run lists again";
            default -> ofSink(kind, sinks);
        };
    }

    /** Of stages such as {@code sink:crm}, {@code sink:crm:email}, and {@code sink:teams} of a route. */
    private static String ofSink(Kind kind, Map<String, String> sinks) {
        String sink = kind.stage().split(":")[1];
        if (!sinks.containsKey(sink)) {
            return sink.equals("crm")
                    ? "stays: contacts.sinks does not name crm"
                    : "stays: no sink " + sink + " is configured; replay it where contacts.sinks names route:" + sink
                            + ", or crm with contacts.crm.name=" + sink;
        }
        return !kind.keyed()
                ? "stays: without a contact key"
                : "is sent to " + sinks.get(sink) + " again"
                        + (kind.stage().endsWith(":email")
                                ? ", with its e-mail address if that is accepted by now"
                                : "");
    }
}
