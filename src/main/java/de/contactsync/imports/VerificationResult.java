package de.contactsync.imports;

import de.contactsync.persistence.Run;
import de.contactsync.persistence.RunTotals;
import java.nio.file.Path;
import java.util.List;

/** What came of comparing a key file with the database. */
public sealed interface VerificationResult {

    Path file();

    /** @param why there is nothing to compare it with yet, and what to do */
    record NotYet(Path file, String why) implements VerificationResult {}

    /**
     * @param totals  as counted from the file and the tables, not from the run's own counters
     * @param problems what does not add up, a sentence each, naming records by line and key; empty when all is proved
     */
    record Compared(Path file, Run run, RunTotals totals, List<String> problems) implements VerificationResult {

        public Compared {
            problems = List.copyOf(problems);
        }
    }
}
