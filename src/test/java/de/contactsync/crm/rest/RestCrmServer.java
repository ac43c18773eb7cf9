package de.contactsync.crm.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A CRM on one port of this machine, with the manners of an {@link Api}. Whoever comes without the credential gets 401.
 */
public final class RestCrmServer implements AutoCloseable {

    public static final String TOKEN = "rest-s3cr3t-t0ken";

    private static final String TOKEN_PATH = "/oauth/token";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long PATIENCE_NANOS = 5_000_000_000L;

    /** @param path as it came over the line, as is the query; null without one */
    public record Call(String method, String path, String query, Map<String, String> headers, JsonNode body) {}

    /** @param body null for none */
    public record Reply(int status, Map<String, String> headers, JsonNode body) {

        private static final int NONE = 0;

        /** The connection is closed instead. */
        public static Reply none() {
            return of(NONE, null);
        }

        public static Reply of(int status, String json) {
            try {
                return new Reply(status, Map.of(), json == null ? null : JSON.readTree(json));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** Whatever is said, as it is. */
        public static Reply raw(int status, String contentType, String text) {
            return new Reply(status, Map.of("Content-Type", contentType), JsonNodeFactory.instance.textNode(text));
        }

        public Reply with(String header, String value) {
            return new Reply(status, Map.of(header, value), body);
        }

        private byte[] bytes() throws IOException {
            String text = body == null ? "" : body.isTextual() ? body.textValue() : JSON.writeValueAsString(body);
            return text.getBytes(StandardCharsets.UTF_8);
        }
    }

    /** What it knows and what it says; used by one thread at a time. */
    public abstract static class Api {

        final Map<String, JsonNode> records = new LinkedHashMap<>();
        private int last = 100;

        /** The header that must be there; null when the credential is elsewhere. */
        abstract Map.Entry<String, String> credential();

        abstract Reply answer(Call call);

        public final String put(String id, JsonNode record) {
            String known = id == null ? Integer.toString(++last) : id;
            records.put(known, record);
            return known;
        }

        public final void remove(String id) {
            records.remove(id);
        }
    }

    private final Api api;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Deque<Reply> planned = new ArrayDeque<>();
    private final Map<String, Reply> fixed = new LinkedHashMap<>();
    private final List<Call> calls = new ArrayList<>();
    private String cut;
    private int gathered;
    private int tokensAsked;
    private int loginsAsked;
    private int underWay;
    private int mostUnderWay;

    public RestCrmServer(Api api) throws IOException {
        this.api = api;
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.createContext("/", this::handle);
        server.createContext(TOKEN_PATH, this::token);
        server.createContext("/login", this::login);
        server.setExecutor(threads);
        server.start();
    }

    public String baseUrl() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** The next call gets this, and changes nothing. */
    public synchronized void plan(Reply reply) {
        planned.add(reply);
    }

    /** Every call in whose line or body this stands gets this, and changes nothing. */
    public synchronized void always(String part, Reply reply) {
        fixed.put(part, reply);
    }

    /** No longer {@link #always}. */
    public synchronized void forget(String part) {
        fixed.remove(part);
    }

    /** The next call of this method is done, and its connection closed in place of an answer. */
    public synchronized void cutAfter(String method) {
        cut = method;
    }

    public synchronized List<Call> calls() {
        return List.copyOf(calls);
    }

    public synchronized List<String> lines() {
        return calls.stream().map(call -> call.method() + " " + call.path()).toList();
    }

    public synchronized Map<String, JsonNode> records() {
        return new LinkedHashMap<>(api.records);
    }

    /** As people delete a record. */
    public synchronized void remove(String id) {
        api.remove(id);
    }

    public synchronized int mostUnderWay() {
        return mostUnderWay;
    }

    /** Hands out the token, to a client {@code crm-client} with the secret {@code crm-s3cr3t}. */
    public String tokenEndpoint() {
        return baseUrl() + TOKEN_PATH;
    }

    public synchronized int tokensAsked() {
        return tokensAsked;
    }

    /** How often {@code /login} gave out the session, which is the token. */
    public synchronized int loginsAsked() {
        return loginsAsked;
    }

    private void login(HttpExchange exchange) throws IOException {
        JsonNode said = JSON.readTree(exchange.getRequestBody().readAllBytes());
        boolean known = said.path("login").asText().equals("anna")
                && said.path("password").asText().equals("s3cr3t");
        byte[] body = (known ? "{\"session\": \"" + TOKEN + "\"}" : "{\"error\": \"denied\"}")
                .getBytes(StandardCharsets.UTF_8);
        synchronized (this) {
            loginsAsked++;
        }
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private void token(HttpExchange exchange) throws IOException {
        exchange.getRequestBody().readAllBytes();
        boolean known = "Basic Y3JtLWNsaWVudDpjcm0tczNjcjN0"
                .equals(exchange.getRequestHeaders().getFirst("Authorization"));
        byte[] body = (known
                        ? "{\"access_token\": \"" + TOKEN + "\", \"token_type\": \"Bearer\", \"expires_in\": 3600}"
                        : "{\"error\": \"invalid_client\"}")
                .getBytes(StandardCharsets.UTF_8);
        synchronized (this) {
            tokensAsked++;
        }
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(known ? 200 : 401, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private void handle(HttpExchange exchange) throws IOException {
        byte[] sent = exchange.getRequestBody().readAllBytes();
        Map<String, String> headers = new TreeMap<>();
        exchange.getRequestHeaders()
                .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), String.join(", ", values)));
        Call call = new Call(
                exchange.getRequestMethod(),
                exchange.getRequestURI().getRawPath(),
                exchange.getRequestURI().getRawQuery(),
                headers,
                sent.length == 0 ? null : body(headers.get("content-type"), sent));
        begin();
        Reply reply = reply(call);
        synchronized (this) {
            underWay--;
            if (call.method().equals(cut)) {
                cut = null;
                exchange.close();
                return;
            }
        }
        if (reply.status() == Reply.NONE) {
            exchange.close();
            return;
        }
        byte[] body = reply.bytes();
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        reply.headers().forEach(exchange.getResponseHeaders()::set);
        exchange.sendResponseHeaders(reply.status(), body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    /** The fields of a form as those of an object; those that hold JSON as that. */
    private static JsonNode body(String type, byte[] sent) throws IOException {
        if (!String.valueOf(type).startsWith("application/x-www-form-urlencoded")) {
            return JSON.readTree(sent);
        }
        ObjectNode form = JsonNodeFactory.instance.objectNode();
        for (String field : new String(sent, StandardCharsets.UTF_8).split("&")) {
            String[] parts = field.split("=", 2);
            String value = URLDecoder.decode(parts[1], StandardCharsets.UTF_8);
            if (value.startsWith("{")) {
                form.set(parts[0], JSON.readTree(value));
            } else {
                form.put(parts[0], value);
            }
        }
        return form;
    }

    /** No call is answered before so many are under way, or some seconds are over. */
    public synchronized void gather(int calls) {
        gathered = calls;
    }

    private synchronized void begin() {
        mostUnderWay = Math.max(mostUnderWay, ++underWay);
        notifyAll();
        long end = System.nanoTime() + PATIENCE_NANOS;
        try {
            while (mostUnderWay < gathered && System.nanoTime() - end < 0) {
                wait(100);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized Reply reply(Call call) {
        calls.add(call);
        if (!planned.isEmpty()) {
            return planned.poll();
        }
        String text = call.method() + " " + call.path() + "?" + call.query() + " " + call.body();
        for (Map.Entry<String, Reply> entry : fixed.entrySet()) {
            if (text.contains(entry.getKey())) {
                return entry.getValue();
            }
        }
        Map.Entry<String, String> credential = api.credential();
        return credential == null || credential.getValue().equals(call.headers().get(credential.getKey()))
                ? api.answer(call)
                : new Reply(
                        401,
                        Map.of(),
                        JsonNodeFactory.instance
                                .objectNode()
                                .put(
                                        "message",
                                        "invalid credential " + call.headers().get(credential.getKey())));
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
