package de.contactsync.simulator;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.HashMap;
import java.util.Map;

/** An ordinary HTTP answer. */
record Reply(int status, Map<String, String> headers, Buffer body) implements Answer {

    private static final CharSequence JSON = HttpHeaders.createOptimized("application/json; charset=utf-8");
    private static final CharSequence HTML = HttpHeaders.createOptimized("text/html; charset=utf-8");

    static Reply empty(int status) {
        return new Reply(status, Map.of(), Buffer.buffer());
    }

    static Reply json(int status, Buffer body) {
        return new Reply(status, Map.of(), body);
    }

    /** A page as a proxy sends it. */
    static Reply html(int status) {
        String page = "<!DOCTYPE html><html><head><title>" + status + "</title></head><body><h1>" + status
                + "</h1><hr>gateway</body></html>\n";
        return new Reply(status, Map.of("Content-Type", HTML.toString()), Buffer.buffer(page));
    }

    Reply with(String header, String value) {
        return with(Map.of(header, value));
    }

    Reply with(Map<String, String> added) {
        Map<String, String> more = new HashMap<>(headers);
        more.putAll(added);
        return new Reply(status, more, body);
    }

    @Override
    public void send(HttpServerRequest request) {
        HttpServerResponse response = request.response().setStatusCode(status);
        if (body.length() > 0) {
            response.putHeader(HttpHeaders.CONTENT_TYPE, JSON);
        }
        headers.forEach(response::putHeader);
        response.end(body);
    }
}
