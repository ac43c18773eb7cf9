package de.contactsync.imports;

import de.contactsync.keyfile.KeyFile;
import de.contactsync.keyfile.UnreadableKeyFileException;
import de.contactsync.model.ContactKey;
import de.contactsync.model.JtlId;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.Reason;
import de.contactsync.model.TenantNames;
import de.contactsync.persistence.AuditQueries;
import de.contactsync.persistence.OutcomeCounter;
import de.contactsync.persistence.Run;
import de.contactsync.persistence.RunTotals;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Compares a key file with what the database holds of its run, record by record: a record has a dead letter of the run
 * at its position, or it is a key that stands in {@code contact} or for which JTL answered otherwise later, or it is a
 * duplicate, and then its key is checked where it stands first. Whatever else there is, is lost. Changes nothing.
 */
public final class RunVerifier {

    private final AuditQueries audit;
    private final TenantNames tenants;

    /** @param tenants of keys that name none, or name it by its name; the same as at the import */
    public RunVerifier(AuditQueries audit, TenantNames tenants) {
        this.audit = audit;
        this.tenants = tenants;
    }

    /**
     * Compares a file with the newest finished run of its content, whatever it was called then.
     *
     * @throws de.contactsync.model.ProcessingHaltedException when the database or the temporary files cannot be used
     */
    public VerificationResult verify(Path given) throws IOException, SQLException {
        Path file = given.toAbsolutePath().normalize();
        FileFingerprint fingerprint = FileFingerprint.of(file);
        Optional<Run> run = audit.newestRun(fingerprint.sha256());
        if (run.isEmpty()) {
            return new VerificationResult.NotYet(
                    file,
                    "was never imported into this database: import it, or check that the file is unchanged and that"
                            + " contacts.database.url names the right database");
        }
        if (run.get().state() != Run.State.FINISHED) {
            return new VerificationResult.NotYet(
                    file,
                    "is unfinished, with %d records done: import it again, or leave"
                                    .formatted(run.get().done())
                            + " it to run, to resume where it stopped; then verify again");
        }
        try {
            VerificationResult compared = check(file, run.get());
            return fingerprint.stamp().isStillThatOf(file)
                    ? compared
                    : new VerificationResult.NotYet(file, "was changed while it was read: verify again");
        } catch (UnreadableKeyFileException e) {
            return new VerificationResult.NotYet(file, "cannot be read under this name: " + e.getMessage());
        }
    }

    /** Compares a file with this run of it, finished or not. */
    VerificationResult.Compared check(Path file, Run run) throws IOException, SQLException {
        Comparison comparison = new Comparison(run.id());
        try (KeyFile keys = KeyFile.open(file);
                KeyRecordReader records = new KeyRecordReader(keys, tenants)) {
            // In the batches of the run, so that of two equal keys the same one counts.
            KeyRecordReader.Batch batch;
            while ((batch = records.next(run.chunkSize())).size() > 0) {
                comparison.add(batch);
            }
            RunTotals totals = comparison.outcomeCounter.account(records.count());
            return new VerificationResult.Compared(file, run, totals, comparison.problems(run, totals));
        }
    }

    /** What has been found so far. */
    private final class Comparison {

        private final long runId;
        private final OutcomeCounter outcomeCounter = new OutcomeCounter();
        private final Named lost = new Named();
        private final Named twice = new Named();
        private long letters;

        Comparison(long runId) {
            this.runId = runId;
        }

        void add(KeyRecordReader.Batch batch) {
            outcomeCounter.duplicates(batch.duplicates());
            Map<Long, List<Reason>> failed = audit.deadLettersAt(
                    runId, batch.unique().stream().map(KeyEntry::position).toList());
            List<ContactKey> wanted = batch.keysWithout(failed);
            Set<ContactKey> stored = audit.stored(wanted);
            wanted.removeAll(stored);
            Set<ContactKey> superseded = audit.superseded(runId, wanted);
            for (KeyEntry entry : batch.unique()) {
                List<Reason> reasons = failed.get(entry.position());
                if (reasons != null) {
                    outcomeCounter.failed(reasons.get(0));
                    letters += reasons.size();
                    if (reasons.size() > 1) {
                        twice.add(entry);
                    }
                } else if (entry instanceof KeyEntry.Valid valid
                        && (stored.contains(valid.key()) || superseded.contains(valid.key()))) {
                    outcomeCounter.stored(1);
                } else {
                    lost.add(entry);
                }
            }
        }

        List<String> problems(Run run, RunTotals totals) {
            List<String> problems = new ArrayList<>();
            if (lost.count > 0) {
                problems.add("neither a contact nor a dead letter: " + lost);
            }
            if (twice.count > 0) {
                problems.add("more than one dead letter: " + twice);
            }
            long strays = audit.deadLetters(runId) - letters;
            if (strays != 0) {
                problems.add("dead letters of the run that belong to no record of the file: " + strays);
            }
            RunTotals counters = run.total() == null ? run.totals(totals.accepted()) : run.totals();
            if (!counters.equals(totals)) {
                problems.add("the counters of run " + runId + " in import_run differ: " + counters);
            }
            return problems;
        }
    }

    /**
     * Records for a message, so many that it can still be read; never what stands in a line that is not a valid key.
     */
    private static final class Named {

        private static final int MOST = 20;

        private final List<String> names = new ArrayList<>();
        private long count;

        void add(KeyEntry entry) {
            if (count++ < MOST) {
                names.add("line " + entry.position()
                        + (entry instanceof KeyEntry.Valid valid
                                ? " (" + JtlId.text(valid.key().customerId()) + "/"
                                        + JtlId.text(valid.key().contactId()) + ")"
                                : " (no key)"));
            }
        }

        @Override
        public String toString() {
            return String.join(", ", names) + (count > MOST ? " and " + (count - MOST) + " more" : "");
        }
    }
}
