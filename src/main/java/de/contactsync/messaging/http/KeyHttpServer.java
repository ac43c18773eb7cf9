package de.contactsync.messaging.http;

import de.contactsync.messaging.ConsumerLifecycle;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.TenantNames;
import de.contactsync.routes.RouteFailures;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code POST /contact-keys}: keys are stored, and then the request is answered with 202. Problems of a request are
 * described as in RFC 9457. {@code GET /openapi.json} describes it.
 *
 * @see <a href="https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/">Idempotency-Key</a>
 */
public final class KeyHttpServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(KeyHttpServer.class);

    private static final String PATH = "/contact-keys";
    private static final String DESCRIPTION = "/openapi.json";

    /** What no route of the user can be reached at. */
    static final Set<String> OWN_PATHS = Set.of(PATH, DESCRIPTION);

    private static final int IDLE_SECONDS = 75;
    /** At the end of the process. */
    private static final Duration LAST_ANSWERS = Duration.ofSeconds(3);

    private final HttpSourceSettings settings;
    private final ReceivedKeys keys;
    private final KeyRequestParser parser;
    private final ConsumerLifecycle lifecycle;
    private final RateLimit rate;
    private final byte[] description;
    private final Vertx vertx;
    /** Not those of the routes of the user, which may all hang. */
    private final WorkerExecutor database;

    private final PendingAnswers answers;
    private final ConnectionDeadlines deadlines;
    private final PlatformHttpRoutes routes;

    /**
     * @param tenants  of keys that name none, or name it by its name
     * @param failures of routes of the user
     */
    public KeyHttpServer(
            HttpSourceSettings settings,
            ReceivedKeys keys,
            TenantNames tenants,
            ConsumerLifecycle lifecycle,
            RouteFailures failures)
            throws IOException {
        this(settings, keys, tenants, lifecycle, failures, System::nanoTime);
    }

    KeyHttpServer(
            HttpSourceSettings settings,
            ReceivedKeys keys,
            TenantNames tenants,
            ConsumerLifecycle lifecycle,
            RouteFailures failures,
            LongSupplier nanoTime)
            throws IOException {
        this.settings = settings;
        this.keys = keys;
        this.parser = new KeyRequestParser(tenants);
        this.lifecycle = lifecycle;
        this.rate = new RateLimit(settings.rate(), nanoTime);
        try (InputStream file =
                Objects.requireNonNull(KeyHttpServer.class.getResourceAsStream("/openapi.json"), "not packaged")) {
            this.description = file.readAllBytes();
        }
        // One thread to listen, four for routes of the user, and four to write into the database; nothing is read from
        // the class path.
        this.vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(4)
                .setInternalBlockingPoolSize(1)
                .setFileSystemOptions(new FileSystemOptions()
                        .setClassPathResolvingEnabled(false)
                        .setFileCachingEnabled(false)));
        this.database = vertx.createSharedWorkerExecutor("received-keys", 4);
        this.answers = new PendingAnswers(keys, vertx, database);
        this.deadlines = new ConnectionDeadlines(vertx, nanoTime);
        this.routes = new PlatformHttpRoutes(vertx, settings.port(), failures);
    }

    /** Routes of the user, which Camel is to know before it starts. */
    public PlatformHttpRoutes routes() {
        return routes;
    }

    /** @throws BindException when it cannot listen there */
    public KeyHttpServer start() throws BindException {
        HttpServer server = vertx.createHttpServer(new HttpServerOptions()
                        .setHttp2ClearTextEnabled(false)
                        .setMaxInitialLineLength(2_048)
                        .setMaxHeaderSize(16 * 1024)
                        .setIdleTimeout(IDLE_SECONDS))
                .connectionHandler(deadlines::opened)
                .requestHandler(this::handle);
        try {
            server.listen(settings.port(), settings.host())
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get();
        } catch (ExecutionException e) {
            throw (BindException) new BindException("keys cannot be taken over HTTP on " + settings + ": "
                            + e.getCause().getMessage()
                            + ". Is another process there? Set contacts.http.port to a free port")
                    .initCause(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BindException("interrupted");
        }
        return this;
    }

    /** On the one thread that listens. */
    private void handle(HttpServerRequest request) {
        deadlines.begun(request);
        try {
            dispatch(request);
        } catch (RefusedKeysException e) {
            HttpAnswer.problem(request, e.status(), e.getMessage());
        }
    }

    private void dispatch(HttpServerRequest request) {
        if (DESCRIPTION.equals(request.path())) {
            if (isMethod(request, HttpMethod.GET)) {
                request.response().putHeader("Content-Type", "application/json").end(Buffer.buffer(description));
            }
        } else if (!isAuthorized(RequestHead.once(request, "Authorization"))) {
            request.response().putHeader("WWW-Authenticate", "Bearer");
            HttpAnswer.problem(request, 401, "Send the token of contacts.http.token: Authorization: Bearer TOKEN");
        } else if (!rate.tryAcquire()) {
            HttpAnswer.later(
                    request, 429, "More than " + settings.rate() + " requests in a second: send several keys in one");
        } else if (!PATH.equals(request.path())) {
            routes.handle(request);
        } else if (isMethod(request, HttpMethod.POST)) {
            receive(request);
        }
    }

    private static boolean isMethod(HttpServerRequest request, HttpMethod method) {
        if (request.method().equals(method)) {
            return true;
        }
        request.response().putHeader("Allow", method.name());
        HttpAnswer.problem(request, 405, "Use " + method.name());
        return false;
    }

    private boolean isAuthorized(String header) {
        if (header == null || !header.regionMatches(true, 0, "Bearer ", 0, 7)) {
            return false;
        }
        return MessageDigest.isEqual(
                header.substring(7).strip().getBytes(StandardCharsets.UTF_8),
                settings.token().getBytes(StandardCharsets.UTF_8));
    }

    private void receive(HttpServerRequest request) {
        RequestHead head = RequestHead.of(request);
        if (!lifecycle.isRunning() || keys.isAway()) {
            HttpAnswer.later(request, 503, "Keys cannot be stored now: send them again");
        } else {
            LimitedBody.read(request, body -> store(request, head, body));
        }
    }

    private void store(HttpServerRequest request, RequestHead head, byte[] body) {
        answers.begin();
        database.executeBlocking(() -> store(head, body), false)
                .onSuccess(stored -> answers.answer(request, stored.receipt, stored.entries, head.maxWait()))
                .onFailure(e -> answers.end(refuse(request, e)));
    }

    private record Stored(List<KeyEntry> entries, ReceivedKeys.Receipt receipt) {}

    /** On a thread that may wait for the database. */
    private Stored store(RequestHead head, byte[] body) {
        List<KeyEntry> entries = parser.read(head.lines(), body, true);
        keys.requireRoom();
        return new Stored(
                entries,
                keys.accept(
                        entries,
                        IdempotencyKeys.ofRequest(head.idempotencyKey()),
                        !head.maxWait().isZero()));
    }

    private static Future<Void> refuse(HttpServerRequest request, Throwable failure) {
        if (failure instanceof RefusedKeysException refused) {
            return refused.status() == 503
                    ? HttpAnswer.later(request, 503, refused.getMessage())
                    : HttpAnswer.problem(request, refused.status(), refused.getMessage());
        }
        LOG.warn("a request could not be processed: {}", failure.getClass().getSimpleName());
        LOG.debug("a request could not be processed", failure);
        return HttpAnswer.later(request, 503, "The keys may not have been stored: send them again");
    }

    /** Requests that wait are answered before the connections are closed. */
    @Override
    public void close() {
        CompletableFuture<Void> answered = new CompletableFuture<>();
        vertx.runOnContext(now -> answers.close().onComplete(sent -> answered.complete(null)));
        answered.completeOnTimeout(null, LAST_ANSWERS.toMillis(), TimeUnit.MILLISECONDS)
                .join();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
