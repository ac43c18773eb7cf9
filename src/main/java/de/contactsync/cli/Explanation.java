package de.contactsync.cli;

import de.contactsync.app.RemovalRecheck;
import de.contactsync.crm.FieldPolicies;
import de.contactsync.keyfile.KeyFile;
import de.contactsync.outbox.ContactHistory.Delivery;
import de.contactsync.outbox.ContactHistory.Letter;
import de.contactsync.outbox.ContactHistory.Stored;
import de.contactsync.persistence.WithoutEmail;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What became of one contact, in words.
 *
 * @param sent the fields that a sink was sent, by its name, where that is known; none that had no value
 */
record Explanation(
        boolean forgotten,
        Optional<Stored> stored,
        List<Delivery> deliveries,
        List<Letter> letters,
        Map<String, List<String>> sent) {

    private static final int HEAD = 16;

    /** Whether nobody has ever asked for it here, as far as the tables know. */
    boolean isEmpty() {
        return !forgotten && stored.isEmpty() && deliveries.isEmpty() && letters.isEmpty();
    }

    String text() {
        StringBuilder text = new StringBuilder();
        if (isEmpty()) {
            return line(
                    "Nothing",
                    "is known about this contact: no key file, message or schedule has named it, or its data has"
                            + " been removed since.");
        }
        if (forgotten) {
            text.append(line("Forgotten", "nothing about it is stored or sent until forget --undo."));
        }
        text.append(line("JTL", stored.map(this::ofJtl).orElseGet(this::ofJtlWithoutContact)));
        deliveries.forEach(delivery -> text.append(line("Sink " + delivery.sink(), ofSink(delivery))));
        if (deliveries.isEmpty() && stored.isPresent()) {
            text.append(line("Sinks", "it was never sent to a sink other than the database."));
        }
        letters.forEach(letter -> text.append(line("Dead letter", ofLetter(letter))));
        return text.toString();
    }

    private static String line(String head, String text) {
        return (head + " ".repeat(Math.max(1, HEAD - head.length()))) + text + System.lineSeparator();
    }

    private static String at(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private String ofJtl(Stored contact) {
        return "stored since " + at(contact.firstSeenAt()) + ", as it is since " + at(contact.changedAt())
                + failures()
                        .filter(letter ->
                                contact.askedAt() != null && contact.askedAt().equals(letter.askedAt()))
                        .findFirst()
                        .map(letter -> "; last looked up at " + at(letter.at()) + ", " + letter.reason())
                        .orElseGet(() -> ", last confirmed by JTL at " + at(confirmedAt(contact)));
    }

    /** Not when it was stored, which may be behind what JTL was asked later. */
    private static Instant confirmedAt(Stored contact) {
        return contact.askedAt() == null || contact.askedAt().isAfter(contact.confirmedAt())
                ? contact.confirmedAt()
                : contact.askedAt();
    }

    private String ofJtlWithoutContact() {
        return failures()
                .findFirst()
                .map(letter -> "never stored; last looked up at " + at(letter.at()) + ", " + letter.reason())
                .orElse("not stored");
    }

    /** What kept it from being stored, the newest first. */
    private Stream<Letter> failures() {
        return letters.stream()
                .filter(letter -> letter.stage().equals("jtl") || letter.stage().equals("sink:database"));
    }

    private String ofSink(Delivery delivery) {
        List<String> edited = FieldPolicies.edited(delivery.fieldHashes());
        List<String> fields = sent.getOrDefault(delivery.sink(), List.of());
        return state(delivery)
                + (delivery.remoteId() == null ? "" : "; record " + delivery.remoteId())
                + (fields.isEmpty() ? "" : "; was sent its fields " + String.join(", ", fields))
                + (edited.isEmpty() ? "" : "; edited by people there, and preserved: " + String.join(", ", edited))
                + (delivery.missing()
                        ? "; an unfinished run did not find it at JTL, and decides at its end what happens to it"
                        : "");
    }

    private String state(Delivery delivery) {
        String last =
                delivery.deliveredAt() == null ? "never accepted" : "accepted last at " + at(delivery.deliveredAt());
        return switch (delivery.state()) {
            case "pending" ->
                (delivery.wantedHash() == null ? "to be removed" : "to be sent") + ", waiting since "
                        + at(delivery.pendingSince())
                        + (delivery.wantedHash() == null && delivery.unconfirmed() != null
                                ? " for JTL to confirm that it no longer has the contact; the last look-up returned \""
                                        + delivery.unconfirmed() + "\". The look-up is repeated at least every "
                                        + RemovalRecheck.LONGEST_PAUSE.toMinutes() + " min while the program is running"
                                : tries(delivery))
                        + "; " + last;
            case "failed" ->
                (isAsStored(delivery) && delivery.wantedHash() != null
                                ? "has it as stored, but rejected the link to its company"
                                : "rejected in its current state")
                        + ", see the dead letter; " + last;
            case "gone" -> "removal delivered, because JTL no longer has it; " + last;
            default ->
                delivery.leftOut() != null
                        ? "left out by " + delivery.leftOut() + "; " + last
                        : (isAsStored(delivery) ? "has it as stored" : "has an older state")
                                + (WithoutEmail.is(delivery.refusedHash())
                                        ? ", except for its e-mail address, which another record has; see the dead"
                                                + " letter"
                                        : "")
                                + "; " + last;
        };
    }

    private static String tries(Delivery delivery) {
        return (delivery.claimedBy() == null ? "" : "; being sent by " + delivery.claimedBy())
                + (delivery.attempts() == 0
                        ? ""
                        : "; tried " + delivery.attempts() + (delivery.attempts() == 1 ? " time" : " times")
                                + " without a result: the sink may have it");
    }

    private boolean isAsStored(Delivery delivery) {
        return stored.map(contact -> contact.hash().equals(delivery.acceptedHash()))
                .orElse(false);
    }

    private static String ofLetter(Letter letter) {
        String place = letter.fileName() != null
                ? "; from " + KeyFile.shown(letter.fileName()) + ", record " + letter.position() + " (run "
                        + letter.runId() + ")"
                : letter.source().equals("delivery") ? "" : "; from " + letter.source() + ", " + letter.position();
        return at(letter.at()) + ", " + letter.state() + ": " + letter.stage() + " " + letter.reason()
                + (letter.httpStatus() == null ? "" : " " + letter.httpStatus())
                + (letter.message() == null ? "" : ", " + letter.message()) + place;
    }
}
