package de.contactsync.command;

import de.contactsync.contact.HaltException;
import de.contactsync.ledger.Outbox;
import de.contactsync.outage.Outage;
import de.contactsync.outage.Outage.Kind;
import de.contactsync.source.FileNames;
import de.contactsync.source.RunSummary;
import de.contactsync.source.RunSummary.End;
import java.io.File;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Imports files in turn. A file whose JTL, token endpoint or database is out of reach comes again when a try is due;
 * other files need not wait for it. Used by one thread.
 */
final class FileImports {

    private static final Logger LOG = LoggerFactory.getLogger(FileImports.class);

    private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

    /** The first pass over a file, which later ones continue. */
    private record Begin(long nanoTime, long resumed, Outbox.Tally sent) {}

    private final Application application;
    private final Duration maxWait;
    private final BiConsumer<RunSummary, Sent> printer;
    private final Map<File, Begin> begins = new HashMap<>();
    private final Map<File, RunSummary> latest = new HashMap<>();
    private final List<RunSummary> finished = new ArrayList<>();
    private int worst = ExitCode.ALL_STORED;
    private boolean halted;

    /** @param printer takes the summary of each file once it has ended, and what went to the CRM, null without one */
    FileImports(Application application, Duration maxWait, BiConsumer<RunSummary, Sent> printer) {
        this.application = application;
        this.maxWait = maxWait;
        this.printer = printer;
    }

    static RunSummary notBegun(File file, String message) {
        return RunSummary.unread(file.toPath().toAbsolutePath().normalize(), End.HALTED, null, message);
    }

    /** @return the exit code: that of the file which ended worst */
    int run(List<File> files) {
        List<File> open = files;
        while (!open.isEmpty()) {
            List<File> waiting = new ArrayList<>();
            Duration pause = maxWait;
            for (File file : open) {
                RunSummary summary = halted ? latest.getOrDefault(file, notBegun(file, "not begun")) : pass(file);
                if (!halted && mayWait(summary)) {
                    latest.put(file, summary);
                    waiting.add(file);
                    pause = shorter(pause, summary.outage().untilNextTry());
                } else {
                    end(file, summary.outage() == null ? summary : toldOfWait(summary));
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
        finished.forEach(application.settlement()::close);
    }

    private RunSummary pass(File file) {
        Begin begin = new Begin(System.nanoTime(), 0, application.sent());
        RunSummary pass;
        try (Progress progress = Progress.of(application, file)) {
            pass = application.importFile(file);
        }
        Begin first = begins.computeIfAbsent(file, begun -> new Begin(begin.nanoTime, pass.resumed(), begin.sent));
        double seconds = (System.nanoTime() - first.nanoTime) / 1e9;
        return new RunSummary(pass.name(), pass.file(), pass.end(), pass.run(), pass.expected(), first.resumed, seconds,
                pass.message(), pass.outage());
    }

    private boolean mayWait(RunSummary summary) {
        Outage outage = summary.outage();
        return outage != null
                && outage.kind() == Kind.PASSING
                && outage.length().compareTo(maxWait) < 0
                && !application.passes().isStopping();
    }

    /** Says how long there was a wait, where there was one. */
    private RunSummary toldOfWait(RunSummary summary) {
        long waited = summary.outage().length().toSeconds();
        return waited == 0 ? summary : new RunSummary(summary.name(), summary.file(), summary.end(), summary.run(),
                summary.expected(),
                summary.resumed(), summary.seconds(),
                summary.message() + " (waited " + waited + " s for it, see contacts.max-wait)", summary.outage());
    }

    private void end(File file, RunSummary summary) {
        boolean ended = summary.end() == End.FINISHED || summary.end() == End.UNREADABLE && summary.run() != null;
        if (ended) {
            report(summary);
        }
        Sent sent = begins.containsKey(file) ? application.flush(begins.get(file).sent, maxWait) : null;
        if (ended && (sent == null || sent.waitsFor() == null)) {
            // Else the same command must find this run, so that it sends what waits and asks JTL for nothing.
            finished.add(summary);
        }
        printer.accept(summary, sent);
        worst = Math.max(worst, Math.max(ExitCode.of(summary), sent == null ? 0 : sent.exitCode()));
        // What halts one file for good mostly concerns all keys, so that the next would only meet it again.
        halted |= summary.end() == End.HALTED;
    }

    /** What the reports would say stands in the database anyway, so an import does not fail for it. */
    private void report(RunSummary summary) {
        try {
            application.settlement().report(summary);
        } catch (IOException | HaltException e) {
            LOG.warn("what belongs beside {} cannot be written ({}): see tables dead_letter, run_id {}, and contact",
                    FileNames.shown(summary.file()), FileNames.reason(e), summary.run().id());
        }
    }

    private void await(Duration pause) {
        long end = System.nanoTime() + pause.toNanos();
        while (System.nanoTime() - end < 0 && !application.passes().isStopping()) {
            LockSupport.parkNanos(LOOK_AGAIN.toNanos());
        }
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }
}
