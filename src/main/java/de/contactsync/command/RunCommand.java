package de.contactsync.command;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;

@Command(
        name = "run",
        description = "Starts the sources named in contacts.sources and works until SIGTERM.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class)
final class RunCommand implements Callable<Integer> {

    private static final Logger LOG = LoggerFactory.getLogger(RunCommand.class);

    /** SIGTERM to exit stays below 30 s, the grace that supervisors give. */
    private static final Duration PATIENCE = Duration.ofSeconds(18);

    @Override
    public Integer call() throws Exception {
        Settings settings = Settings.load();
        // In place before the first file can be taken in.
        AtomicReference<Application> application = new AtomicReference<>();
        Thread stop = new Thread(() -> stop(application.get()), "stop");
        Runtime.getRuntime().addShutdownHook(stop);
        try {
            application.set(Application.start(settings, true));
        } catch (Exception e) {
            ImportCommand.forget(stop);
            throw e;
        }
        LOG.info("Watching {} for key files, contacts go to {}",
                settings.file().directory().toAbsolutePath(), settings.database().shownUrl());
        new CountDownLatch(1).await();
        return ExitCode.ALL_STORED;
    }

    /** @param application null while it is still starting: then the ledger knows what is to be done again */
    private static void stop(Application application) {
        if (application != null) {
            LOG.info("Stopping: letting end what is in flight");
            application.drain(PATIENCE);
            application.close();
        }
        LOG.info("Stopped");
        // A JVM that SIGTERM ends would answer 143; everything is in its place, so this is 0.
        Runtime.getRuntime().halt(ExitCode.ALL_STORED);
    }
}
