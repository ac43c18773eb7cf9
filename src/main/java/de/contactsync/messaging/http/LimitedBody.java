package de.contactsync.messaging.http;

import de.contactsync.messaging.MessageValidator;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.Consumer;

/** The body of a request, within a limit of size; a larger one is answered here. */
final class LimitedBody {

    private static final int LARGEST = MessageValidator.LARGEST;

    private final HttpServerRequest request;
    private final Buffer body = Buffer.buffer();

    private LimitedBody(HttpServerRequest request) {
        this.request = request;
    }

    /** To be called on the thread that listens, as {@code reader} is. */
    static void read(HttpServerRequest request, Consumer<byte[]> reader) {
        LimitedBody limited = new LimitedBody(request);
        if (isLarger(request.getHeader("Content-Length"))) {
            limited.refuse();
            return;
        }
        request.handler(limited::add);
        request.endHandler(last -> {
            if (!request.response().ended()) {
                reader.accept(limited.body.getBytes());
            }
        });
        HttpAnswer.goOn(request);
    }

    /** Whether a request says that its body is; so large a number is not needed for one that fits. */
    static boolean isLarger(String contentLength) {
        return contentLength != null
                && (!contentLength.matches("\\d{1,9}") || Integer.parseInt(contentLength) > LARGEST);
    }

    private void add(Buffer part) {
        if (request.response().ended()) {
            return;
        }
        if (body.length() + part.length() > LARGEST) {
            refuse();
        } else {
            body.appendBuffer(part);
        }
    }

    private void refuse() {
        request.response().putHeader("Connection", "close");
        HttpAnswer.problem(
                request, 413, "More than " + LARGEST + " bytes: send several requests, or put the keys into a file");
    }
}
