package de.contactsync.tracing;

import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;

/** A trace that steps may belong to, on whatever thread. Immutable. */
public final class Trace {

    static final Trace NONE = new Trace(null);

    private final Context context;

    Trace(Context context) {
        this.context = context;
    }

    /** Steps that this thread begins belong to it, until what is returned is closed. */
    public Entered enter() {
        return context == null ? Entered.NOWHERE : new Entered(context.makeCurrent());
    }

    /** To be closed by the thread that entered. */
    public static final class Entered implements AutoCloseable {

        private static final Entered NOWHERE = new Entered(Scope.noop());

        private final Scope scope;

        private Entered(Scope scope) {
            this.scope = scope;
        }

        @Override
        public void close() {
            scope.close();
        }
    }
}
