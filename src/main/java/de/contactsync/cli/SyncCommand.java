package de.contactsync.cli;

import de.contactsync.app.Application;
import de.contactsync.app.DeliverySummary;
import de.contactsync.app.ExitCode;
import de.contactsync.app.GracefulShutdown;
import de.contactsync.config.ConfigurationException;
import de.contactsync.config.Settings;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "sync",
        description = "Sends pending deliveries to the CRM and to routes, and exits. Looks contacts up at JTL only to"
                + " confirm removals.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class)
final class SyncCommand implements Callable<Integer> {

    @Option(
            names = "--full",
            description = "Send all contacts that JTL has, also unchanged ones: after a change of the mapping, or for a"
                    + " new CRM.")
    private boolean full;

    @Override
    public Integer call() throws Exception {
        Settings settings = Settings.load();
        if (settings.crm().isEmpty() && settings.routeSinks().isEmpty()) {
            throw new ConfigurationException(
                    List.of("sync requires a CRM or a route to send to: add crm or route:NAME to contacts.sinks"));
        }
        return run(settings, full);
    }

    /** @return the exit code */
    static int run(Settings settings, boolean full) throws Exception {
        CompletableFuture<Integer> exitCode = new CompletableFuture<>();
        AtomicReference<Application> application = new AtomicReference<>();
        // In place before the start, which may wait for a CRM or a database.
        GracefulShutdown hook = GracefulShutdown.add(
                () -> TaskRunner.stop(
                        application.get(),
                        exitCode,
                        () -> System.out.println("Stopped before anything was sent: re-run the same command.")),
                ExitCode.HALTED);
        try (Application started = Application.start(settings)) {
            application.set(started);
            var before = started.sent();
            if (full) {
                started.markAll();
            }
            List<DeliverySummary> deliveries = started.flush(before, settings.maxWait());
            System.out.println(SummaryText.humanReadable(deliveries));
            int code = TaskRunner.exitCode(deliveries);
            exitCode.complete(code);
            return code;
        } finally {
            exitCode.complete(ExitCode.HALTED);
            hook.remove();
        }
    }
}
