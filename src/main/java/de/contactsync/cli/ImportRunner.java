package de.contactsync.cli;

import de.contactsync.app.Application;
import de.contactsync.app.DeliverySummary;
import de.contactsync.app.ExitCode;
import de.contactsync.imports.FileNames;
import de.contactsync.imports.RunSummary;
import de.contactsync.imports.RunSummary.End;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.outbox.Outbox;
import de.contactsync.resilience.Outage;
import de.contactsync.resilience.Outage.Kind;
import java.io.File;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Imports files in turn. A file whose JTL, token endpoint or database is unavailable comes again when a try is due;
 * other files need not wait for it. Used by one thread.
 */
final class ImportRunner {

    private static final Logger LOG = LoggerFactory.getLogger(ImportRunner.class);

    /** The first pass over a file, which later ones continue. */
    private record Begin(long nanoTime, long resumed, List<Outbox.Tally> sent) {}

    /**
     * The outages that a file has waited for without a record done in between.
     *
     * @param began reading of {@link System#nanoTime}
     */
    private record Wait(long done, long began) {}

    private final Application application;
    private final Duration maxWait;
    private final BiConsumer<RunSummary, List<DeliverySummary>> printer;
    private final Map<File, Begin> begins = new HashMap<>();
    private final Map<File, RunSummary> latest = new HashMap<>();
    private final Map<File, Wait> waits = new HashMap<>();
    private final List<RunSummary> finished = new ArrayList<>();
    private int worst = ExitCode.ALL_STORED;
    private boolean halted;

    /** @param printer takes the summary of each file once it has ended, and what went to the CRM and to routes */
    ImportRunner(Application application, Duration maxWait, BiConsumer<RunSummary, List<DeliverySummary>> printer) {
        this.application = application;
        this.maxWait = maxWait;
        this.printer = printer;
    }

    static RunSummary notStarted(File file, String message) {
        return RunSummary.unread(file.toPath().toAbsolutePath().normalize(), End.HALTED, null, message);
    }

    /** @return the exit code: that of the file which ended worst */
    int run(List<File> files) {
        List<File> open = files;
        while (!open.isEmpty()) {
            List<File> waiting = new ArrayList<>();
            Duration pause = maxWait;
            for (File file : open) {
                RunSummary summary = halted ? latest.getOrDefault(file, notStarted(file, "not begun")) : pass(file);
                if (!halted && canWait(file, summary)) {
                    latest.put(file, summary);
                    waiting.add(file);
                    pause = shorter(pause, summary.outage().untilNextTry());
                } else {
                    end(file, summary.outage() == null ? summary : waitAnnounced(summary));
                }
            }
            if (!waiting.isEmpty()) {
                await(pause);
            }
            open = waiting;
        }
        return worst;
    }

    /** Ends the runs of the files that are done: from now on the same content is a new run. */
    void close() {
        finished.forEach(application.fileFinalizer()::close);
    }

    private RunSummary pass(File file) {
        Begin begin = new Begin(System.nanoTime(), 0, application.sent());
        RunSummary pass;
        try (ProgressDisplay progressDisplay = ProgressDisplay.of(application, file)) {
            pass = application.importFile(file);
        }
        Begin first = begins.computeIfAbsent(file, begun -> new Begin(begin.nanoTime, pass.resumed(), begin.sent));
        double seconds = (System.nanoTime() - first.nanoTime) / 1e9;
        return new RunSummary(
                pass.name(),
                pass.file(),
                pass.end(),
                pass.run(),
                pass.expected(),
                first.resumed,
                seconds,
                pass.message(),
                pass.outage());
    }

    /** What ends again and again without one more record done is waited for no longer than what does not end at all. */
    private boolean canWait(File file, RunSummary summary) {
        Outage outage = summary.outage();
        if (outage == null || outage.kind() != Kind.PASSING) {
            return false;
        }
        long now = System.nanoTime();
        long done = summary.run() == null ? 0 : summary.run().done();
        Wait wait = waits.get(file);
        if (wait == null || wait.done != done) {
            wait = new Wait(done, now - outage.length().toNanos());
            waits.put(file, wait);
        }
        return now - wait.began < maxWait.toNanos()
                && !application.coordinator().isStopping();
    }

    /** Says how long there was a wait, where there was one. */
    private RunSummary waitAnnounced(RunSummary summary) {
        long waited = summary.outage().length().toSeconds();
        return waited == 0
                ? summary
                : new RunSummary(
                        summary.name(),
                        summary.file(),
                        summary.end(),
                        summary.run(),
                        summary.expected(),
                        summary.resumed(),
                        summary.seconds(),
                        summary.message() + " (waited " + waited + " s for it, see contacts.max-wait)",
                        summary.outage());
    }

    private void end(File file, RunSummary summary) {
        boolean ended = summary.end() == End.FINISHED || summary.end() == End.UNREADABLE && summary.run() != null;
        if (ended) {
            report(summary);
        }
        List<DeliverySummary> deliveries =
                begins.containsKey(file) ? application.flush(begins.get(file).sent, maxWait) : List.of();
        if (ended && deliveries.stream().allMatch(each -> each.waitsFor() == null)) {
            // Else the same command must find this run, so that it sends what waits and asks JTL for nothing.
            finished.add(summary);
        }
        printer.accept(summary, deliveries);
        worst = Math.max(worst, Math.max(ExitCode.of(summary), exitCode(deliveries)));
        // What halts one file for good mostly concerns all keys, so that the next would only meet it again.
        halted |= summary.end() == End.HALTED;
    }

    /** That of the sink which ended worst. */
    static int exitCode(List<DeliverySummary> deliveries) {
        return deliveries.stream().mapToInt(DeliverySummary::exitCode).max().orElse(ExitCode.ALL_STORED);
    }

    /** What the reports would say stands in the database anyway, so an import does not fail for it. */
    private void report(RunSummary summary) {
        try {
            application.fileFinalizer().report(summary);
        } catch (IOException | ProcessingHaltedException e) {
            LOG.warn(
                    "what belongs beside {} cannot be written ({}): see tables dead_letter, run_id {}, and contact",
                    FileNames.shown(summary.file()),
                    FileNames.reason(e),
                    summary.run().id());
        }
    }

    private void await(Duration pause) {
        try {
            application.coordinator().awaitStop(pause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }
}
