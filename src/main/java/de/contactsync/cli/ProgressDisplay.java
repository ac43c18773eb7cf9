package de.contactsync.cli;

import de.contactsync.app.Application;
import de.contactsync.imports.ChunkIterator;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.persistence.Run;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Shows on stderr how far an import is, as the database has it: a bar on a terminal, a line now and then otherwise. */
final class ProgressDisplay implements AutoCloseable {

    private static final Duration BAR_REFRESH = Duration.ofMillis(300);
    private static final Duration LINE_REFRESH = Duration.ofSeconds(10);

    private final Application application;
    private final String name;
    private final Clock clock = Clock.systemDefaultZone();
    private final PrintStream err = System.err;
    private final boolean terminal;
    private ProgressBar bar;
    private ChunkIterator latest;
    private final ScheduledExecutorService ticker = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "progress");
        thread.setDaemon(true);
        return thread;
    });

    private ProgressDisplay(Application application, String name, boolean terminal) {
        this.application = application;
        this.name = name;
        this.terminal = terminal;
        Duration refresh = terminal ? BAR_REFRESH : LINE_REFRESH;
        ticker.scheduleWithFixedDelay(this::show, refresh.toMillis(), refresh.toMillis(), TimeUnit.MILLISECONDS);
    }

    static ProgressDisplay of(Application application, String name) {
        return new ProgressDisplay(application, name, isTerminal());
    }

    @Override
    public void close() {
        ticker.shutdownNow();
        closeBar();
    }

    private synchronized void closeBar() {
        if (bar != null) {
            showLatest();
            bar.close();
        }
    }

    private synchronized void show() {
        application.coordinator().active().ifPresent(pass -> {
            latest = pass;
            showLatest();
        });
    }

    private void showLatest() {
        try {
            show(latest);
        } catch (ProcessingHaltedException e) {
            // The import itself meets the same failure and reports it.
            err.flush();
        }
    }

    private void show(ChunkIterator pass) {
        if (!terminal) {
            err.println(ProgressLine.of(name, pass, application, clock));
            return;
        }
        Run run = application.runs().find(pass.id());
        if (bar == null) {
            bar = bar(name);
        }
        bar.maxHint(pass.expectedRecords() < 0 ? -1 : Math.max(pass.expectedRecords(), run.done()));
        bar.stepTo(run.done());
        bar.setExtraMessage(String.format(Locale.ROOT, "  %,d dead letters", run.deadLetters())
                + ProgressLine.forecast(pass, run, application, clock)
                        .map(forecast -> ", " + forecast.text(clock))
                        .orElse(""));
    }

    private static ProgressBar bar(String name) {
        return new ProgressBarBuilder()
                .setTaskName(name)
                .setInitialMax(-1)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis((int) BAR_REFRESH.toMillis())
                .setConsumer(new ConsoleProgressBarConsumer(System.err))
                .showSpeed()
                .build();
    }

    /** Java 17 reports only on stdin and stdout together; the shell's own test reports stderr. */
    private static boolean isTerminal() {
        String term = System.getenv("TERM");
        if (term == null || term.equals("dumb")) {
            return false;
        }
        try {
            return new ProcessBuilder("test", "-t", "2").inheritIO().start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
