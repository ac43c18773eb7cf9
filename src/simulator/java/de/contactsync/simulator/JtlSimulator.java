package de.contactsync.simulator;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.PfxOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A double of JTL's cloud on one port of this machine: token endpoint {@code POST /oauth2/token}, the API calls
 * "Get Customer Contact", "Query Customer Contacts" and "Queries of all customers" under {@code /erp}, and
 * {@code GET /simulator/stats} ({@code ?keys=true} adds the keys asked for more than once, if keys are counted). All
 * methods may be called from any thread while it runs.
 */
public final class JtlSimulator implements AutoCloseable {

    private static final String TOKEN_PATH = "/oauth2/token";
    private static final String LOGIN_PATH = "/oauth2/auth";
    private static final String REVOKE_PATH = "/oauth2/revoke";
    private static final String STATS_PATH = "/simulator/stats";

    private final Vertx vertx;
    private final SimulatorOptions options;
    private final ContactStore book;
    private final ResponseBodies responseBodies;
    private final CallCounters callCounters;
    private final TokenStore tokens;
    private final TokenApi tokenApi;
    private final Optional<RateLimit> limit;
    private final ContactApi api;
    private final Logins logins = new Logins();
    private final Map<Fault.Call, FaultPlan> authFaults = new EnumMap<>(Fault.Call.class);
    private final LoginPage loginPage;
    private final WawiApi wawi;
    private final int port;

    private JtlSimulator(Vertx vertx, SimulatorOptions options) {
        this.vertx = vertx;
        this.options = options;
        book = new ContactStore(options);
        responseBodies = new ResponseBodies(options.pascalCase());
        callCounters = new CallCounters(options.countKeys());
        tokens = new TokenStore(options.tokenLifetime(), options.nanoTime());
        tokenApi = new TokenApi(options, tokens, logins);
        loginPage = new LoginPage(options, logins);
        wawi = new WawiApi(options.wawi());
        limit = Optional.ofNullable(options.quota()).map(quota -> new RateLimit(quota, options.nanoTime()));
        FaultPlan faults = new FaultPlan(options.faults(), Fault.Call.CONTACT, options.seed());
        for (Fault.Call at : Fault.Call.values()) {
            authFaults.put(at, new FaultPlan(options.faults(), at, options.seed()));
        }
        wawi.serve(new ContactApi(
                book,
                wawi,
                Optional.empty(),
                faults,
                new FaultResponses(vertx, wawi.bodies()),
                wawi.bodies(),
                callCounters));
        api = new ContactApi(
                book,
                new CloudGate(tokens, responseBodies),
                limit,
                faults,
                new FaultResponses(vertx, responseBodies),
                responseBodies,
                callCounters);
        port = listen();
    }

    /**
     * Starts and waits until calls are taken.
     *
     * @throws UncheckedIOException when the port is taken or the address is not of this machine
     */
    public static JtlSimulator start(SimulatorOptions options) {
        // One event loop answers far more calls than any client here makes, and leaves the cores to the client.
        Vertx vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setUseDaemonThread(true)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
        try {
            return new JtlSimulator(vertx, options);
        } catch (RuntimeException e) {
            vertx.close();
            throw e;
        }
    }

    public int port() {
        return port;
    }

    /** What clients are given as {@code jtl.base-url}. */
    public String baseUrl() {
        return origin() + ApiPath.BASE;
    }

    public String tokenApi() {
        return origin() + TOKEN_PATH;
    }

    /** What clients are given as {@code jtl.oauth.authorization-endpoint}. */
    public String loginUrl() {
        return origin() + LOGIN_PATH;
    }

    /** What clients are given as {@code jtl.oauth.revocation-endpoint}. */
    public String revocationUrl() {
        return origin() + REVOKE_PATH;
    }

    /** What clients are given as {@code jtl.base-url} with {@code jtl.auth=wawi-app}. */
    public String wawiUrl() {
        return origin() + WawiApi.BASE;
    }

    /** All who have logged in have to do so again. */
    public void endLogins() {
        logins.revokeAll();
    }

    /** How often a refresh token came that was spent before, and how often one was taken. */
    public int reusedRefreshTokens() {
        return logins.reused();
    }

    public int refreshes() {
        return logins.refreshed();
    }

    /** As if the app had been removed in JTL-Wawi. */
    public void revokeKeys() {
        wawi.revokeKeys();
    }

    public String statsUrl() {
        return origin() + STATS_PATH;
    }

    /** An access token that is good from now on, without a call of the token endpoint. */
    public String issueToken() {
        return tokens.issue(Set.of("customers.read"));
    }

    /** From now on all tokens that are out get status 401. */
    public void revokeTokens() {
        tokens.revokeAll();
    }

    /**
     * From now on the quota allows so many calls; calls already made in the window still count.
     *
     * @throws IllegalStateException    when the simulator was started without a quota
     * @throws IllegalArgumentException when less than 1
     */
    public void quotaLimit(int calls) {
        limit.orElseThrow(() -> new IllegalStateException("the simulator was started without a quota"))
                .limit(calls);
    }

    /** From now on contacts are those of this revision, see {@link SimulatorOptions#revision()}. */
    public void revision(int revision) {
        book.revision(revision);
    }

    public SimulatorStats stats() {
        return callCounters.stats();
    }

