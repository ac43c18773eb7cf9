package de.contactsync.cli;

import de.contactsync.app.Application;
import de.contactsync.app.DeliverySummary;
import de.contactsync.app.ExitCode;
import de.contactsync.app.GracefulShutdown;
import de.contactsync.config.Settings;
import de.contactsync.imports.RunSummary;
import de.contactsync.imports.RunSummary.End;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.outbox.DeliveryCounts;
import de.contactsync.resilience.Outage;
import de.contactsync.resilience.Outage.Kind;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;

/**
 * Works on tasks in turn. One whose JTL, token endpoint or database is unavailable comes again when a try is due; others
 * need not wait for it. Used by one thread.
 */
final class TaskRunner {

    /** The first pass of a task, which later ones continue. */
    private record Begin(long nanoTime, long resumed, List<DeliveryCounts> sent) {}

    /**
     * The outages that a task has waited for without a record done in between.
     *
     * @param began reading of {@link System#nanoTime}
     */
    private record Wait(long done, long began) {}

    private final Application application;
    private final Duration maxWait;
    private final BiConsumer<RunSummary, List<DeliverySummary>> printer;
    private final Map<RunTask, Begin> begins = new HashMap<>();
    private final Map<RunTask, RunSummary> latest = new HashMap<>();
    private final Map<RunTask, Wait> waits = new HashMap<>();
    private final Map<RunTask, RunSummary> finished = new LinkedHashMap<>();
    private int worst = ExitCode.ALL_STORED;
    private boolean halted;

    /**
     * As a command does: in an application of its own, with a summary of each task on {@code out}.
     *
     * @return the exit code: that of the task which ended worst
     */
    static int run(Settings settings, List<? extends RunTask> tasks, boolean json, PrintStream out) throws Exception {
        CompletableFuture<Integer> exitCode = new CompletableFuture<>();
        AtomicReference<Application> application = new AtomicReference<>();
        // In place before the start, which may wait for a CRM or a database.
        GracefulShutdown hook = GracefulShutdown.add(
                () -> stop(
                        application.get(),
                        exitCode,
                        () -> tasks.forEach(
                                task -> print(task.notBegun("stopped before it began"), List.of(), json, null, out))),
                ExitCode.HALTED);
        try (Application started = started(settings, tasks, json, out)) {
            application.set(started);
            TaskRunner runner = new TaskRunner(
                    started,
                    settings.maxWait(),
                    (summary, deliveries) -> print(
                            summary,
                            deliveries,
                            json,
                            json ? Forecast.endOf(summary, started.quota(), Instant.now()) : null,
                            out));
            int code = runner.run(tasks);
            out.flush();
            // Last of all: whoever is killed before this finds the same runs again, and not new ones.
            runner.close();
            exitCode.complete(code);
            return code;
        } finally {
            exitCode.complete(ExitCode.HALTED);
            hook.remove();
        }
    }

    private static void print(
            RunSummary summary, List<DeliverySummary> deliveries, boolean json, Instant forecast, PrintStream out) {
        out.println(
                json
                        ? SummaryText.json(summary, deliveries, forecast)
                        : SummaryText.humanReadable(summary, deliveries));
    }

    private static Application started(Settings settings, List<? extends RunTask> tasks, boolean json, PrintStream out)
            throws Exception {
        try {
            return Application.start(settings);
        } catch (ProcessingHaltedException e) {
            if (json) {
                tasks.forEach(task -> print(task.notBegun(e.getMessage()), List.of(), true, null, out));
            }
            throw e;
        }
    }

    /**
     * The work is still under way: it ends by itself once it is drained.
     *
     * @param application null while it is still starting: nothing is under way then
     * @param notBegun    says so in place of a summary
     */
    static int stop(Application application, CompletableFuture<Integer> exitCode, Runnable notBegun) {
        if (application == null) {
            notBegun.run();
            System.out.flush();
            return ExitCode.HALTED;
        }
        application.drain();
        return exitCode.join();
    }

    /** @param printer takes the summary of each task once it has ended, and what went to the CRM and to routes */
    private TaskRunner(
            Application application, Duration maxWait, BiConsumer<RunSummary, List<DeliverySummary>> printer) {
        this.application = application;
        this.maxWait = maxWait;
        this.printer = printer;
    }

    private int run(List<? extends RunTask> tasks) {
        List<? extends RunTask> open = tasks;
        while (!open.isEmpty()) {
            List<RunTask> waiting = new ArrayList<>();
            Duration pause = maxWait;
            for (RunTask task : open) {
                RunSummary summary = halted ? latest.getOrDefault(task, task.notBegun("not begun")) : pass(task);
                if (!halted && canWait(task, summary)) {
                    latest.put(task, summary);
                    waiting.add(task);
                    pause = shorter(pause, summary.outage().untilNextTry());
                } else {
                    end(task, summary.outage() == null ? summary : waitAnnounced(summary));
                }
            }
            if (!waiting.isEmpty()) {
                await(pause);
            }
            open = waiting;
        }
        return worst;
    }

    /** Ends the runs of the tasks that are done: from now on the same ones are new. */
    private void close() {
        finished.forEach((task, summary) -> task.close(application, summary));
    }

    private RunSummary pass(RunTask task) {
        Begin begin = new Begin(System.nanoTime(), 0, application.sent());
        RunSummary pass;
        try (ProgressDisplay progressDisplay = ProgressDisplay.of(application, task.label())) {
            pass = task.pass(application);
        }
        Begin first = begins.computeIfAbsent(task, begun -> new Begin(begin.nanoTime, pass.resumed(), begin.sent));
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
    private boolean canWait(RunTask task, RunSummary summary) {
        Outage outage = summary.outage();
        if (outage == null || outage.kind() != Kind.PASSING) {
            return false;
        }
        long now = System.nanoTime();
        long done = summary.run() == null ? 0 : summary.run().done();
        Wait wait = waits.get(task);
        if (wait == null || wait.done != done) {
            wait = new Wait(done, now - outage.length().toNanos());
            waits.put(task, wait);
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

    private void end(RunTask task, RunSummary summary) {
        boolean ended = summary.end() == End.FINISHED || summary.end() == End.UNREADABLE && summary.run() != null;
        if (ended) {
            task.report(application, summary);
        }
        List<DeliverySummary> deliveries =
                begins.containsKey(task) ? application.flush(begins.get(task).sent, maxWait) : List.of();
        if (ended && deliveries.stream().allMatch(each -> each.waitsFor() == null)) {
            // Else the same command must find this run, so that it sends what waits and asks JTL for nothing.
            finished.put(task, summary);
        }
        printer.accept(summary, deliveries);
        worst = Math.max(worst, Math.max(ExitCode.of(summary), exitCode(deliveries)));
        halted |= summary.end() == End.HALTED
                && (task.haltsOthers() || application.coordinator().isStopping());
    }

    /** That of the sink which ended worst. */
    static int exitCode(List<DeliverySummary> deliveries) {
        return deliveries.stream().mapToInt(DeliverySummary::exitCode).max().orElse(ExitCode.ALL_STORED);
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
