package de.contactsync.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.io.UncheckedIOException;
import java.util.ArrayList;
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
 * results. It knows merges, additional e-mail addresses, the recycle bin and a search that is behind, and gives an
 * app its tokens. What it does is
 * after <a href="https://developers.hubspot.com/docs/api-reference/latest/crm/objects/contacts/guide">the contacts
 * guide</a> and <a href="https://developers.hubspot.com/docs/api-reference/error-handling">the page on errors</a>.
 * {@code GET /simulator/stats} counts calls and contacts. All methods may be called from any thread while it
 * runs.
 */
public final class HubSpotSimulator implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String STATS_PATH = "/simulator/stats";
    private static final Pattern PATH = Pattern.compile(
            "/crm/(?:v3/(objects|properties)|(objects|properties)/\\d{4}-\\d{2})/(contacts|companies)(/.*)?");
    /** Far apart, so that nobody takes one for the other. */
    private static final long FIRST_CONTACT = 501;

    private static final long FIRST_COMPANY = 900_001;

    /**
     * @param upserts   calls of the batch upsert, whatever was answered
     * @param throttled calls beyond the quota
     */
    public record Stats(long calls, long upserts, long contacts, long refused, long throttled) {}

    private record Planned(String path, BufferedResponse response) {}

    private final HubSpotOptions options;
    private final HubSpotObjects contacts;
    private final HubSpotObjects companies;
    private final HubSpotLinks links;
    private final HubSpotTokens tokens = new HubSpotTokens();
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
        this.contacts = new HubSpotObjects(
                new HubSpotRecords(
                        new HubSpotSchema(HubSpotOptions.OWN, options.properties(), options.detailed()), FIRST_CONTACT),
                List.of("email", "firstname", "lastname"),
                options.searchLag());
        this.companies = new HubSpotObjects(
                new HubSpotRecords(
                        new HubSpotSchema(HubSpotOptions.OWN_OF_COMPANIES, options.companyProperties(), Map.of()),
                        FIRST_COMPANY),
                List.of("name", "domain"),
                options.searchLag());
        this.links = new HubSpotLinks(contacts.store, companies.store);
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

    /** For an app of {@link HubSpotOptions#CLIENT_ID}. */
    public String tokenEndpoint() {
        return baseUrl() + "/oauth/2026-03/token";
    }

    /** From now on each token comes with another refresh token, and the one before is not good any longer. */
    public synchronized void rotateRefreshTokens() {
        tokens.rotate();
    }

    /** From now on no token is good that the token endpoint gave out before. */
    public synchronized void revokeTokens() {
        tokens.revokeAll();
    }

    public synchronized int tokensGiven() {
        return tokens.given();
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
        planned.add(new Planned(
                path, BufferedResponse.json(status, Buffer.buffer(body)).with(headers)));
    }

    /** From now on a rule of the account says no to the record with this key. */
    public synchronized void refuse(String key) {
        contacts.book.refuse(key);
        companies.book.refuse(key);
    }

    /** From now on calls that write the contact or company of this key end with HTTP 500, whatever else is in them. */
    public synchronized void fail(String key) {
        fail(key, 500);
    }

    /** The same with another status. */
    public synchronized void fail(String key, int status) {
        contacts.book.fail(key, status);
        companies.book.fail(key, status);
    }

    /** No batch read that names the contact or company with this key succeeds. */
    public synchronized void failReading(String key) {
        contacts.book.failReading(key);
        companies.book.failReading(key);
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
        return contacts.store.create(properties);
    }

    /** As people change a contact; a property becomes empty by an empty text. */
    public synchronized void edit(String id, Map<String, String> properties) {
        contacts.store.write(id, properties);
    }

    /** As people merge two contacts: both ids are the first's then. */
    public synchronized void merge(String firstId, String otherId) {
        try {
            contacts.store.merge(firstId, otherId);
        } catch (HubSpotStore.RefusedException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /** A further e-mail address of a contact, which no other can have then. */
    public synchronized void addEmail(String id, String address) {
        contacts.store.addEmail(id, address);
    }

    /** As people delete a contact: it is in the recycle bin then. */
    public synchronized void delete(String id) {
        try {
            contacts.book.delete(id);
        } catch (HubSpotStore.RefusedException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    public synchronized void deleteCompany(String id) {
        companies.store.archive(id);
    }

    /** As people link a contact to a company. */
    public synchronized void link(String contact, String company) {
        links.link(contact, company);
    }

    /** As people take a contact out of the recycle bin. */
    public synchronized void restore(String id) {
        contacts.store.restore(id);
    }

    /** The search is no longer behind with what has been written so far. */
    public synchronized void catchUpSearch() {
        contacts.store.forgetAges();
        companies.store.forgetAges();
    }

    /** A company that people have made. @return its id */
    public synchronized String createCompany(Map<String, String> properties) {
        return companies.store.create(properties);
    }

    /** The properties of all contacts, by their ids. */
    public synchronized Map<String, Map<String, String>> records() {
        return contacts.store.copy();
    }

    /** The same of all companies. */
    public synchronized Map<String, Map<String, String>> companies() {
        return companies.store.copy();
    }

    /** The companies that a contact is linked to, by its id. */
    public synchronized Map<String, Set<String>> links() {
        return links.byContact();
    }

    public synchronized Map<String, Boolean> properties() {
        return contacts.store.schema().uniqueness();
    }

    /** How often a contact was written, by the value of its key. */
    public synchronized Map<String, Integer> writes() {
        return Map.copyOf(contacts.versions);
    }

    public synchronized Stats stats() {
        return new Stats(calls, upserts, contacts.store.records().size(), refused, throttled);
    }

    @Override
    public void close() {
        server.close();
    }

    private BufferedResponse take(HttpServerRequest request, Buffer body) {
        return request.path().equals(STATS_PATH) ? statsReply() : paced(request, body);
    }

    private BufferedResponse statsReply() {
        Stats stats = stats();
        return BufferedResponse.json(
                200,
                Buffer.buffer(JSON.createObjectNode()
                        .put("calls", stats.calls)
                        .put("upserts", stats.upserts)
                        .put("contacts", stats.contacts)
                        .put("refused", stats.refused)
                        .toString()));
    }

    private synchronized BufferedResponse paced(HttpServerRequest request, Buffer body) {
        if (HubSpotTokens.isFor(request)) {
            return tokens.answer(request, body);
        }
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
        BufferedResponse response = callsOfWindow > options.calls()
                ? BufferedResponse.json(
                        429,
                        Json.object(Map.of(
                                "status",
                                "error",
                                "errorType",
                                "RATE_LIMIT",
                                "policyName",
                                "TEN_SECONDLY_ROLLING",
                                "message",
                                "You have reached your limit.")))
                : answer(request, body);
        return response.with("X-HubSpot-RateLimit-Max", Integer.toString(options.calls()))
                .with("X-HubSpot-RateLimit-Remaining", Integer.toString(Math.max(0, options.calls() - callsOfWindow)))
                .with(
                        "X-HubSpot-RateLimit-Interval-Milliseconds",
                        Long.toString(options.interval().toMillis()));
    }

    private BufferedResponse answer(HttpServerRequest request, Buffer body) {
        for (Planned next : planned) {
            if (request.path().endsWith(next.path())) {
                planned.remove(next);
                return next.response();
            }
        }
        String token = String.valueOf(request.getHeader("Authorization")).replaceFirst("^Bearer ", "");
        if (!options.token().equals(token) && !tokens.isGood(token)) {
            return HubSpotObjects.error(
                    401, "INVALID_AUTHENTICATION", null, "Authentication credentials not found or not valid.");
        }
        try {
            return api(request, Json.read(body));
        } catch (HubSpotStore.RefusedException e) {
            refused++;
            return HubSpotObjects.error(e.status, e.category, e.code, e.getMessage(), e.property);
        }
    }

    private BufferedResponse api(HttpServerRequest request, JsonNode json) throws HubSpotStore.RefusedException {
        if (request.path().equals("/account-info/v3/details")) {
            return BufferedResponse.json(
                    200,
                    Buffer.buffer(JSON.createObjectNode()
                            .put("portalId", options.portalId())
                            .put("accountType", "STANDARD")
                            .toString()));
        }
        if (HubSpotLinks.isFor(request)) {
            return links.answer(request, json);
        }
        Matcher path = PATH.matcher(request.path());
        if (!path.matches()) {
            return BufferedResponse.html(404);
        }
        String what = path.group(1) == null ? path.group(2) : path.group(1);
        String rest = path.group(4) == null ? "" : path.group(4);
        boolean ofContacts = path.group(3).equals("contacts");
        upserts += ofContacts && rest.equals("/batch/upsert") ? 1 : 0;
        return (ofContacts ? contacts : companies)
                .answer(request.method().name(), what, rest, "true".equals(request.getParam("archived")), json);
    }
}
