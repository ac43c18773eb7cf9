package de.contactsync.messaging.http;

import de.contactsync.messaging.MessageValidator;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.function.Consumer;

/** The body of a request, within limits of size and time; a request beyond them is answered here. */
final class LimitedBody {

    private static final int LARGEST = MessageValidator.LARGEST;
    private static final Duration LONGEST = Duration.ofSeconds(30);

    private final Vertx vertx;
    private final HttpServerRequest request;
    private final Buffer body = Buffer.buffer();
    private final long timer;
    private boolean ended;

    private LimitedBody(Vertx vertx, HttpServerRequest request) {
        this.vertx = vertx;
        this.request = request;
        this.timer = vertx.setTimer(
                LONGEST.toMillis(), late -> refuse(408, "The body has not come within " + LONGEST.toSeconds() + " s"));
    }

    /** To be called on the thread that listens, as {@code reader} is. */
    static void read(Vertx vertx, HttpServerRequest request, Consumer<byte[]> reader) {
        LimitedBody limited = new LimitedBody(vertx, request);
        request.handler(limited::add);
        request.exceptionHandler(broken -> limited.end());
        request.endHandler(last -> {
            if (limited.end()) {
                reader.accept(limited.body.getBytes());
            }
        });
        HttpAnswer.goOn(request);
    }

    private void add(Buffer part) {
        if (ended) {
            return;
        }
        if (body.length() + part.length() > LARGEST) {
            refuse(413, "More than " + LARGEST + " bytes: send several requests, or put the keys into a file");
        } else {
            body.appendBuffer(part);
        }
    }

    private void refuse(int status, String detail) {
        if (end()) {
            request.response().putHeader("Connection", "close");
            HttpAnswer.problem(request, status, detail);
        }
    }

    /** False when it has ended already. */
    private boolean end() {
        boolean first = !ended;
        ended = true;
        vertx.cancelTimer(timer);
        return first;
    }
}
