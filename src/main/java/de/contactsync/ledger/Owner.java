package de.contactsync.ledger;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;
import java.util.Optional;

/** A process that works on a run: {@code host/pid/start}, the start in milliseconds since 1970. */
record Owner(String host, long pid, long started) {

    static Owner self() {
        ProcessHandle self = ProcessHandle.current();
        return new Owner(hostName(), self.pid(), startOf(self).orElse(0L));
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
        if (!host.equals(hostName())) {
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

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName().replace('/', '-');
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }
}
