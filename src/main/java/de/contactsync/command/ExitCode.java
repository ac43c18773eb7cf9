package de.contactsync.command;

import de.contactsync.source.RunSummary;
import de.contactsync.source.Verification;

/** What a command ends with, worst last. */
final class ExitCode {

    static final int ALL_STORED = 0;
    static final int DEAD_LETTERS = 1;
    static final int USAGE = 2;
    static final int HALTED = 3;
    static final int UNBALANCED = 4;

    private ExitCode() {}

    static int of(RunSummary summary) {
        return switch (summary.end()) {
            case FINISHED -> summary.run().deadLetters() > 0 ? DEAD_LETTERS : ALL_STORED;
            case UNREADABLE -> USAGE;
            case HALTED, BUSY -> HALTED;
            case UNBALANCED -> UNBALANCED;
        };
    }

    static int of(Verification verification) {
        if (verification instanceof Verification.Compared compared) {
            return compared.problems().isEmpty() ? ALL_STORED : UNBALANCED;
        }
        return HALTED;
    }
}
