package de.contactsync.cli;

import de.contactsync.app.ExitCode;
import de.contactsync.config.ConfigurationException;
import de.contactsync.config.DurationText;
import de.contactsync.config.Settings;
import de.contactsync.imports.ReplayFileWriter;
import de.contactsync.model.Reason;
import de.contactsync.persistence.AuditQueries;
import de.contactsync.persistence.Database;
import de.contactsync.persistence.DeadLetterFilter;
import de.contactsync.persistence.DeadLetterQueries;
import de.contactsync.persistence.ReplayLease;
import de.contactsync.persistence.RunStore;
import de.contactsync.resilience.BreakerRegistry;
import java.io.File;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "replay",
        description = "Retries open dead letters: looks their keys up at JTL again, and resends contacts that the CRM"
                + " or a route rejected.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class)
final class ReplayCommand implements Callable<Integer> {

    private static final List<String> SOURCES = List.of("file", "queue", "kafka", "http", "timer", "delivery");
    private static final String TIMES =
            "a day such as 2026-03-01, a time such as 2026-03-01T08:00, or 2h for two hours ago";

    @Option(names = "--reason", paramLabel = "R", description = "Only those with this reason, such as not-found.")
    private String reason;

    @Option(
            names = "--source",
            paramLabel = "S",
            description =
                    "Only those from file, queue, kafka, http, timer or delivery (rejected by the CRM or a route).")
    private String source;

    @Option(
            names = "--since",
            paramLabel = "T",
            description =
                    "Only those that last failed since then: 2026-03-01, 2026-03-01T08:00, or 2h for two hours ago.")
    private String since;

    @Option(names = "--dry-run", description = "Only list them.")
    private boolean dryRun;

    private final Clock clock = Clock.systemUTC();

    @Override
    public Integer call() throws Exception {
        DeadLetterFilter filter = new DeadLetterFilter(
                reason == null ? null : reason(), source == null ? null : source(), since == null ? null : since());
        return dryRun ? report(filter) : replay(filter);
    }

    private int report(DeadLetterFilter filter) {
        Settings settings = Settings.loadWithoutCredentials();
        try (Database database = Database.openToRead(settings.database(), breakers(settings))) {
            List<DeadLetterQueries.Kind> kinds = new DeadLetterQueries(database, clock).kinds(filter);
            System.out.println(ReplayText.of(kinds, settings.replayedSinks()));
        }
        return ExitCode.ALL_STORED;
    }

    private int replay(DeadLetterFilter filter) throws Exception {
        Settings settings = Settings.load();
        // Two at once would both write down the same keys, and take each other's files for their own.
        try (Database database = open(settings);
                RunStore runs = new RunStore(database, clock);
                ReplayLease lease = ReplayLease.take(runs)) {
            return lease.isHeld() ? replay(settings, filter, database, runs) : refuse(lease);
        }
    }

    private static int refuse(ReplayLease lease) {
        System.err.println("another replay is running (" + lease.holder()
                + "), so this one did nothing: start it again when the other has ended");
        return ExitCode.HALTED;
    }

    private int replay(Settings settings, DeadLetterFilter filter, Database database, RunStore runs) throws Exception {
        DeadLetterQueries letters = new DeadLetterQueries(database, clock);
        System.out.println(ReplayText.of(letters.kinds(filter), settings.replayedSinks()));
        ReplayFileWriter replays =
                new ReplayFileWriter(settings.file(), letters, new AuditQueries(database), runs, clock);
        List<File> files = replays.write(filter, replays.unfinished());
        int sentAgain = settings.replayedSinks().keySet().stream()
                .mapToInt(sink -> letters.sendAgain(sink, filter))
                .sum();
        if (files.isEmpty()) {
            return sentAgain == 0 ? ExitCode.ALL_STORED : SyncCommand.run(settings, false);
        }
        int exitCode = ImportCommand.run(settings, files, false, System.out);
        // Deletes what is done.
        replays.unfinished();
        return exitCode;
    }

    private static Database open(Settings settings) {
        return Database.open(settings.database(), breakers(settings), settings.maxWait());
    }

    private static BreakerRegistry breakers(Settings settings) {
        return new BreakerRegistry(
                Clock.systemUTC(), System::nanoTime, settings.jtl().refusalPause());
    }

    private Reason reason() {
        try {
            return Reason.of(reason);
        } catch (IllegalArgumentException e) {
            throw wrong(
                    "--reason",
                    reason,
                    "one of " + Arrays.stream(Reason.values()).map(Reason::code).collect(Collectors.joining(", ")));
        }
    }

    private String source() {
        if (!SOURCES.contains(source)) {
            throw wrong("--source", source, "one of " + String.join(", ", SOURCES));
        }
        return source;
    }

    private Instant since() {
        try {
            if (since.endsWith("Z")) {
                return Instant.parse(since);
            }
            if (since.contains("T")) {
                return LocalDateTime.parse(since).atZone(ZoneId.systemDefault()).toInstant();
            }
            if (since.contains("-")) {
                return LocalDate.parse(since)
                        .atStartOfDay(ZoneId.systemDefault())
                        .toInstant();
            }
            Duration ago = DurationText.parse(since);
            if (ago == null) {
                throw wrong("--since", since, TIMES);
            }
            return clock.instant().minus(ago);
        } catch (DateTimeParseException | IllegalArgumentException e) {
            throw wrong("--since", since, TIMES);
        }
    }

    private static ConfigurationException wrong(String option, String given, String expected) {
        return new ConfigurationException(List.of(option + " is \"" + given + "\": expected " + expected));
    }
}
