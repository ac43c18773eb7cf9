package de.contactsync.persistence;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.UUID;

/**
 * A process that holds a run or deliveries: {@code host/pid/identity}. Host and process id are for people; the identity
 * alone is compared. On Linux it is {@code boot:pid namespace:user:start:random}: the kernel's boot id (hosts cloned
 * from one image differ by it, as they do by nothing else), the namespace of the process id, the user (under hidepid
 * one sees only processes of one's own), and the start in clock ticks since the boot, which no change of the clock
 * moves. Elsewhere it is a random id.
 *
 * @see <a href="https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html">proc_pid_stat(5)</a>
 */
public record ProcessId(String host, long pid, String identity) {

    private static final Path PROC = Path.of("/proc");

    /** What a process must share with this one so that its absence here proves its end; empty where nothing does. */
    private static final String SPACE = space();

    private static final ProcessId SELF = self(ProcessHandle.current().pid());

    public static ProcessId self() {
        return SELF;
    }

    private static ProcessId self(long pid) {
        String random = UUID.randomUUID().toString();
        String start = SPACE.isEmpty() ? null : startTicks(pid);
        return new ProcessId(hostName(), pid, start == null ? random : SPACE + start + ":" + random);
    }

    public static ProcessId parse(String text) {
        String[] parts = text.split("/", 3);
        return new ProcessId(parts[0], Long.parseLong(parts[1]), parts[2]);
    }

    /**
     * True only when it is certain: the process ran under this kernel, where it would be seen, and has ended. Of any
     * other process, or of one that hangs, only its silence shows.
     */
    public boolean isGone() {
        if (SPACE.isEmpty() || !identity.startsWith(SPACE)) {
            return false;
        }
        String start = startTicks(pid);
        return start != null && !identity.startsWith(SPACE + start + ":");
    }

    /** For people. */
    public String shown() {
        return "process " + pid + " on " + host;
    }

    @Override
    public String toString() {
        return host + "/" + pid + "/" + identity;
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName().replace('/', '-');
        } catch (UnknownHostException e) {
            return "unknown";
        }
    }

    private static String space() {
        try {
            if (!Files.readSymbolicLink(PROC.resolve("self"))
                    .toString()
                    .equals("" + ProcessHandle.current().pid())) {
                // That of another namespace is mounted: its ids are not ours.
                return "";
            }
            String boot =
                    Files.readString(PROC.resolve("sys/kernel/random/boot_id")).strip();
            String namespace = Files.readSymbolicLink(PROC.resolve("self/ns/pid"))
                    .toString()
                    .replaceAll("\\D", "");
            return boot + ":" + namespace + ":" + Files.getAttribute(PROC.resolve("self"), "unix:uid") + ":";
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
            return "";
        }
    }

    /**
     * The 22nd field; empty when there is no such process or only its exit status is left, null when it cannot be read.
     */
    private static String startTicks(long pid) {
        try {
            String stat = Files.readString(PROC.resolve(pid + "/stat"));
            // The second field is the command in brackets, which may itself hold blanks and brackets.
            String[] behindCommand = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return behindCommand[0].matches("[ZXx]") ? "" : behindCommand[19];
        } catch (NoSuchFileException e) {
            return "";
        } catch (IOException | RuntimeException e) {
            return null;
        }
    }
}
