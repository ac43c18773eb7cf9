package de.contactsync.tracing;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Scope;

/** Something that takes time on one thread, and what else this thread begins meanwhile. */
public final class Step implements AutoCloseable {

    static final Step NONE = new Step(Span.getInvalid(), Scope.noop());

    private static final int FIRST_ERROR = 400;

    private final Span span;
    private final Scope scope;

    Step(Span span) {
        this(span, span.makeCurrent());
    }

    private Step(Span span, Scope scope) {
        this.span = span;
        this.scope = scope;
    }

    /** @param status of HTTP */
    public void answered(int status) {
        span.setAttribute("http.response.status_code", status);
        if (status >= FIRST_ERROR) {
            Traces.fail(span, Integer.toString(status));
        }
    }

    public void failed(Throwable failure) {
        Traces.fail(span, failure.getClass().getSimpleName());
    }

    @Override
    public void close() {
        scope.close();
        span.end();
    }
}
