package de.contactsync.ledger;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/** A process that works on a run: {@code host/pid/start}, the start in milliseconds since 1970. */
record Owner(String host, long pid, long started) {

    private static final String HOST = hostName();

    static Owner self() {
        ProcessHandle self = ProcessHandle.current();
        return new Owner(HOST, self.pid(), startOf(self).orElse(0L));
    }

    static Owner parse(String text) {
        String[] parts = text.split("/", 3);
        return new Owner(parts[0], Long.parseLong(parts[1]), Long.parseLong(parts[2]));
    }

    /**
     * True only when it is certain: the process was on this machine and is gone. Of a process elsewhere, or of one
     * that hangs, nothing but its silence tells.
     */
    boolean isGone() {
        if (!host.equals(HOST)) {
            return false;
        }
        Optional<ProcessHandle> process = ProcessHandle.of(pid).filter(ProcessHandle::isAlive);
        return process.isEmpty() || startOf(process.get()).map(start -> start != started).orElse(false);
    }

    @Override
    public String toString() {
        return host + "/" + pid + "/" + started;
    }

    private static Optional<Long> startOf(ProcessHandle process) {
        return process.info().startInstant().map(Instant::toEpochMilli);
    }

    /**
     * The host's name, and on Linux the space its process ids belong to: containers may share a name, and then a living
     * process of one would look gone to the other. Where the name is not known, one that nobody else has.
     */
    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName().replace('/', '-') + processIdSpace();
        } catch (UnknownHostException e) {
            return "unknown-" + UUID.randomUUID();
        }
    }

    private static String processIdSpace() {
        try {
            return "-" + Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString().replaceAll("\\D", "");
        } catch (IOException | UnsupportedOperationException e) {
            return "";
        }
    }
}
