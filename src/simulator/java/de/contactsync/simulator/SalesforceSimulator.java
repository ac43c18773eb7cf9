package de.contactsync.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A double of Salesforce on one port of this machine: the token endpoint for client credentials, and of the API the
 * collections of contacts that are upserted, single contacts, their description, and the query for one by its key. It
 * refuses what Salesforce refuses: an expired token, a key that is not an External ID, more than 200 records, a field that
 * is not there, each for the whole call; and by itself a record without last name, one whose key stands in the call
 * twice, one that a rule holds for a duplicate. It follows the pages of the REST API on
 * <a href="https://developer.salesforce.com/docs/platform/api-rest/guide/resources-composite-sobjects-collections-upsert.html">upserting
 * collections</a>,
 * <a href="https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_sobject_describe.htm">describing
 * an object</a> and
 * <a href="https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/errorcodes.htm">status codes</a>.
 * All methods may be called from any thread while it runs.
 */
public final class SalesforceSimulator implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern PATH =
            Pattern.compile("/services/data/v(\\d{2,3})\\.0/(?:(composite)/)?sobjects/(Contact|Account)/(\\w+)");
    private static final Pattern COLLECTIONS = Pattern.compile("/services/data/v\\d{2,3}\\.0/composite/sobjects/?");
    private static final Pattern QUERIES = Pattern.compile("/services/data/v\\d{2,3}\\.0/(query|queryAll)/?");
    private static final String STATS_PATH = "/simulator/stats";
    private static final int FIRST_WITH_UPSERTS = 46;

    /** @param upserts calls that upsert, whatever was answered */
    public record Stats(long tokens, long calls, long upserts, long contacts) {}

    private final SalesforceOptions options;
    private final SalesforceRecords store;
    private final SalesforceStore book;
    private final SalesforceReads reads;
    private final TokenStore tokens;
    private final Deque<BufferedResponse> planned = new ArrayDeque<>();
    private final Map<String, Integer> versions = new LinkedHashMap<>();
    private final LocalServer server;
    private long tokensGiven;
    private long calls;
    private long upserts;
    private long upsertsToRevocation;

    private SalesforceSimulator(SalesforceOptions options) {
        this.options = options;
        this.store = new SalesforceRecords(options.fields());
        this.book = new SalesforceStore(store);
        this.reads = new SalesforceReads(store, book::accountKey);
        this.tokens = new TokenStore(options.tokenLifetime(), System::nanoTime);
        this.server = LocalServer.start("Salesforce", options.port(), Duration.ZERO, this::take);
    }

    /**
     * Starts and waits until calls are taken.
     *
     * @throws UncheckedIOException when the port is taken
     */
    public static SalesforceSimulator start(SalesforceOptions options) {
        return new SalesforceSimulator(options);
    }

    /** What clients are given as {@code contacts.crm.base-url}. */
    public String baseUrl() {
        return "http://127.0.0.1:" + server.port();
    }

    public String tokenEndpoint() {
        return baseUrl() + "/services/oauth2/token";
    }

    public String statsUrl() {
        return baseUrl() + STATS_PATH;
    }

    public int port() {
        return server.port();
    }

    /** The next calls of the API get such answers, whatever they ask for; each once, in this order. */
    public synchronized void answer(int status, Map<String, String> headers, String body) {
        planned.add(BufferedResponse.json(status, Buffer.buffer(body)).with(headers));
    }

    public void answer(int status, String code, String message) {
        answer(status, Map.of(), SalesforceReads.errors(code, message).toString());
    }

    /** From now on a rule of the organisation says no to the record with this key. */
    public synchronized void refuse(String key) {
        book.refuse(key);
    }

    /** From now on no rule says so any longer. */
    public synchronized void permit(String key) {
        book.permit(key);
    }

    /** From now on calls that write the record with this key end with HTTP 500, whatever else is in them. */
    public void fail(String key) {
        fail(key, 500);
    }

    /** The same with another status. */
    public synchronized void fail(String key, int status) {
        book.fail(key, status);
    }

    /** So often from now on others are at work on the record with this key. */
    public synchronized void lock(String key, int times) {
        book.lock(key, times);
    }

    /** From now on a rule takes a record for a duplicate that has the e-mail address of another. */
    public synchronized void refuseDuplicates() {
        book.refuseDuplicates();
    }

    /** An account that people have made, with this key. */
    public synchronized void createAccount(String key) {
        book.createAccount(key);
    }

    /** From now on no token is good that was given out before. */
    public void revokeTokens() {
        tokens.revokeAll();
    }

    /** With so many upserts done, once, no token is good any longer that was given out before. */
    public synchronized void revokeTokensAfterUpserts(int given) {
        upsertsToRevocation = given;
    }

    /** A record that people have made. @return its id */
    public synchronized String create(Map<String, String> fields) {
        return store.create(fields);
    }

    /** As people change a contact. */
    public synchronized void edit(String id, Map<String, String> fields) {
        store.records().get(id).putAll(fields);
    }

    /** As people merge two contacts: the other goes to the recycle bin. */
    public synchronized void merge(String masterId, String otherId) {
        store.merge(masterId, otherId);
    }

    /** As people delete a contact: it is in the recycle bin then. */
    public synchronized void delete(String id) {
        try {
            book.delete(id);
        } catch (SalesforceStore.RefusedException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /** As people take a contact out of the recycle bin. */
    public synchronized void undelete(String id) {
        store.undelete(id);
    }

    /** Ids of the records in the recycle bin. */
    public synchronized Set<String> deleted() {
        return Set.copyOf(store.deleted().keySet());
    }

    /** The fields of all records, by their ids. */
    public synchronized Map<String, Map<String, String>> records() {
        Map<String, Map<String, String>> copy = new LinkedHashMap<>();
        store.records().forEach((id, record) -> copy.put(id, Map.copyOf(record)));
        return copy;
    }

    /** How often a record was written by an upsert, by the value of its key. */
    public synchronized Map<String, Integer> writes() {
        return Map.copyOf(versions);
    }

    public synchronized Stats stats() {
        return new Stats(tokensGiven, calls, upserts, store.records().size());
    }

    @Override
    public void close() {
        server.close();
    }

    private synchronized BufferedResponse take(HttpServerRequest request, Buffer body) {
        if (request.path().equals("/services/oauth2/token")) {
            return token(request, body.toString());
        }
        if (request.path().equals(STATS_PATH)) {
            return BufferedResponse.json(
                    200,
                    Buffer.buffer(JSON.createObjectNode()
                            .put("calls", calls)
                            .put("upserts", upserts)
                            .put("contacts", store.records().size())
                            .toString()));
        }
        calls++;
        if (!planned.isEmpty()) {
            return planned.poll();
        }
        String authorization = String.valueOf(request.getHeader("Authorization"));
        if (tokens.scopes(authorization.replaceFirst("^Bearer ", "")).isEmpty()) {
            return SalesforceReads.error(401, "INVALID_SESSION_ID", "Session expired or invalid");
        }
        BufferedResponse response = calls > options.dailyCalls()
                ? SalesforceReads.error(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
                : api(request, Json.read(body));
        return response.with(
                "Sforce-Limit-Info", "api-usage=" + Math.min(calls, options.dailyCalls()) + "/" + options.dailyCalls());
    }

    private BufferedResponse token(HttpServerRequest request, String body) {
        String client = Base64.getEncoder()
                .encodeToString((form(SalesforceOptions.CLIENT_ID) + ":" + form(SalesforceOptions.CLIENT_SECRET))
                        .getBytes(StandardCharsets.UTF_8));
        if (!request.method().name().equals("POST")
                || !Set.of(body.split("&")).contains("grant_type=client_credentials")) {
            return BufferedResponse.json(
                    400,
                    Json.object(Map.of(
                            "error", "unsupported_grant_type", "error_description", "grant type not supported")));
        }
        if (!("Basic " + client).equals(request.getHeader("Authorization"))) {
            return BufferedResponse.json(
                    400,
                    Json.object(Map.of("error", "invalid_client", "error_description", "invalid client credentials")));
        }
        tokensGiven++;
        String instance = options.instance() == null ? "http://" + request.authority() : options.instance();
        return BufferedResponse.json(
                200,
                Json.object(Map.of(
                        "access_token",
                        tokens.issue(Set.of("api")),
                        "token_type",
                        "Bearer",
                        "scope",
                        "api",
                        "instance_url",
                        instance,
                        "id",
                        instance + "/id/" + SalesforceReads.ORGANISATION + "/005000000000001AAA",
                        "issued_at",
                        Long.toString(System.currentTimeMillis()),
                        "signature",
                        "c2lnbmF0dXJl")));
    }

    private static String form(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private BufferedResponse api(HttpServerRequest request, JsonNode json) {
        if (QUERIES.matcher(request.path()).matches() && request.method().name().equals("GET")) {
            return reads.query(
                    String.valueOf(request.getParam("q")), request.path().contains("/queryAll"));
        }
        if (COLLECTIONS.matcher(request.path()).matches()
                && request.method().name().equals("PATCH")) {
            return updateAll(json);
        }
        Matcher path = PATH.matcher(request.path());
        if (!path.matches()) {
            return SalesforceReads.error(404, "NOT_FOUND", "The requested resource does not exist");
        }
        String last = path.group(4);
        if (path.group(3).equals(SalesforceStore.ACCOUNT)) {
            return request.method().name().equals("GET") && last.equals("describe")
                    ? SalesforceReads.describe(
                            SalesforceStore.ACCOUNT, Map.of(SalesforceStore.ACCOUNT_KEY, SalesforceOptions.Field.KEY))
                    : SalesforceReads.error(404, "NOT_FOUND", "not simulated");
        }
        try {
            if (path.group(2) != null) {
                return Integer.parseInt(path.group(1)) < FIRST_WITH_UPSERTS
                                || !request.method().name().equals("PATCH")
                        ? SalesforceReads.error(404, "NOT_FOUND", "The requested resource does not exist")
                        : upsert(last, json);
            }
            return switch (request.method().name()) {
                case "GET" ->
                    last.equals("describe") ? SalesforceReads.describe("Contact", store.fields()) : reads.get(last);
                case "PATCH" -> update(last, json);
                case "DELETE" ->
                    book.delete(last)
                            ? BufferedResponse.empty(204)
                            : SalesforceReads.error(404, "ENTITY_IS_DELETED", "entity is deleted");
                default -> SalesforceReads.error(405, "METHOD_NOT_ALLOWED", "HTTP Method not allowed");
            };
        } catch (SalesforceStore.RefusedException e) {
            return SalesforceReads.error(e.status, e.code, e.getMessage());
        }
    }

    private BufferedResponse upsert(String key, JsonNode json) throws SalesforceStore.RefusedException {
        upserts++;
        if (--upsertsToRevocation == 0) {
            tokens.revokeAll();
        }
        List<SalesforceStore.Result> results = book.upsert(key, json.path("records"));
        ArrayNode body = JSON.createArrayNode();
        for (int i = 0; i < results.size(); i++) {
            SalesforceStore.Result result = results.get(i);
            ObjectNode answer = body.addObject();
            if (result.code() == null) {
                versions.merge(json.path("records").path(i).path(key).asText(), 1, Integer::sum);
                answer.put("id", result.id())
                        .put("success", true)
                        .put("created", result.created())
                        .putArray("errors");
            } else {
                answer.put("success", false)
                        .put("created", false)
                        .putArray("errors")
                        .add(error(result));
            }
        }
        return BufferedResponse.json(200, Buffer.buffer(body.toString()));
    }

    /**
     * By the ids of records, each by itself, see <a
     * href="https://developer.salesforce.com/docs/platform/api-rest/guide/resources-composite-sobjects-collections-update.html">its
     * page</a>.
     */
    private BufferedResponse updateAll(JsonNode json) {
        ArrayNode body = JSON.createArrayNode();
        for (JsonNode record : json.path("records")) {
            String id = record.path("id").asText();
            ObjectNode values = record.deepCopy();
            values.remove("id");
            ObjectNode answer = body.addObject();
            try {
                SalesforceStore.Result result = book.update(id, values);
                boolean done = result != null && result.code() == null;
                answer.put("id", id).put("success", done);
                ArrayNode errors = answer.putArray("errors");
                if (!done) {
                    errors.add(error(
                            result == null
                                    ? SalesforceStore.Result.failed("ENTITY_IS_DELETED", "entity is deleted")
                                    : result));
                }
            } catch (SalesforceStore.RefusedException e) {
                return SalesforceReads.error(e.status, e.code, e.getMessage());
            }
        }
        return BufferedResponse.json(200, Buffer.buffer(body.toString()));
    }

    private BufferedResponse update(String id, JsonNode json) throws SalesforceStore.RefusedException {
        SalesforceStore.Result result = book.update(id, json);
        return result == null
                ? SalesforceReads.error(404, "ENTITY_IS_DELETED", "entity is deleted")
                : result.code() == null
                        ? BufferedResponse.empty(204)
                        : SalesforceReads.error(400, result.code(), result.message());
    }

    private static ObjectNode error(SalesforceStore.Result result) {
        ObjectNode error =
                JSON.createObjectNode().put("statusCode", result.code()).put("message", result.message());
        result.fields().forEach(error.putArray("fields")::add);
        return error;
    }
}
