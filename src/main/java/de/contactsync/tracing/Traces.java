package de.contactsync.tracing;

import de.contactsync.model.Chunk;
import de.contactsync.model.ContactKey;
import de.contactsync.model.RunChunk;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

/**
 * What the rest of the program says to OpenTelemetry: a span for each run, each HTTP call and each delivery. A call or a
 * delivery continues the trace of the message that it is for, or of the run. Spans hold names of hosts and sinks, numbers
 * and kinds of failures; neither ids nor contacts. Thread-safe.
 *
 * <p>One for the whole process, as OpenTelemetry has it. Off until {@link #start}, and then no method does anything.
 */
public final class Traces {

    /** Keys whose messages are remembered until their contacts have been delivered. */
    private static final int MOST_REMEMBERED = 20_000;
    /** As many as OpenTelemetry keeps by default. */
    private static final int MOST_LINKS = 128;

    private static volatile Traces current;

    private final Tracer tracer;
    private final Map<ContactKey, SpanContext> byContact =
            Collections.synchronizedMap(new LinkedHashMap<>(16, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<ContactKey, SpanContext> eldest) {
                    return size() > MOST_REMEMBERED;
                }
            });
    private final Map<Long, Span> runs = new ConcurrentHashMap<>();

    private Traces(Tracer tracer) {
        this.tracer = tracer;
    }

    /** From here on spans go to {@code telemetry}. */
    static void start(OpenTelemetry telemetry) {
        current = new Traces(telemetry.getTracer("jtl-contact-sync"));
    }

    static void stop() {
        current = null;
    }

    /** @param traceparent of the message that the key came with, in the form of W3C Trace Context; or null */
    public static void remember(ContactKey key, String traceparent) {
        Traces traces = current;
        if (traces == null || traceparent == null) {
            return;
        }
        String[] parts = traceparent.split("-");
        SpanContext parent = SpanContext.createFromRemoteParent(
                parts[1], parts[2], TraceFlags.fromHex(parts[3], 0), TraceState.getDefault());
        if (parent.isValid()) {
            traces.byContact.put(key, parent);
        }
    }

    /**
     * The trace that a call for {@code key} belongs to: its message's, else the one of this thread.
     *
     * @param key null for a call that is for several
     */
    public static Trace of(ContactKey key) {
        Traces traces = current;
        if (traces == null) {
            return Trace.NONE;
        }
        SpanContext parent = key == null ? null : traces.byContact.get(key);
        return new Trace(parent == null ? Context.current() : Context.root().with(Span.wrap(parent)));
    }

    /** The trace of the run that a chunk is of, else the one of this thread. */
    public static Trace of(Chunk chunk) {
        Traces traces = current;
        if (traces == null) {
            return Trace.NONE;
        }
        Span run = chunk instanceof RunChunk part ? traces.runs.get(part.runId()) : null;
        return new Trace(run == null ? Context.current() : Context.root().with(run));
    }

    /** A run begins, or goes on. */
    public static void beginRun(long id) {
        Traces traces = current;
        if (traces != null) {
            traces.runs.put(
                    id,
                    traces.tracer
                            .spanBuilder("run")
                            .setNoParent()
                            .setAttribute("contacts.run.id", id)
                            .startSpan());
        }
    }

    /**
     * A run has ended, or halts.
     *
     * @param end     how, in one word
     * @param records that it has done, -1 where that is not known
     */
    public static void endRun(long id, String end, long records) {
        Traces traces = current;
        Span run = traces == null ? null : traces.runs.remove(id);
        if (run != null) {
            run.setAttribute("contacts.run.end", end);
            run.setAttribute("contacts.run.records", records);
            run.end();
        }
    }

    /**
     * An HTTP call begins on this thread.
     *
     * @param header takes the name and value of the header that carries the trace to the server
     */
    public static Step call(String method, String host, int port, BiConsumer<String, String> header) {
        Traces traces = current;
        if (traces == null) {
            return Step.NONE;
        }
        Step step = new Step(traces.tracer
                .spanBuilder(method + " " + host)
                .setSpanKind(SpanKind.CLIENT)
                .setAttribute("http.request.method", method)
                .setAttribute("server.address", host)
                .setAttribute("server.port", port)
                .startSpan());
        W3CTraceContextPropagator.getInstance()
                .inject(Context.current(), header, (carrier, name, value) -> carrier.accept(name, value));
        return step;
    }

    /** Contacts are sent to a sink on this thread: in the trace of their message if all are of one, else linked to each. */
    public static Step delivery(String sink, Collection<ContactKey> keys) {
        Traces traces = current;
        if (traces == null) {
            return Step.NONE;
        }
        Set<SpanContext> parents = keys.stream()
                .map(key -> traces.byContact.get(key))
                .filter(parent -> parent != null)
                .collect(Collectors.toSet());
        SpanBuilder builder = traces.tracer
                .spanBuilder("deliver to " + sink)
                .setSpanKind(SpanKind.PRODUCER)
                .setAttribute("contacts.sink", sink)
                .setAttribute("contacts.delivery.size", keys.size());
        if (parents.size() == 1) {
            builder.setParent(Context.root().with(Span.wrap(parents.iterator().next())));
        } else {
            parents.stream().limit(MOST_LINKS).forEach(builder::addLink);
        }
        return new Step(builder.startSpan());
    }

    /** Ends the span without a word of the message, which may repeat what somebody else wrote. */
    static void fail(Span span, String kind) {
        span.setStatus(StatusCode.ERROR);
        span.setAttribute("error.type", kind);
    }
}
