package de.contactsync.faults.agent;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * The one moment at which the process dies or a method fails: the n-th entry or regular exit of a method.
 *
 * @param action {@link #HALT} (as SIGKILL: no hook runs, exit code {@value #EXIT_CODE}) or the name of an exception
 *               with a constructor for its message
 * @param caller only calls count that this class has a part in; empty for all
 */
public record FailPoint(String type, String method, boolean atEntry, int n, String action, String caller) {

    public static final String HALT = "halt";

    public static final int EXIT_CODE = 66;

    /** Stands on stderr once the moment has come. */
    public static final String MARK = "fail point reached: ";

    private static final AtomicInteger CALLS = new AtomicInteger();

    private static volatile FailPoint point;

    static FailPoint set(String text) {
        String[] parts = text.split(",");
        point = new FailPoint(
                parts[0],
                parts[1],
                parts[2].equals("entry"),
                Integer.parseInt(parts[3]),
                parts[4],
                parts.length > 5 ? parts[5] : "");
        return point;
    }

    public boolean kills() {
        return action.equals(HALT);
    }

    /** The form that the agent understands. */
    public String argument() {
        return "point=" + String.join(",", type, method, atEntry ? "entry" : "exit", Integer.toString(n), action)
                + (caller.isEmpty() ? "" : "," + caller);
    }

    /** Called by the methods that the agent has changed. */
    public static void reached() throws Throwable {
        if (!point.isCalledByRightClass() || CALLS.incrementAndGet() != point.n) {
            return;
        }
        System.err.println(MARK + point);
        if (point.kills()) {
            Runtime.getRuntime().halt(EXIT_CODE);
        }
        throw (Throwable)
                Class.forName(point.action).getConstructor(String.class).newInstance("made to fail");
    }

    private boolean isCalledByRightClass() {
        return caller.isEmpty()
                || StackWalker.getInstance()
                        .walk(frames ->
                                frames.anyMatch(frame -> frame.getClassName().equals(caller)));
    }
}
