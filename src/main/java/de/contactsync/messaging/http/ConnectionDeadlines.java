package de.contactsync.messaging.http;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Ends connections on which a request does not come whole: the idle timeout of the server does not see those that send
 * a byte now and then. All of it happens on the thread that listens.
 */
final class ConnectionDeadlines {

    static final Duration FIRST_REQUEST = Duration.ofSeconds(20);
    static final Duration NEXT_REQUEST = Duration.ofSeconds(75);
    static final Duration BODY = Duration.ofSeconds(30);

    private static final Duration LOOK = Duration.ofSeconds(1);

    private static final class State {
        /** Null while none has begun since the last one was answered. */
        private HttpServerRequest request;

        private long since;
        private Duration headWithin = FIRST_REQUEST;
    }

    private final LongSupplier nanoTime;
    private final Map<HttpConnection, State> connections = new HashMap<>();

    ConnectionDeadlines(Vertx vertx, LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        vertx.setPeriodic(LOOK.toMillis(), due -> look());
    }

    void opened(HttpConnection connection) {
        State state = new State();
        state.since = nanoTime.getAsLong();
        connections.put(connection, state);
        connection.closeHandler(closed -> connections.remove(connection));
    }

    /** The head of a request is there. */
    void begun(HttpServerRequest request) {
        State state = connections.get(request.connection());
        if (state != null) {
            state.request = request;
            state.since = nanoTime.getAsLong();
        }
    }

    private void look() {
        // A copy: what is closed goes from the map at once.
        List.copyOf(connections.entrySet()).forEach(each -> look(each.getKey(), each.getValue()));
    }

    private void look(HttpConnection connection, State state) {
        if (state.request == null) {
            if (isOver(state, state.headWithin)) {
                connection.close();
            }
        } else if (!state.request.isEnded()) {
            if (isOver(state, BODY)) {
                HttpAnswer.problem(state.request, 408, "The body has not come within " + BODY.toSeconds() + " s")
                        .onComplete(sent -> connection.close());
            }
        } else if (state.request.response().ended()) {
            state.request = null;
            state.since = nanoTime.getAsLong();
            state.headWithin = NEXT_REQUEST;
        }
    }

    private boolean isOver(State state, Duration limit) {
        return nanoTime.getAsLong() - state.since > limit.toNanos();
    }
}
