package de.contactsync.app;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notifies systemd when the process is ready, lives and stops. Java has no datagram sockets of the Unix domain, so
 * systemd's own program sends them; the unit needs {@code NotifyAccess=all} for it. It waits until systemd has read
 * what it sends, which is why a thread of its own does so. Does nothing where systemd does not ask.
 *
 * @see <a href="https://man7.org/linux/man-pages/man3/sd_notify.3.html">sd_notify(3)</a>
 */
public final class SystemdNotifier implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SystemdNotifier.class);

    private static final String PROGRAM = "systemd-notify";
    private static final long LONGEST_SECONDS = 10;

    private final Map<String, String> environment;
    private final BooleanSupplier lives;
    private final ScheduledExecutorService sender = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "systemd-notify");
        thread.setDaemon(true);
        return thread;
    });
    private volatile boolean stopping;
    private boolean failed;

    SystemdNotifier(Map<String, String> environment, BooleanSupplier lives) {
        this.environment = environment;
        this.lives = lives;
    }

    public static SystemdNotifier create() {
        // Threads that wait for each other do so for ever: only a new process goes on.
        return new SystemdNotifier(
                System.getenv(), () -> ManagementFactory.getThreadMXBean().findDeadlockedThreads() == null);
    }

    /** From now on also says that the process lives, twice as often as systemd expects it. */
    public void ready(String status) {
        sender.execute(() -> {
            if (stopping) {
                return;
            }
            send("READY=1", "STATUS=" + status);
            long micros = watchdogMicros();
            if (micros > 0) {
                sender.scheduleAtFixedRate(this::live, micros / 2, micros / 2, TimeUnit.MICROSECONDS);
            }
        });
    }

    public void stopping() {
        stopping = true;
        sender.execute(() -> send("STOPPING=1", "STATUS=Finishing work in flight"));
    }

    @Override
    public void close() {
        sender.shutdownNow();
    }

    private void live() {
        if (!stopping && lives.getAsBoolean()) {
            send("WATCHDOG=1");
        }
    }

    /** 0 where systemd expects no sign of life of this process. */
    private long watchdogMicros() {
        String micros = environment.getOrDefault("WATCHDOG_USEC", "");
        String pid = environment.get("WATCHDOG_PID");
        boolean ours =
                pid == null || pid.equals(Long.toString(ProcessHandle.current().pid()));
        return ours && micros.matches("[0-9]{1,15}") ? Long.parseLong(micros) : 0;
    }

    private void send(String... states) {
        if (failed || environment.getOrDefault("NOTIFY_SOCKET", "").isEmpty()) {
            return;
        }
        List<String> command = new ArrayList<>(List.of(PROGRAM));
        command.addAll(List.of(states));
        try {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD);
            builder.environment().put("NOTIFY_SOCKET", environment.get("NOTIFY_SOCKET"));
            Process process = builder.start();
            if (!process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            failed = true;
            LOG.warn(
                    "systemd was not notified that this process is ready: {} cannot be started ({}). Put it on the"
                            + " PATH, or set Type=exec and remove WatchdogSec in the unit",
                    PROGRAM,
                    e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
