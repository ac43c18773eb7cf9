package de.contactsync.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A double of HubSpot's API for contacts and companies on one port of this machine: batch upsert, batch read, update,
 * deletion, properties, and links between the two, under {@code /crm/v3}, {@code /crm/v4} and under dated paths. It
 * says no to what HubSpot says no to: a key that is not unique, an id that stands in a call twice, an e-mail address
 * that another record has, each for the whole batch; and it answers what it does not understand with 200 and no
 * results. {@code GET /simulator/stats} counts calls and contacts. All methods may be called from any thread while it
 * runs.
 */
public final class HubSpotSimulator implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String STATS_PATH = "/simulator/stats";
    private static final Pattern PATH =
            Pattern.compile("/crm/(?:v3/(objects|properties)|(objects|properties)/\\d{4}-\\d{2})/(contacts|companies)(/.*)?");
    private static final Pattern ASSOCIATE = Pattern.compile("/crm/(?:v4/associations|associations/\\d{4}-\\d{2})"
            + "/contacts/companies/batch/associate/default");
    /** Far apart, so that nobody takes one for the other. */
    private static final long FIRST_CONTACT = 501;
    private static final long FIRST_COMPANY = 900_001;

    /**
     * @param upserts   calls of the batch upsert, whatever was answered
     * @param throttled calls beyond the quota
     */
    public record Stats(long calls, long upserts, long contacts, long refused, long throttled) {}

    private record Planned(String path, Reply reply) {}

    private final HubSpotOptions options;
    private final HubSpotObjects contacts;
    private final HubSpotObjects companies;
    /** Companies by contact. */
    private final Map<String, Set<String>> links = new LinkedHashMap<>();
    private final List<Planned> planned = new ArrayList<>();
    private final LocalServer server;
    private long windowBegan;
    private int callsOfWindow;
    private long calls;
    private long upserts;
    private long refused;
    private long throttled;

    private HubSpotSimulator(HubSpotOptions options) {
        this.options = options;
        this.contacts = new HubSpotObjects(new HubSpotBook(HubSpotOptions.BUILT_IN, options.properties(),
                List.of("email", "firstname", "lastname"), FIRST_CONTACT));
        this.companies = new HubSpotObjects(new HubSpotBook(HubSpotOptions.BUILT_IN_OF_COMPANIES,
                options.companyProperties(), List.of("name", "domain"), FIRST_COMPANY));
        this.windowBegan = System.nanoTime();
        this.server = LocalServer.start("HubSpot", options.port(), options.latency(), this::take);
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
        return "http://127.0.0.1:" + port();
    }

    public String statsUrl() {
        return baseUrl() + STATS_PATH;
    }

    public int port() {
        return server.port();
    }

    public String token() {
        return options.token();
    }

    /** The next calls get such answers, whatever they ask for; each once, in this order. */
    public void answer(int status, Map<String, String> headers, Map<String, String> body) {
        answer("", status, headers, body);
    }

    /** The same for calls whose path ends like this. */
    public void answer(String path, int status, Map<String, String> headers, Map<String, String> body) {
        answer(path, status, headers, Json.object(body).toString());
    }

    /** The same with such a body. */
    public synchronized void answer(String path, int status, Map<String, String> headers, String body) {
        Reply reply = Reply.json(status, Buffer.buffer(body));
        for (Map.Entry<String, String> header : headers.entrySet()) {
            reply = reply.with(header.getKey(), header.getValue());
        }
        planned.add(new Planned(path, reply));
    }

    /** From now on a rule of the account says no to the record with this key. */
    public synchronized void refuse(String key) {
        contacts.book.refuse(key);
        companies.book.refuse(key);
    }

    /** From now on calls that write the contact or company of this key end with HTTP 500, whatever else is in them. */
    public synchronized void fail(String key) {
        contacts.book.fail(key);
        companies.book.fail(key);
    }

    /** From now on one bad record costs a batch no other, if each has a trace id of its own; answered with 207. */
    public synchronized void answerByTraceId() {
        contacts.byTraceId = true;
    }

    /** From now on no rule says so any longer, and no call fails. */
    public synchronized void permit(String key) {
        contacts.book.permit(key);
        companies.book.permit(key);
    }

    /** A record that people have made. @return its id */
    public synchronized String create(Map<String, String> properties) {
        return contacts.book.create(properties);
    }

    /** A company that people have made. @return its id */
    public synchronized String createCompany(Map<String, String> properties) {
        return companies.book.create(properties);
    }

    /** The properties of all contacts, by their ids. */
    public synchronized Map<String, Map<String, String>> records() {
        return contacts.book.copy();
    }

    /** The same of all companies. */
    public synchronized Map<String, Map<String, String>> companies() {
        return companies.book.copy();
    }

    /** The companies that a contact is linked to, by its id. */
    public synchronized Map<String, Set<String>> links() {
        return Map.copyOf(links);
    }

    public synchronized Map<String, Boolean> properties() {
        return Map.copyOf(contacts.book.properties());
    }

    /** How often a contact was written, by the value of its key. */
    public synchronized Map<String, Integer> writes() {
        return Map.copyOf(contacts.versions);
    }

    public synchronized Stats stats() {
        return new Stats(calls, upserts, contacts.book.records().size(), refused, throttled);
    }

    @Override
    public void close() {
        server.close();
    }

    private Reply take(HttpServerRequest request, Buffer body) {
        return request.path().equals(STATS_PATH) ? statsReply() : paced(request, body);
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
        throttled += callsOfWindow > options.calls() ? 1 : 0;
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
        for (Planned next : planned) {
            if (request.path().endsWith(next.path())) {
                planned.remove(next);
                return next.reply();
            }
        }
        if (!("Bearer " + options.token()).equals(request.getHeader("Authorization"))) {
            return HubSpotObjects.error(
                    401, "INVALID_AUTHENTICATION", null, "Authentication credentials not found or not valid.");
        }
        try {
            return api(request, Json.read(body));
        } catch (HubSpotBook.RefusedException e) {
            refused++;
            return HubSpotObjects.error(e.status, e.category, e.code, e.getMessage());
        }
    }

    private Reply api(HttpServerRequest request, JsonNode json) throws HubSpotBook.RefusedException {
        if (ASSOCIATE.matcher(request.path()).matches() && request.method() == HttpMethod.POST) {
            return associate(json);
        }
        Matcher path = PATH.matcher(request.path());
        if (!path.matches()) {
            return Reply.html(404);
        }
        String what = path.group(1) == null ? path.group(2) : path.group(1);
        String rest = path.group(4) == null ? "" : path.group(4);
        boolean ofContacts = path.group(3).equals("contacts");
        upserts += ofContacts && rest.equals("/batch/upsert") ? 1 : 0;
        return (ofContacts ? contacts : companies).answer(request.method().name(), what, rest, json);
    }

    /** The pairs of one call, all or none. */
    private Reply associate(JsonNode json) throws HubSpotBook.RefusedException {
        ObjectNode body = JSON.createObjectNode().put("status", "COMPLETE");
        ArrayNode results = body.putArray("results");
        Map<String, Set<String>> wanted = new LinkedHashMap<>();
        for (JsonNode input : json.path("inputs")) {
            String contact = input.at("/from/id").asText();
            String company = input.at("/to/id").asText();
            if (contacts.book.find(null, contact) == null || companies.book.find(null, company) == null) {
                throw new HubSpotBook.RefusedException(404, "OBJECT_NOT_FOUND", null, "One of the records does not exist");
            }
            wanted.computeIfAbsent(contact, id -> new HashSet<>()).add(company);
            ObjectNode result = results.addObject();
            result.putObject("from").put("id", contact);
            result.putObject("to").put("id", company);
        }
        wanted.forEach((contact, added) -> links.computeIfAbsent(contact, id -> new HashSet<>()).addAll(added));
        return Reply.json(200, Buffer.buffer(body.toString()));
    }
}
