package de.contactsync.cli;

import de.contactsync.app.Application;
import de.contactsync.imports.ChunkIterator;
import de.contactsync.persistence.Run;
import java.time.Clock;
import java.util.Locale;
import java.util.Optional;

/** How far a pass is, as the database has it, in one line. */
final class ProgressLine {

    private ProgressLine() {}

    /** @throws de.contactsync.model.ProcessingHaltedException when the database is unavailable */
    static String of(String name, ChunkIterator pass, Application application, Clock clock) {
        Run run = application.runs().find(pass.id());
        StringBuilder line = new StringBuilder(name).append(": ");
        line.append(String.format(Locale.ROOT, "%,d", run.done()));
        if (pass.expectedRecords() >= 0) {
            line.append(String.format(Locale.ROOT, " of about %,d", Math.max(pass.expectedRecords(), run.done())));
        }
        line.append(String.format(Locale.ROOT, " done, %,.0f/s, %,d dead letters", rate(pass, run), run.deadLetters()));
        forecast(pass, run, application, clock)
                .ifPresent(forecast -> line.append(", ").append(forecast.text(clock)));
        return line.toString();
    }

    static Optional<Forecast> forecast(ChunkIterator pass, Run run, Application application, Clock clock) {
        return Forecast.of(pass.expectedRecords(), run.done(), rate(pass, run), application.quota(), clock.instant());
    }

    private static double rate(ChunkIterator pass, Run run) {
        return (run.done() - pass.resumed()) / pass.seconds();
    }
}
