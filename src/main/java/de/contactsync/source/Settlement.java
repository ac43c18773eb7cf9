package de.contactsync.source;

import de.contactsync.contact.HaltException;
import de.contactsync.ledger.Claim;
import de.contactsync.ledger.Run;
import de.contactsync.ledger.RunLedger;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What comes after a pass over a key file: its move, the reports beside it, the end of its run. All of it follows from
 * the ledger, and is repeated from the start when it was cut off.
 */
public final class Settlement {

    private static final Logger LOG = LoggerFactory.getLogger(Settlement.class);

    private static final Duration OTHERS_FIRST = Duration.ofMillis(600);
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(2);
    private static final Duration A_PERSON_MUST_ACT = Duration.ofHours(1);
    private static final Duration TRY_AGAIN = Duration.ofSeconds(30);

    private final RunLedger ledger;
    private final Inbox inbox;
    private final Passes passes;
    private final ContactFile contacts;

    /** @param contacts null when contacts go into no files */
    public Settlement(RunLedger ledger, Inbox inbox, Passes passes, ContactFile contacts) {
        this.ledger = ledger;
        this.inbox = inbox;
        this.passes = passes;
        this.contacts = contacts;
    }

    /** What a file of the inbox deserves after its pass: reports, its move, and the end of its run. */
    public void settle(RunSummary summary) {
        switch (summary.end()) {
            case FINISHED -> {
                LOG.info("{}: {}", summary.file(), summary.run().account());
                settleIn(Inbox.DONE, summary);
            }
            case UNREADABLE -> {
                // Not the message: it quotes the file, which may be a list of people.
                LOG.error("{} cannot be read as a key file; it goes to {}, with a file .error.txt that says why",
                        summary.file(), Inbox.FAILED);
                settleIn(Inbox.FAILED, summary);
            }
            case HALTED -> {
                if (passes.isStopping()) {
                    LOG.info("{} stays where it is and goes on at the next start", summary.file());
                } else if (summary.outage() != null) {
                    LOG.debug("{} stays where it is: {}", summary.file(), summary.message());
                    // Others come first then: what halts one file need not halt them.
                    inbox.setAside(summary.file(), summary.outage().untilNextTry().plus(OTHERS_FIRST));
                } else if (summary.run() != null && summary.run().haltedAtEnd()) {
                    LOG.error("{} stays where it is: {}", summary.file(), summary.message());
                    inbox.setAside(summary.file(), A_PERSON_MUST_ACT);
                } else {
                    LOG.error("{} stays where it is, going on in {} s: {}",
                            summary.file(), TRY_AGAIN.toSeconds(), summary.message());
                    inbox.setAside(summary.file(), TRY_AGAIN);
                }
            }
            case UNBALANCED -> {
                LOG.error("{} stays where it is, please report this: {}", summary.file(), summary.message());
                inbox.setAside(summary.file(), A_PERSON_MUST_ACT);
            }
            case BUSY -> {
                // Each look costs a reading of the whole file, for its fingerprint.
                inbox.setAside(summary.file(), LOOK_AGAIN);
                LOG.debug("{} {}", summary.file(), summary.message());
            }
        }
    }

    private void settleIn(String folder, RunSummary summary) {
        try {
            moveAway(summary, folder);
        } catch (IOException | HaltException e) {
            // Done again from the start when the file is seen next: the ledger knows that only this is missing.
            inbox.setAside(summary.file(), TRY_AGAIN);
            LOG.error("{} cannot be moved to {} ({}): see to permissions and room there, trying again in {} s",
                    summary.file(), folder, e, TRY_AGAIN.toSeconds());
        }
    }

    /** Writes what belongs beside an imported file; the file itself stays. */
    public void report(RunSummary summary) throws IOException {
        writeContacts(summary.run(), summary.file(), summary.file());
        Path report = ErrorReport.beside(summary.file());
        if (summary.run().deadLetters() > 0) {
            ErrorReport.write(report, ledger, summary.run().id());
        } else {
            // One of an earlier run would speak of lines that are mended.
            Files.deleteIfExists(report);
        }
    }

    /** Ends the runs of processes that died when the file had just gone to its place, where nobody looks for it. */
    public void closeMoved() {
        for (Run run : ledger.moving()) {
            Path place = Path.of(run.movedTo());
            if (Files.exists(place) && Files.notExists(inbox.folder().resolve(run.fileName()))) {
                Claim claim = ledger.claim(run.source(), run.fileName(), run.fileHash(), run.chunkSize());
                if (claim instanceof Claim.Unclosed unclosed) {
                    ledger.close(unclosed.run().id());
                } else if (claim instanceof Claim.Granted granted) {
                    // Another process closed it meanwhile, so this is a new one that nobody asked for.
                    ledger.discard(granted.run().id());
                }
            }
        }
    }

    /** The last step: from now on the same content is a new run. */
    public void close(RunSummary summary) {
        ledger.close(summary.run().id());
    }

    private void moveAway(RunSummary summary, String folder) throws IOException {
        Path file = summary.file();
        Run run = summary.run();
        Path place = run != null && run.movedTo() != null ? Path.of(run.movedTo()) : inbox.placeIn(folder, file);
        if (run != null && run.movedTo() == null) {
            ledger.movingTo(run.id(), place.toString());
        }
        if (summary.message() != null) {
            Files.createDirectories(place.getParent());
            Files.writeString(place.resolveSibling(place.getFileName() + ".error.txt"),
                    summary.message() + System.lineSeparator(), StandardCharsets.UTF_8);
        }
        if (run != null && run.deadLetters() > 0) {
            ErrorReport.write(ErrorReport.beside(place), ledger, run.id());
        }
        // When it stands there already, an earlier pass was cut off behind the move; this file is a new one.
        if (!Files.exists(place) && isStill(run, file)) {
            writeContacts(run, file, place);
            inbox.move(file, place);
        }
        if (run != null) {
            ledger.close(run.id());
        }
    }

    private void writeContacts(Run run, Path file, Path place) throws IOException {
        if (contacts != null && run != null) {
            contacts.write(file, place, run);
        }
    }

    /** Whether the file is still the one that was read, and not a newer one that was put in its place meanwhile. */
    private static boolean isStill(Run run, Path file) throws IOException {
        try {
            if (run == null || FileFingerprint.of(file).sha256().equals(run.fileHash())) {
                return true;
            }
            LOG.info("{} was replaced behind its last record: it stays, as a run of its own", file);
        } catch (NoSuchFileException e) {
            LOG.info("{} was taken away behind its last record", file);
        }
        return false;
    }
}
