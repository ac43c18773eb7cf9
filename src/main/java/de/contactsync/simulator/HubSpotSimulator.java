package de.contactsync.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A double of HubSpot's contacts API on one port of this machine: batch upsert, batch read, update, and the properties
 * of contacts, under {@code /crm/v3} and under dated paths. It says no to what HubSpot says no to: a key that is not
 * unique, an id that stands in a call twice, an e-mail address that another record has, each for the whole batch; and
 * it answers what it does not understand with 200 and no results. {@code GET /simulator/stats} counts calls and
 * contacts. All methods may be called from any thread while it runs.
 */
public final class HubSpotSimulator implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String STATS_PATH = "/simulator/stats";
    private static final Pattern PATH =
            Pattern.compile("/crm/(?:v3/(objects|properties)|(objects|properties)/\\d{4}-\\d{2})/contacts(/.*)?");

    /** @param upserts calls of the batch upsert, whatever was answered */
    public record Stats(long calls, long upserts, long contacts, long refused) {}

    private final HubSpotOptions options;
    private final Vertx vertx;
    private final HubSpotBook book;
    private final Deque<Reply> planned = new ArrayDeque<>();
    private final Map<String, Integer> versions = new LinkedHashMap<>();
    private final int port;
    private long windowBegan;
    private int callsOfWindow;
    private long calls;
    private long upserts;
    private long refused;

    private HubSpotSimulator(HubSpotOptions options) {
        this.options = options;
        this.book = new HubSpotBook(options.properties());
        this.windowBegan = System.nanoTime();
        this.vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setUseDaemonThread(true)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
        this.port = listen();
    }

    /**
     * Starts and waits until calls are taken.
     *
     * @throws UncheckedIOException when the port is taken
     */
    public static HubSpotSimulator start(HubSpotOptions options) {
        return new HubSpotSimulator(options);
    }

    /** What clients are given as {@code contacts.crm.base-url}. */
    public String baseUrl() {
        return "http://127.0.0.1:" + port;
    }

    public String statsUrl() {
        return baseUrl() + STATS_PATH;
    }

    public int port() {
        return port;
    }

    public String token() {
        return options.token();
    }

    /** The next calls get such answers, whatever they ask for; each once, in this order. */
    public synchronized void answer(int status, Map<String, String> headers, Map<String, String> body) {
        Reply reply = Reply.json(status, Json.object(body));
        for (Map.Entry<String, String> header : headers.entrySet()) {
            reply = reply.with(header.getKey(), header.getValue());
        }
        planned.add(reply);
    }

    /** From now on a rule of the account says no to the record with this key. */
    public synchronized void refuse(String key) {
        book.refuse(key);
    }

    /** From now on no rule says so any longer. */
    public synchronized void permit(String key) {
        book.permit(key);
    }

    /** A record that people have made. @return its id */
    public synchronized String create(Map<String, String> properties) {
        return book.create(properties);
    }

    /** The properties of all records, by their ids. */
    public synchronized Map<String, Map<String, String>> records() {
        Map<String, Map<String, String>> copy = new LinkedHashMap<>();
        book.records().forEach((id, record) -> copy.put(id, Map.copyOf(record)));
        return copy;
    }

    public synchronized Map<String, Boolean> properties() {
        return Map.copyOf(book.properties());
    }

    /** How often a record was written, by the value of its key. */
    public synchronized Map<String, Integer> writes() {
        return Map.copyOf(versions);
    }

    public synchronized Stats stats() {
        return new Stats(calls, upserts, book.records().size(), refused);
    }

    @Override
    public void close() {
        try {
            vertx.close().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("the simulator did not end properly", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private int listen() {
        try {
            return vertx.createHttpServer(new HttpServerOptions().setHttp2ClearTextEnabled(false))
                    .requestHandler(request -> request.body().onSuccess(body -> take(request, body)))
                    .listen(options.port(), "127.0.0.1")
                    .toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS).actualPort();
        } catch (ExecutionException e) {
            vertx.close();
            throw new UncheckedIOException(new IOException(
                    "the HubSpot simulator cannot listen on port " + options.port() + ": " + e.getCause().getMessage()));
        } catch (TimeoutException e) {
            throw new IllegalStateException("the HubSpot simulator did not start within 30 s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private void take(HttpServerRequest request, Buffer body) {
        Reply reply = request.path().equals(STATS_PATH) ? statsReply() : paced(request, body);
        if (options.latency().toMillis() == 0) {
            reply.send(request);
        } else {
            vertx.setTimer(options.latency().toMillis(), timer -> {
                if (!request.response().closed()) {
                    reply.send(request);
                }
            });
        }
    }

    private Reply statsReply() {
        Stats stats = stats();
        return Reply.json(200, Buffer.buffer(JSON.createObjectNode()
                .put("calls", stats.calls).put("upserts", stats.upserts)
                .put("contacts", stats.contacts).put("refused", stats.refused).toString()));
    }

    private synchronized Reply paced(HttpServerRequest request, Buffer body) {
        calls++;
        if (options.calls() == 0) {
            return answer(request, body);
        }
        long now = System.nanoTime();
        if (now - windowBegan >= options.interval().toNanos()) {
            windowBegan = now;
            callsOfWindow = 0;
        }
        callsOfWindow++;
        Reply reply = callsOfWindow > options.calls()
                ? Reply.json(429, Json.object(Map.of("status", "error", "errorType", "RATE_LIMIT",
                        "policyName", "TEN_SECONDLY_ROLLING", "message", "You have reached your limit.")))
                : answer(request, body);
        return reply.with("X-HubSpot-RateLimit-Max", Integer.toString(options.calls()))
                .with("X-HubSpot-RateLimit-Remaining",
                        Integer.toString(Math.max(0, options.calls() - callsOfWindow)))
                .with("X-HubSpot-RateLimit-Interval-Milliseconds", Long.toString(options.interval().toMillis()));
    }

    private Reply answer(HttpServerRequest request, Buffer body) {
        if (!planned.isEmpty()) {
            return planned.poll();
        }
        if (!("Bearer " + options.token()).equals(request.getHeader("Authorization"))) {
            return error(401, "INVALID_AUTHENTICATION", null, "Authentication credentials not found or not valid.");
        }
        Matcher path = PATH.matcher(request.path());
        if (!path.matches()) {
            return Reply.html(404);
        }
        String rest = path.group(3) == null ? "" : path.group(3);
        boolean properties = "properties".equals(path.group(1)) || "properties".equals(path.group(2));
        JsonNode json = json(body);
        try {
            return switch (request.method().name() + (properties ? " properties" : " objects") + rest) {
                case "GET properties" -> listProperties();
                case "POST properties" -> createProperty(json);
                case "POST objects/batch/upsert" -> upsert(json);
                case "POST objects/batch/read" -> read(json);
                default -> !rest.matches("/\\d+") ? Reply.html(404)
                        : request.method().name().equals("PATCH") ? update(rest.substring(1), json)
                        : request.method().name().equals("DELETE") ? delete(rest.substring(1))
                        : Reply.html(404);
            };
        } catch (HubSpotBook.RefusedException e) {
            refused++;
            return error(e.status, e.category, e.code, e.getMessage());
        }
    }

    private Reply listProperties() {
        ObjectNode body = JSON.createObjectNode();
        ArrayNode results = body.putArray("results");
        book.properties().forEach((name, unique) -> results.addObject().put("name", name).put("type", "string")
                .put("fieldType", "text").put("hasUniqueValue", unique && !name.equals("email")));
        return Reply.json(200, Buffer.buffer(body.toString()));
    }

    private Reply createProperty(JsonNode json) {
        for (String needed : List.of("name", "label", "groupName", "type", "fieldType")) {
            if (!json.path(needed).isTextual()) {
                return error(400, "VALIDATION_ERROR", "REQUIRED", needed + " is missing");
            }
        }
        return book.createProperty(json.path("name").asText(), json.path("hasUniqueValue").asBoolean(false))
                ? Reply.json(201, Buffer.buffer(json.toString()))
                : error(409, "OBJECT_ALREADY_EXISTS", null, "A property of this name exists");
    }

    private Reply upsert(JsonNode json) throws HubSpotBook.RefusedException {
        upserts++;
        JsonNode inputs = json.path("inputs");
        List<HubSpotBook.Written> written = book.upsert(inputs);
        ObjectNode body = JSON.createObjectNode().put("status", "COMPLETE");
        ArrayNode results = body.putArray("results");
        for (int i = 0; i < written.size(); i++) {
            HubSpotBook.Written one = written.get(i);
            versions.merge(inputs.get(i).path("id").asText(), 1, Integer::sum);
            ObjectNode result = results.addObject().put("id", one.recordId()).put("new", one.created());
            ObjectNode properties = result.putObject("properties").put("hs_object_id", one.recordId());
            one.properties().forEach(properties::put);
        }
        return Reply.json(200, Buffer.buffer(body.toString()));
    }

    private Reply read(JsonNode json) {
        ObjectNode body = JSON.createObjectNode().put("status", "COMPLETE");
        ArrayNode results = body.putArray("results");
        for (JsonNode input : json.path("inputs")) {
            String id = input.path("id").asText();
            Map<String, String> record = book.records().get(id);
            if (record != null) {
                ObjectNode properties = results.addObject().put("id", id).putObject("properties");
                for (JsonNode name : json.path("properties")) {
                    properties.put(name.asText(), record.get(name.asText()));
                }
            }
        }
        return Reply.json(200, Buffer.buffer(body.toString()));
    }

    private Reply update(String id, JsonNode json) throws HubSpotBook.RefusedException {
        return book.update(id, json.path("properties"))
                ? Reply.json(200, Buffer.buffer(JSON.createObjectNode().put("id", id).toString()))
                : error(404, "OBJECT_NOT_FOUND", null, "resource not found");
    }

    private Reply delete(String id) {
        return book.delete(id) ? Reply.empty(204) : error(404, "OBJECT_NOT_FOUND", null, "resource not found");
    }

    private static Reply error(int status, String category, String code, String message) {
        ObjectNode body = JSON.createObjectNode()
                .put("status", "error")
                .put("message", message)
                .put("correlationId", "5c1d2e3f-0000-4000-8000-000000000001")
                .put("category", category);
        if (code != null) {
            body.putArray("errors").addObject().put("message", message).put("code", code);
        }
        return Reply.json(status, Buffer.buffer(body.toString()));
    }

    private static JsonNode json(Buffer body) {
        try {
            JsonNode json = JSON.readTree(body.getBytes());
            return json == null ? MissingNode.getInstance() : json;
        } catch (IOException e) {
            return MissingNode.getInstance();
        }
    }
}
