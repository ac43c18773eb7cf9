package de.contactsync.messaging.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.LinkedHashMap;
import java.util.Map;

/** Answers to requests, each of which gets one. Problems are described as in RFC 9457. */
final class HttpAnswer {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Seconds until room may be made, or the database be back. */
    static final String RETRY_AFTER = "5";

    private HttpAnswer() {}

    /** Whoever asks before he sends the body may send it (RFC 9110, 10.1.1): what stands before it is all right. */
    static void goOn(HttpServerRequest request) {
        if ("100-continue".equalsIgnoreCase(request.getHeader("Expect"))) {
            request.response().writeContinue();
        }
    }

    /** To be sent again a little later. */
    static Future<Void> later(HttpServerRequest request, int status, String detail) {
        if (!request.response().ended()) {
            request.response().putHeader("Retry-After", status == 429 ? "1" : RETRY_AFTER);
        }
        return problem(request, status, detail);
    }

    /** @param detail what is wrong, and what to do */
    static Future<Void> problem(HttpServerRequest request, int status, String detail) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("status", status);
        body.put("detail", detail);
        return send(request, status, "application/problem+json", json(body));
    }

    /** Nothing is sent where the request has been answered, or its connection is closed. */
    static Future<Void> send(HttpServerRequest request, int status, String type, String body) {
        HttpServerResponse response = request.response();
        if (response.ended() || response.closed()) {
            return Future.succeededFuture();
        }
        return response.setStatusCode(status)
                .putHeader("Content-Type", type)
                .putHeader("Cache-Control", "no-store")
                .end(body);
    }

    static String json(Map<String, Object> body) {
        try {
            return JSON.writeValueAsString(body);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a map of texts and numbers", e);
        }
    }
}
