package de.contactsync.messaging.http;

import de.contactsync.messaging.ConsumerLifecycle;
import de.contactsync.messaging.KeyResult;
import de.contactsync.messaging.MessageValidator;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.TenantNames;
import de.contactsync.routes.RouteFailures;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code POST /contact-keys}: keys are stored, and then the sender is told so with 202. What is wrong with a request is
 * told as RFC 9457 has it. {@code GET /openapi.json} describes it.
 *
 * @see <a href="https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/">Idempotency-Key</a>
 */
public final class KeyHttpServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(KeyHttpServer.class);

    static final String PATH = "/contact-keys";
    private static final String DESCRIPTION = "/openapi.json";

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);
    /** Between two looks for what came of a request that came again. */
    private static final Duration LOOK = Duration.ofMillis(200);

    private static final int IDLE_SECONDS = 75;
    private static final int LONGEST_KEY = 255;
    private static final int MOST_CONNECTIONS_WAITING = 1_000;
    private static final Pattern WAIT = Pattern.compile("(\\d{1,5})(ms|s)");

    private final HttpSourceSettings settings;
    private final ReceivedKeys keys;
    private final KeyRequestParser parser;
    private final ConsumerLifecycle lifecycle;
    private final RateLimit rate;
    private final byte[] description;
    private final Vertx vertx;
    /** Not those of the routes of the user, which may all hang. */
    private final WorkerExecutor writers;

    private final PlatformHttpRoutes routes;
    private int waiting;

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
        this.settings = settings;
        this.keys = keys;
        this.parser = new KeyRequestParser(tenants);
        this.lifecycle = lifecycle;
        this.rate = new RateLimit(settings.rate(), System::nanoTime);
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
        this.writers = vertx.createSharedWorkerExecutor("received-keys", 4);
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
        if (DESCRIPTION.equals(request.path())) {
            if (isMethod(request, HttpMethod.GET)) {
                request.response().putHeader("Content-Type", "application/json").end(Buffer.buffer(description));
            }
        } else if (!isAuthorized(request.getHeader("Authorization"))) {
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

    private boolean isMethod(HttpServerRequest request, HttpMethod method) {
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
        Boolean lines = isLines(request.getHeader("Content-Type"));
        Duration wait = wait(request);
        String idempotencyKey = request.getHeader("Idempotency-Key");
        if (lines == null) {
            HttpAnswer.problem(
                    request, 415, "Use Content-Type application/json, or application/x-ndjson for a key in each line");
        } else if (wait == null) {
            HttpAnswer.problem(
                    request, 400, "wait is a duration such as 5s, at most " + LONGEST_WAIT.toSeconds() + "s");
        } else if (idempotencyKey != null && (idempotencyKey.isBlank() || idempotencyKey.length() > LONGEST_KEY)) {
            HttpAnswer.problem(request, 400, "Idempotency-Key has 1 to " + LONGEST_KEY + " characters");
        } else if (!lifecycle.isRunning() || keys.isAway()) {
            HttpAnswer.later(request, 503, "Keys cannot be stored now: send them again");
        } else {
            LimitedBody.read(
                    vertx,
                    request,
                    body -> writers.executeBlocking(
                                    () -> {
                                        accept(request, lines, wait, idempotencyKey, body);
                                        return null;
                                    },
                                    false)
                            .onFailure(e -> {
                                LOG.warn(
                                        "a request could not be processed: {}",
                                        e.getClass().getSimpleName());
                                LOG.debug("a request could not be worked on", e);
                                HttpAnswer.later(request, 503, "The keys may not have been stored: send them again");
                            }));
        }
    }

    /** On a thread that may wait for the database. */
    private void accept(HttpServerRequest request, boolean lines, Duration wait, String idempotencyKey, byte[] body) {
        List<KeyEntry> entries;
        try {
            if (!lines) {
                KeyRequestParser.requireJson(body);
            }
            entries = parser.read(lines, body);
        } catch (IllegalArgumentException e) {
            HttpAnswer.problem(request, 400, e.getMessage());
            return;
        }
        if (entries.isEmpty()) {
            HttpAnswer.problem(request, 400, KeyRequestParser.NO_KEY);
            return;
        }
        if (entries.size() > KeyRequestParser.MOST_KEYS) {
            HttpAnswer.problem(
                    request, 413, "More than " + KeyRequestParser.MOST_KEYS + " keys: send several requests");
            return;
        }
        if (entries.stream().noneMatch(KeyEntry.Valid.class::isInstance)) {
            HttpAnswer.problem(request, 400, ((KeyEntry.Invalid) entries.get(0)).problem());
            return;
        }
        if (keys.isFull()) {
            HttpAnswer.later(request, 503, "Too many keys wait already: send them again");
            return;
        }
        ReceivedKeys.Receipt receipt;
        try {
            receipt = keys.accept(
                    entries,
                    idempotencyKey == null
                            ? null
                            : MessageValidator.digest(idempotencyKey.getBytes(StandardCharsets.UTF_8), new byte[0]),
                    !wait.isZero());
        } catch (ReceivedKeys.OtherKeysException e) {
            HttpAnswer.problem(request, 422, "This Idempotency-Key was used for other keys: use a new one");
            return;
        }
        vertx.runOnContext(now -> answer(request, receipt, entries, wait));
    }

    /** On the thread that listens. */
    private void answer(
            HttpServerRequest request, ReceivedKeys.Receipt receipt, List<KeyEntry> entries, Duration wait) {
        if (wait.isZero() || waiting >= MOST_CONNECTIONS_WAITING) {
            keys.forgetResults(receipt.requestId());
            accepted(request, receipt);
            return;
        }
        waiting++;
        long ends = System.nanoTime() + wait.toNanos();
        if (receipt.again()) {
            lookForResults(request, receipt, entries, ends);
            return;
        }
        keys.results(receipt.requestId())
                .orTimeout(wait.toMillis(), TimeUnit.MILLISECONDS)
                .whenComplete((results, failure) -> vertx.runOnContext(now -> {
                    keys.forgetResults(receipt.requestId());
                    if (failure == null) {
                        waiting--;
                        HttpAnswer.send(request, 200, "application/json", KeyResult.json(results));
                        return;
                    }
                    if (!(failure instanceof TimeoutException)) {
                        LOG.debug("no results", failure);
                    }
                    // Another process may have worked on some of them.
                    lookForResults(request, receipt, entries, ends);
                }));
    }

    /** Looks into the database every now and then, and once in any case. On the thread that listens. */
    private void lookForResults(
            HttpServerRequest request, ReceivedKeys.Receipt receipt, List<KeyEntry> entries, long ends) {
        writers.executeBlocking(() -> keys.storedResults(receipt.requestId(), entries), false)
                .onComplete(look -> {
                    if (look.succeeded() && look.result().isPresent()) {
                        waiting--;
                        HttpAnswer.send(
                                request,
                                200,
                                "application/json",
                                KeyResult.json(look.result().get()));
                    } else if (look.failed() || System.nanoTime() - ends >= 0) {
                        waiting--;
                        accepted(request, receipt);
                    } else {
                        long left = TimeUnit.NANOSECONDS.toMillis(ends - System.nanoTime());
                        vertx.setTimer(
                                Math.max(1, Math.min(LOOK.toMillis(), left)),
                                due -> lookForResults(request, receipt, entries, ends));
                    }
                });
    }

    private static void accepted(HttpServerRequest request, ReceivedKeys.Receipt receipt) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("requestId", receipt.requestId());
        body.put("keys", receipt.keys());
        body.put("invalid", receipt.invalid());
        HttpAnswer.send(request, 202, "application/json", HttpAnswer.json(body));
    }

    private static Boolean isLines(String contentType) {
        String type = contentType == null
                ? ""
                : contentType.replaceFirst(";.*", "").strip().toLowerCase(Locale.ROOT);
        return KeyRequestParser.JSON.contains(type)
                ? Boolean.FALSE
                : KeyRequestParser.JSON_LINES.contains(type) ? Boolean.TRUE : null;
    }

    /** Null when it is none. */
    private static Duration wait(HttpServerRequest request) {
        String text;
        try {
            text = request.getParam("wait");
        } catch (IllegalArgumentException e) {
            // The query is not percent-encoded as it should be.
            return null;
        }
        if (text == null) {
            return Duration.ZERO;
        }
        Matcher matcher = WAIT.matcher(text);
        if (!matcher.matches()) {
            return null;
        }
        long amount = Long.parseLong(matcher.group(1));
        Duration wait = matcher.group(2).equals("s") ? Duration.ofSeconds(amount) : Duration.ofMillis(amount);
        return wait.compareTo(LONGEST_WAIT) > 0 ? null : wait;
    }

    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
