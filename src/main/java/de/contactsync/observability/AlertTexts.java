package de.contactsync.observability;

import de.contactsync.outbox.Alert;
import de.contactsync.outbox.Alert.Severity;
import de.contactsync.outbox.Alerts;
import de.contactsync.resilience.Outage;
import de.contactsync.resilience.Outage.Kind;
import de.contactsync.resilience.Outage.Scope;
import de.contactsync.resilience.QuotaUsage;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Alerts in words for people in an office: what happened since when by their clock, and what to do. */
final class AlertTexts {

    static final String TENANTS = "tenants of JTL";
    static final String QUOTA = "the quota of JTL";
    static final String ARRIVAL = "arrival of keys";
    static final String SCHEDULE = "the schedule";

    private static final String DELIVERIES = "deliveries to ";
    private static final String OUT_OF_REACH = "out-of-reach";
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm", Locale.ROOT);

    private AlertTexts() {}

    static Alert outage(Outage outage) {
        boolean refused = outage.kind() != Kind.PASSING;
        String reason = closed(Alert.withoutQuotes(outage.reason()));
        return new Alert(
                refused ? "refused" : OUT_OF_REACH,
                outage.what(),
                outage.scope() == Scope.SINK && !refused ? Severity.WARNING : Severity.ERROR,
                (refused
                                ? "A person has to act: " + reason
                                : sentence(outage.what()) + " has been out of reach since " + shown(outage.since())
                                        + ": " + withoutName(reason, outage.what()))
                        + " Dependent work is paused, and nothing is lost.");
    }

    private static String sentence(String words) {
        return words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1);
    }

    private static String closed(String sentence) {
        return sentence.matches("(?s).*[.!?…]\\s*") ? sentence.strip() : sentence + ".";
    }

    /** Reasons are sentences of their own, as in the log; here it stands behind the name already. */
    private static String withoutName(String reason, String what) {
        String name = what.replaceFirst("(?i)^the ", "");
        return reason.replaceFirst(
                "(?i)^(the )?" + Pattern.quote(name) + ":? (out of reach after \\d+ attempts?, last: )?", "");
    }

    static Alert tenants(List<Outage> away) {
        Outage first = away.get(0);
        return new Alert(
                OUT_OF_REACH,
                TENANTS,
                Severity.ERROR,
                away.size() + " tenants of JTL are out of reach, such as " + first.what() + ": "
                        + withoutName(closed(Alert.withoutQuotes(first.reason())), first.what()) + " Their keys wait.");
    }

    static Alert databaseIsBack() {
        return new Alert(OUT_OF_REACH, "the database", Severity.INFO, Alerts.wellAgain("the database"));
    }

    static String deliveriesTo(String sink) {
        return DELIVERIES + sink;
    }

    static Alert pending(String sink, Instant oldest) {
        return new Alert(
                "deliveries-pending",
                deliveriesTo(sink),
                Severity.WARNING,
                "Contacts have been waiting to be sent to " + sink + " since " + shown(oldest)
                        + ". The log says what the receiver answers.");
    }

    /** @return null where the subject is about none, or one of these sinks */
    static String unwatched(String subject, Set<String> sinks) {
        return !subject.startsWith(DELIVERIES) || sinks.contains(subject.substring(DELIVERIES.length()))
                ? null
                : sentence(subject)
                        + " are no longer monitored: this configuration has no sink of that name. Pending contacts are"
                        + " kept, and sent when there is one again.";
    }

    static Alert quota(QuotaUsage usage, Duration interval) {
        return new Alert(
                "quota",
                QUOTA,
                Severity.WARNING,
                "The quota of calls is nearly spent: " + usage.used() + " of " + usage.limit() + " in "
                        + interval.toHours() + " h. Remaining keys wait for the next interval.");
    }

    static Alert silence(Instant last) {
        return new Alert(
                "silence",
                ARRIVAL,
                Severity.WARNING,
                "No contact key has arrived since " + shown(last)
                        + ". Check whether the program that sends them runs.");
    }

    static Alert missed(Instant due) {
        return new Alert(
                "schedule-missed",
                SCHEDULE,
                Severity.WARNING,
                "The run that was due at " + shown(due)
                        + " has not begun: the previous run has not ended, or is halted. The command \"runs\" shows"
                        + " it.");
    }

    private static String shown(Instant instant) {
        return TIME.format(instant.atZone(ZoneId.systemDefault()));
    }
}
