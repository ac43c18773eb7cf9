package de.contactsync.app;

import de.contactsync.imports.RunSummary;
import de.contactsync.imports.VerificationResult;

/** What a command ends with, worst last. */
public final class ExitCode {

    public static final int ALL_STORED = 0;
    public static final int DEAD_LETTERS = 1;
    public static final int USAGE = 2;
    public static final int HALTED = 3;
    static final int UNBALANCED = 4;

    private ExitCode() {}

    public static int of(RunSummary summary) {
        return switch (summary.end()) {
            case FINISHED -> summary.run().deadLetters() > 0 ? DEAD_LETTERS : ALL_STORED;
            case UNREADABLE -> USAGE;
            case HALTED, BUSY -> HALTED;
            case UNBALANCED -> UNBALANCED;
        };
    }

    public static int of(VerificationResult verificationResult) {
        if (verificationResult instanceof VerificationResult.Compared compared) {
            return compared.problems().isEmpty() ? ALL_STORED : UNBALANCED;
        }
        return HALTED;
    }
}
