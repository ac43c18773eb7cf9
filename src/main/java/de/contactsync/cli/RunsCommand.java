package de.contactsync.cli;

import de.contactsync.app.ExitCode;
import de.contactsync.config.Settings;
import de.contactsync.keyfile.KeyFile;
import de.contactsync.persistence.Database;
import de.contactsync.persistence.OpenRuns;
import de.contactsync.persistence.OpenRuns.OpenRun;
import de.contactsync.persistence.Run;
import de.contactsync.persistence.RunStore;
import de.contactsync.persistence.ScheduledRunStore;
import de.contactsync.resilience.BreakerRegistry;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "runs",
        description = "Lists unfinished runs, and the process that works on each. Changes nothing.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        subcommands = RunsCommand.Discard.class)
final class RunsCommand implements Callable<Integer> {

    @Override
    public Integer call() throws Exception {
        Settings settings = Settings.loadWithoutCredentials();
        try (Database database = Database.openToRead(settings.database(), breakers(settings))) {
            List<OpenRun> runs = new OpenRuns(database, Clock.systemUTC()).list();
            runs.forEach(run -> System.out.println(line(run)));
            if (runs.isEmpty()) {
                System.out.println("No run is open.");
            }
        }
        return ExitCode.ALL_STORED;
    }

    private static BreakerRegistry breakers(Settings settings) {
        return new BreakerRegistry(
                Clock.systemUTC(), System::nanoTime, settings.jtl().refusalPause());
    }

    static String line(OpenRun open) {
        Run run = open.run();
        boolean ended = run.state() != Run.State.HALTED && open.gone();
        return "%d  %-11s  %s %s, since %s, %,d records done%s%s: %s"
                .formatted(
                        run.id(),
                        ended && run.state() == Run.State.RUNNING
                                ? "interrupted"
                                : run.state().name().toLowerCase(Locale.ROOT),
                        run.source(),
                        KeyFile.shown(run.fileName()),
                        open.startedAt().truncatedTo(ChronoUnit.SECONDS),
                        run.done(),
                        run.total() == null ? "" : " of " + run.total(),
                        run.haltReason() == null ? "" : "; " + run.haltReason(),
                        ended
                                ? open.owner().shown() + " has ended; " + remedy(open)
                                : run.state() == Run.State.HALTED
                                        ? remedy(open)
                                        : open.owner().shown());
    }

    /** Who goes on with a run that nobody works on. */
    private static String remedy(OpenRun open) {
        String source = open.run().source();
        String next = source.equals(RunStore.REPLAY)
                ? "the next replay"
                : source.equals(ScheduledRunStore.SOURCE)
                        ? "the running program, or run --once,"
                        : open.inInbox() ? "the running program" : "the same import";
        return next + " resumes it, or end it: runs discard " + open.run().id();
    }

    @Command(
            name = "discard",
            description = "Ends runs that will not be resumed: their open dead letters are discarded, contacts stay. If"
                    + " the file of a run still exists, it starts from the beginning when it is imported again or found"
                    + " in the inbox.",
            mixinStandardHelpOptions = true,
            versionProvider = Main.Version.class)
    static final class Discard implements Callable<Integer> {

        @Parameters(arity = "1..*", paramLabel = "ID", description = "Run numbers, as shown by the command runs.")
        private List<Long> ids;

        @Override
        public Integer call() throws Exception {
            Settings settings = Settings.loadWithoutCredentials();
            int code = ExitCode.ALL_STORED;
            // Says so where there is no database, which would be made otherwise.
            Database.openToRead(settings.database(), breakers(settings)).close();
            try (Database database = Database.open(settings.database(), breakers(settings), settings.maxWait())) {
                OpenRuns runs = new OpenRuns(database, Clock.systemUTC());
                for (long id : ids) {
                    OpenRuns.Discarded discarded = runs.discard(id);
                    System.out.println(
                            switch (discarded) {
                                case CLOSED -> "Run " + id + " is discarded, including its open dead letters.";
                                case CLOSED_REPLAY ->
                                    "Run " + id + " is discarded; its keys have open dead letters for the next replay.";
                                case CLOSED_FINISHED ->
                                    "Run " + id
                                            + " had processed all its records and is closed; its dead letters stay.";
                                case UNKNOWN -> "Run " + id + " is not open: the command runs shows those that are.";
                                case BUSY ->
                                    "Run " + id
                                            + " is being worked on: stop that process first (the command runs names"
                                            + " it).";
                            });
                    boolean closed = discarded.isClosed();
                    code = closed ? code : ExitCode.USAGE;
                }
            }
            return code;
        }
    }
}