    /**
     * How often this contact was asked for, whatever was answered.
     *
     * @throws IllegalStateException when the simulator was started without {@code countKeys}
     */
    public int calls(UUID customerId, UUID contactId) {
        return callCounters.calls(new RequestedKey(customerId, contactId));
    }

    /**
     * The keys that were asked for more than once, with the number of calls.
     *
     * @throws IllegalStateException when the simulator was started without {@code countKeys}
     */
    public Map<RequestedKey, Integer> askedAgain() {
        return callCounters.askedAgain();
    }

    /** The JSON body that a good call for this contact gets now; empty when the contact does not exist. */
    public Optional<String> contact(UUID tenantId, UUID customerId, UUID contactId) {
        return book.exists(tenantId, customerId, contactId)
                ? Optional.of(responseBodies
                        .contactBody(book.contact(tenantId, customerId, contactId))
                        .toString())
                : Optional.empty();
    }

    /** Ends all connections and frees the port. Closing again does nothing. */
    @Override
    public void close() {
        await(vertx.close(), "did not end properly");
    }

    private int listen() {
        boolean bomb = options.faults().stream()
                .anyMatch(fault ->
                        fault.effect() instanceof Fault.Answer answer && answer.body() == Fault.Body.GZIP_BOMB);
        if (bomb) {
            // Made before the first call, because it would hold up all calls while it is made.
            LargeBodies.bomb();
        }
        // No HTTP/2 over clear text: where calls share a connection, it cannot be reset for one of them.
        HttpServer server = vertx.createHttpServer(tls(new HttpServerOptions().setHttp2ClearTextEnabled(false)))
                .requestHandler(this::handle);
        String address = options.host() + ":" + options.port();
        return await(server.listen(options.port(), options.host()), "cannot listen on " + address)
                .actualPort();
    }

    private void handle(HttpServerRequest request) {
        String path = request.path();
        if (path == null) {
            BufferedResponse.empty(400).send(request);
        } else if (authFault(request, path).isPresent()) {
            return;
        } else if (path.startsWith(ApiPath.BASE + "/")) {
            Response response = api.answer(request, ApiPath.of(path));
            if (options.latency().toMillis() == 0) {
                send(response, request);
            } else {
                vertx.setTimer(options.latency().toMillis(), timer -> send(response, request));
            }
        } else if (path.startsWith(WawiApi.BASE + "/")) {
            if (request.method() == HttpMethod.POST) {
                request.body().onSuccess(body -> send(wawi.answer(request, body.toString()), request));
            } else {
                send(wawi.answer(request, null), request);
            }
        } else if (path.equals(TOKEN_PATH)) {
            token(request);
        } else if (path.equals(LOGIN_PATH)) {
            loginPage.answer(request, origin()).send(request);
        } else if (path.equals(REVOKE_PATH) && request.method() == HttpMethod.POST) {
            request.body()
                    .onSuccess(body -> tokenApi.revoke(
                                    request.getHeader("Content-Type"),
                                    request.getHeader("Authorization"),
                                    body.toString())
                            .send(request));
        } else if (path.equals(STATS_PATH)) {
            BufferedResponse.json(200, callCounters.json("true".equals(request.getParam("keys"))))
                    .send(request);
        } else {
            BufferedResponse.html(404).send(request);
        }
    }

    /** What went wrong with a call for credentials, which is answered by that. */
    private Optional<Fault.Effect> authFault(HttpServerRequest request, String path) {
        Fault.Call call = path.equals(TOKEN_PATH)
                ? Fault.Call.TOKEN
                : path.equals(LOGIN_PATH)
                        ? Fault.Call.LOGIN
                        : path.equals(REVOKE_PATH) ? Fault.Call.REVOKE : WawiApi.call(path);
        Optional<Fault.Effect> effect =
                call == null ? Optional.empty() : authFaults.get(call).next(WawiApi.TENANT);
        effect.ifPresent(fault -> {
            callCounters.fault();
            new FaultResponses(vertx, responseBodies)
                    .answer(fault, WawiApi.TENANT, change -> Buffer.buffer("{}"))
                    .send(request);
        });
        return effect;
    }

    private void send(Response response, HttpServerRequest request) {
        if (request.response().closed()) {
            return;
        }
        callCounters.answered(response.status());
        response.send(request);
    }

    private void token(HttpServerRequest request) {
        callCounters.tokenRequest();
        if (request.method() != HttpMethod.POST) {
            BufferedResponse.empty(405).with("Allow", "POST").send(request);
            return;
        }
        request.body()
                .onSuccess(body -> tokenApi.answer(
                                request.getHeader("Content-Type"), request.getHeader("Authorization"), body.toString())
                        .send(request));
    }

    private HttpServerOptions tls(HttpServerOptions server) {
        return options.keyStore() == null
                ? server
                : server.setSsl(true)
                        .setKeyCertOptions(new PfxOptions()
                                .setPath(options.keyStore().toString())
                                .setPassword(options.keyStorePassword()));
    }

    private String origin() {
        return (options.keyStore() == null ? "http://" : "https://")
                + (options.host().equals("0.0.0.0") ? "127.0.0.1" : options.host()) + ":" + port;
    }

    private static <T> T await(Future<T> future, String problem) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            IOException cause = e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
            throw new UncheckedIOException("the simulator " + problem + ": " + cause.getMessage(), cause);
        } catch (TimeoutException e) {
            throw new IllegalStateException("the simulator " + problem + " within 30 s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("the simulator " + problem + ": interrupted", e);
        }
    }
}
