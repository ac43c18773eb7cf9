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
 * refuses what Salesforce refuses: an expired token, a key that is no External ID, more than 200 records, a field that
 * is not there, each for the whole call; and by itself a record without last name, one whose key stands in the call
 * twice, one that a rule holds for a duplicate. All methods may be called from any thread while it runs.
 */
public final class SalesforceSimulator implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern PATH = Pattern.compile(
            "/services/data/v(\\d{2,3})\\.0/(?:(composite)/)?sobjects/(Contact|Account)/(\\w+)");
    private static final Pattern QUERIES = Pattern.compile("/services/data/v\\d{2,3}\\.0/query");
    private static final Pattern QUERY = Pattern.compile("SELECT Id FROM Contact WHERE (\\w+) = '([^'\\\\]*)'");
    private static final int FIRST_WITH_UPSERTS = 46;

    /** @param upserts calls that upsert, whatever was answered */
    public record Stats(long tokens, long calls, long upserts, long contacts) {}

    private final SalesforceOptions options;
    private final SalesforceBook book;
    private final TokenStore tokens;
    private final Deque<Reply> planned = new ArrayDeque<>();
    private final Map<String, Integer> versions = new LinkedHashMap<>();
    private final LocalServer server;
    private long tokensGiven;
    private long calls;
    private long upserts;
    private long upsertsToRevocation;

    private SalesforceSimulator(SalesforceOptions options) {
        this.options = options;
        this.book = new SalesforceBook(options.fields());
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

    public int port() {
        return server.port();
    }

    /** The next calls of the API get such answers, whatever they ask for; each once, in this order. */
    public synchronized void answer(int status, Map<String, String> headers, String body) {
        Reply reply = Reply.json(status, Buffer.buffer(body));
        for (Map.Entry<String, String> header : headers.entrySet()) {
            reply = reply.with(header.getKey(), header.getValue());
        }
        planned.add(reply);
    }

    /** As Salesforce tells of an error of a whole call. */
    public void answer(int status, String code, String message) {
        answer(status, Map.of(), errors(code, message).toString());
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
    public synchronized void fail(String key) {
        book.fail(key);
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
        return book.create(fields);
    }

    /** The fields of all records, by their ids. */
    public synchronized Map<String, Map<String, String>> records() {
        Map<String, Map<String, String>> copy = new LinkedHashMap<>();
        book.records().forEach((id, record) -> copy.put(id, Map.copyOf(record)));
        return copy;
    }

    /** How often a record was written by an upsert, by the value of its key. */
    public synchronized Map<String, Integer> writes() {
        return Map.copyOf(versions);
    }

    public synchronized Stats stats() {
        return new Stats(tokensGiven, calls, upserts, book.records().size());
    }

    @Override
    public void close() {
        server.close();
    }

    private synchronized Reply take(HttpServerRequest request, Buffer body) {
        if (request.path().equals("/services/oauth2/token")) {
            return token(request, body.toString());
        }
        calls++;
        if (!planned.isEmpty()) {
            return planned.poll();
        }
        String authorization = String.valueOf(request.getHeader("Authorization"));
        if (tokens.scopes(authorization.replaceFirst("^Bearer ", "")).isEmpty()) {
            return error(401, "INVALID_SESSION_ID", "Session expired or invalid");
        }
        Reply reply = calls > options.dailyCalls()
                ? error(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
                : api(request, Json.read(body));
        return reply.with("Sforce-Limit-Info",
                "api-usage=" + Math.min(calls, options.dailyCalls()) + "/" + options.dailyCalls());
    }

    private Reply token(HttpServerRequest request, String body) {
        String client = Base64.getEncoder().encodeToString((form(SalesforceOptions.CLIENT_ID) + ":"
                + form(SalesforceOptions.CLIENT_SECRET)).getBytes(StandardCharsets.UTF_8));
        if (!request.method().name().equals("POST") || !Set.of(body.split("&")).contains("grant_type=client_credentials")) {
            return Reply.json(400, Json.object(Map.of(
                    "error", "unsupported_grant_type", "error_description", "grant type not supported")));
        }
        if (!("Basic " + client).equals(request.getHeader("Authorization"))) {
            return Reply.json(400, Json.object(Map.of(
                    "error", "invalid_client", "error_description", "invalid client credentials")));
        }
        tokensGiven++;
        String instance = options.instance() == null ? "http://" + request.authority() : options.instance();
        return Reply.json(200, Json.object(Map.of("access_token", tokens.issue(Set.of("api")), "token_type", "Bearer",
                "scope", "api", "instance_url", instance, "id", instance + "/id/00D000000000001AAA/005000000000001AAA",
                "issued_at", Long.toString(System.currentTimeMillis()), "signature", "c2lnbmF0dXJl")));
    }

    private static String form(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private Reply api(HttpServerRequest request, JsonNode json) {
        if (QUERIES.matcher(request.path()).matches() && request.method().name().equals("GET")) {
            return query(String.valueOf(request.getParam("q")));
        }
        Matcher path = PATH.matcher(request.path());
        if (!path.matches()) {
            return error(404, "NOT_FOUND", "The requested resource does not exist");
        }
        String last = path.group(4);
        if (path.group(3).equals(SalesforceBook.ACCOUNT)) {
            return request.method().name().equals("GET") && last.equals("describe")
                    ? describe(SalesforceBook.ACCOUNT, Map.of(SalesforceBook.ACCOUNT_KEY, SalesforceOptions.Field.KEY))
                    : error(404, "NOT_FOUND", "not simulated");
        }
        try {
            if (path.group(2) != null) {
                return Integer.parseInt(path.group(1)) < FIRST_WITH_UPSERTS || !request.method().name().equals("PATCH")
                        ? error(404, "NOT_FOUND", "The requested resource does not exist")
                        : upsert(last, json);
            }
            return switch (request.method().name()) {
                case "GET" -> last.equals("describe") ? describe("Contact", book.fields()) : error(404, "NOT_FOUND", "not simulated");
                case "PATCH" -> update(last, json);
                case "DELETE" -> book.delete(last) ? Reply.empty(204) : error(404, "ENTITY_IS_DELETED", "entity is deleted");
                default -> error(405, "METHOD_NOT_ALLOWED", "HTTP Method not allowed");
            };
        } catch (SalesforceBook.RefusedException e) {
            return error(e.status, e.code, e.getMessage());
        }
    }

    private static Reply describe(String object, Map<String, SalesforceOptions.Field> known) {
        ObjectNode body = JSON.createObjectNode().put("name", object);
        ArrayNode fields = body.putArray("fields");
        fields.addObject().put("name", "Id").put("type", "id").put("createable", false).put("updateable", false)
                .put("externalId", false).put("unique", false);
        known.forEach((name, field) -> fields.addObject().put("name", name).put("type", field.type())
                .put("createable", field.editable()).put("updateable", field.editable())
                .put("externalId", field.external()).put("unique", field.unique()));
        return Reply.json(200, Buffer.buffer(body.toString()));
    }

    /** Of all there is to SOQL, the ids of contacts with a value in one field. */
    private Reply query(String text) {
        Matcher query = QUERY.matcher(text);
        if (!query.matches()) {
            return error(400, "MALFORMED_QUERY", "not simulated");
        }
        try {
            List<String> found = book.find(query.group(1), query.group(2));
            ObjectNode body = JSON.createObjectNode().put("totalSize", found.size()).put("done", true);
            ArrayNode records = body.putArray("records");
            found.forEach(id -> records.addObject().put("Id", id).putObject("attributes").put("type", "Contact"));
            return Reply.json(200, Buffer.buffer(body.toString()));
        } catch (SalesforceBook.RefusedException e) {
            return error(e.status, e.code, e.getMessage());
        }
    }

    private Reply upsert(String key, JsonNode json) throws SalesforceBook.RefusedException {
        upserts++;
        if (--upsertsToRevocation == 0) {
            tokens.revokeAll();
        }
        List<SalesforceBook.Result> results = book.upsert(key, json.path("records"));
        ArrayNode body = JSON.createArrayNode();
        for (int i = 0; i < results.size(); i++) {
            SalesforceBook.Result result = results.get(i);
            ObjectNode answer = body.addObject();
            if (result.code() == null) {
                versions.merge(json.path("records").path(i).path(key).asText(), 1, Integer::sum);
                answer.put("id", result.id()).put("success", true).put("created", result.created()).putArray("errors");
            } else {
                answer.put("success", false).put("created", false).putArray("errors").add(error(result));
            }
        }
        return Reply.json(200, Buffer.buffer(body.toString()));
    }

    private Reply update(String id, JsonNode json) throws SalesforceBook.RefusedException {
        SalesforceBook.Result result = book.update(id, json);
        return result == null ? error(404, "ENTITY_IS_DELETED", "entity is deleted")
                : result.code() == null ? Reply.empty(204)
                : error(400, result.code(), result.message());
    }

    private static ObjectNode error(SalesforceBook.Result result) {
        ObjectNode error = JSON.createObjectNode().put("statusCode", result.code()).put("message", result.message());
        result.fields().forEach(error.putArray("fields")::add);
        return error;
    }

    private static Reply error(int status, String code, String message) {
        return Reply.json(status, Buffer.buffer(errors(code, message).toString()));
    }

    private static ArrayNode errors(String code, String message) {
        ArrayNode errors = JSON.createArrayNode();
        errors.addObject().put("message", message).put("errorCode", code);
        return errors;
    }
}
