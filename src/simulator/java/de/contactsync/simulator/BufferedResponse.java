package de.contactsync.simulator;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.HashMap;
import java.util.Map;

/** An ordinary HTTP answer. */
record BufferedResponse(int status, Map<String, String> headers, Buffer body) implements Response {

    private static final CharSequence JSON = HttpHeaders.createOptimized("application/json; charset=utf-8");
    private static final CharSequence HTML = HttpHeaders.createOptimized("text/html; charset=utf-8");

    static BufferedResponse empty(int status) {
        return new BufferedResponse(status, Map.of(), Buffer.buffer());
    }

    static BufferedResponse json(int status, Buffer body) {
        return new BufferedResponse(status, Map.of(), body);
    }

    /** A page as a proxy sends it. */
    static BufferedResponse html(int status) {
        String page = "<!DOCTYPE html><html><head><title>" + status + "</title></head><body><h1>" + status
                + "</h1><hr>gateway</body></html>\n";
        return new BufferedResponse(status, Map.of("Content-Type", HTML.toString()), Buffer.buffer(page));
    }

    BufferedResponse with(String header, String value) {
        return with(Map.of(header, value));
    }

    BufferedResponse with(Map<String, String> added) {
        Map<String, String> more = new HashMap<>(headers);
        more.putAll(added);
        return new BufferedResponse(status, more, body);
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
