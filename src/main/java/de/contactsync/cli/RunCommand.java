package de.contactsync.cli;

import de.contactsync.app.Application;
import de.contactsync.app.ExitCode;
import de.contactsync.app.GracefulShutdown;
import de.contactsync.app.RuntimeAdapter;
import de.contactsync.app.SystemdNotifier;
import de.contactsync.config.Settings;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "run",
        description = "Starts the sources in contacts.sources and works until SIGTERM; or, with --once, looks up the"
                + " scheduled keys and exits.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class)
final class RunCommand implements Callable<Integer> {

    private static final Logger LOG = LoggerFactory.getLogger(RunCommand.class);

    static final class Once {
        @Option(
                names = "--once",
                required = true,
                description =
                        "Start no source: look up the keys of contacts.timer.keys now, or resume their interrupted run,"
                                + " send pending deliveries to CRM and routes, and exit as import does.")
        private boolean once;

        @Option(names = "--json", description = "Print one JSON object per run as the last lines on stdout.")
        private boolean json;
    }

    @ArgGroup(exclusive = false)
    private Once once;

    @Override
    public Integer call() throws Exception {
        return once == null ? runSources() : runOnce();
    }

    private int runOnce() throws Exception {
        Settings settings = Settings.loadToRunOnce();
        String others = settings.sources().stream()
                .filter(name -> !name.equals("timer"))
                .collect(Collectors.joining(", "));
        if (!others.isEmpty()) {
            LOG.info("--once only looks up the keys of contacts.timer.keys: not started: {}", others);
        }
        warnOfContactFiles(settings);
        return TaskRunner.run(
                settings,
                settings.timer().parts().stream()
                        .map(RunTask.ScheduledLookUp::new)
                        .toList(),
                once.json,
                System.out);
    }

    private int runSources() throws Exception {
        Settings settings = Settings.load();
        // In place before the first file can be taken in.
        AtomicReference<Application> application = new AtomicReference<>();
        SystemdNotifier systemd = SystemdNotifier.create();
        GracefulShutdown hook = GracefulShutdown.add(
                () -> {
                    systemd.stopping();
                    return stop(application.get());
                },
                ExitCode.ALL_STORED);
        try {
            application.set(Application.startSources(settings));
        } catch (Exception e) {
            hook.remove();
            throw e;
        }
        settings.status()
                .ifPresent(status ->
                        LOG.info("Health and metrics on http://{}/observe/health and" + " /observe/metrics", status));
        if (settings.sources().contains("file")) {
            LOG.info("Watching {} for key files", settings.file().directory().toAbsolutePath());
            warnOfCharacterSet(NativeNames.CHARSET);
        }
        if (settings.sources().contains("queue")) {
            LOG.info(
                    "Taking keys from the queue {} of {}",
                    settings.queue().name(),
                    settings.queue().shownUrl());
        }
        if (settings.sources().contains("kafka")) {
            LOG.info(
                    "Taking keys from the topic {} of Kafka at {}",
                    settings.kafka().topic(),
                    settings.kafka().brokers());
        }
        if (settings.http() != null) {
            LOG.info("Taking keys over HTTP: POST http://{}/contact-keys", settings.http());
        }
        if (settings.sources().contains("route")) {
            LOG.info("Taking keys from routes that send to direct:accept-keys");
        }
        if (settings.sources().contains("timer")) {
            LOG.info(
                    "Looking up contacts by schedule ({}, keys: {})",
                    settings.timer().schedule(),
                    settings.timer().keys().name());
        }
        warnOfContactFiles(settings);
        boolean published = settings.sinks().contains("queue");
        LOG.info(
                "Contacts go to {}{}{}{}{}",
                settings.database().shownUrl(),
                settings.crm()
                        .map(crm -> ", to the CRM at " + crm.baseUrl().getAuthority())
                        .orElse(""),
                settings.routeSinks().stream()
                        .map(route -> ", to the route " + route.uri())
                        .collect(Collectors.joining()),
                published && !settings.sources().equals(Set.of("kafka"))
                        ? ", to the queue " + settings.queue().output()
                        : "",
                published && settings.sources().contains("kafka")
                        ? ", to the topic " + settings.kafka().output()
                        : "");
        systemd.ready("Keys from " + String.join(", ", settings.sources()));
        try (ForecastLog forecasts = ForecastLog.start(application.get())) {
            RuntimeAdapter.awaitEnd();
        }
        hook.remove();
        systemd.stopping();
        return stop(application.get());
    }

    private static void warnOfContactFiles(Settings settings) {
        if (settings.contactFile().isPresent() && !settings.sources().contains("file")) {
            LOG.warn("The sink file has no effect: it writes beside key files of the inbox, but contacts.sources does"
                    + " not name file. Remove file from contacts.sinks, or add it to contacts.sources");
        }
    }

    /** @param charset in which this process hears and gives the names of files; null when that is not known */
    static void warnOfCharacterSet(String charset) {
        if (!NativeNames.canHold(charset, "ÄÖÜäöüß")) {
            LOG.warn(
                    "This process supports file names in {} only: files with other names, such as Kündigungen.csv,"
                            + " are read, but the log shows their names incorrectly: {}",
                    charset,
                    NativeNames.REMEDY);
        }
    }

    /** @param application null while it is still starting: then the database knows what is to be done again */
    private static int stop(Application application) {
        if (application != null) {
            LOG.info("Stopping: waiting for work in flight to finish");
            application.drain();
            application.close();
        }
        LOG.info("Stopped");
        return ExitCode.ALL_STORED;
    }
}
