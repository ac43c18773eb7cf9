package de.contactsync.http;

import de.contactsync.tracing.Step;
import de.contactsync.tracing.Traces;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.camel.component.http.HttpClientConfigurer;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.ChainElement;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.io.HttpClientConnectionManager;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.util.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes an HttpClient that calls one server only, which can neither stall it nor fill its memory. For Camel's
 * http component: {@code httpClientConfigurer=#name}. Thread-safe; one guard may configure several clients.
 * <ul>
 * <li>Another scheme, host or port is refused before anything is sent, unless it is https to a host of a domain that is
 *     allowed as well: {@link ForeignHostException}.
 * <li>A body of more than {@code maxBodyBytes} after decompression: {@link ResponseTooLargeException}. So keep
 *     HttpClient's own decompression on; Camel's comes after this count.
 * <li>A call that has not ended after {@code deadline}, with everything from the wait for a connection over a dripping
 *     status line to the last byte of the body: {@link CallDeadlineExceededException}, at most a tenth late. Socket
 *     and response timeouts are per read and cannot do that.
 * <li>No redirects, retries, cookies or logins (but the one at a proxy): a retry or a redirect that the
 *     caller does not see has no place in its budget and takes the token along.
 * </ul>
 *
 * <p>Deadlines are kept by one daemon thread that looks over all calls in flight a few times a second: a timer per
 * call would cost more than the call's own work at 20,000 calls a second.
 */
public final class HttpGuard implements HttpClientConfigurer, AutoCloseable {

    /** Longest line of an answer's head, in bytes, and most header fields: HttpClient itself sets no limit. */
    private static final int MAX_HEAD_LINE = 16 * 1024;

    private static final int MAX_HEAD_FIELDS = 200;

    private static final String CONNECTED = "http-guard.connected";

    private static final Logger LOG = LoggerFactory.getLogger(HttpGuard.class);

    private final String scheme;
    private final String host;
    private final int port;
    private final Set<String> domains;
    private final long maxBodyBytes;
    private final Duration deadline;
    private final Network network;
    private final Set<CallLimits> inFlight = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService sweeper;

    /**
     * @param allowedOrigin absolute http or https address; only its scheme, host and port count
     * @param domains       in lower case, whose hosts may be called too, with https at its usual port
     * @param maxBodyBytes  of an answer, after decompression
     * @param deadline      of a call as a whole
     * @param network       the way to the server; through a proxy, too, no other server is called
     */
    public HttpGuard(URI allowedOrigin, Set<String> domains, long maxBodyBytes, Duration deadline, Network network) {
        if (allowedOrigin.getScheme() == null || allowedOrigin.getHost() == null) {
            throw new IllegalArgumentException("not an absolute http address: " + allowedOrigin);
        }
        this.scheme = allowedOrigin.getScheme().toLowerCase(Locale.ROOT);
        this.host = unbracketed(allowedOrigin.getHost());
        this.port = port(allowedOrigin.getPort(), scheme);
        this.domains = Set.copyOf(domains);
        this.maxBodyBytes = maxBodyBytes;
        this.deadline = deadline;
        this.network = network;
        this.sweeper = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "http-guard-" + host);
            thread.setDaemon(true);
            return thread;
        });
        long pause = Math.max(5, Math.min(250, deadline.toMillis() / 20));
        sweeper.scheduleWithFixedDelay(this::sweep, pause, pause, TimeUnit.MILLISECONDS);
    }

    @Override
    public void configureHttpClient(HttpClientBuilder builder) {
        builder.disableAutomaticRetries()
                .disableRedirectHandling()
                .disableCookieManagement()
                .disableAuthCaching()
                .disableConnectionState()
                .addExecInterceptorFirst("http-guard", this::execute)
                .addExecInterceptorAfter(ChainElement.CONNECT.name(), "http-guard-connected", HttpGuard::connected);
        network.configure(builder);
    }

    /**
     * The connections of a client that a guard watches over, which a client's builder cannot set up:
     * {@link #boundedHeads}, and TLS with the certificates that are trusted. Camel's own would hold a status line or a
     * header of any length in memory. Closed by the first client that is closed.
     *
     * @param guard asked for when a connection is made
     */
    public static HttpClientConnectionManager pool(
            Supplier<HttpGuard> guard, Duration connectTimeout, Duration responseTimeout, int connectionsAtMost) {
        return PoolingHttpClientConnectionManagerBuilder.create()
                .setConnectionFactory(boundedHeads())
                .setTlsSocketStrategy((socket, target, port, attachment, context) ->
                        guard.get().network.tls().upgrade(socket, target, port, attachment, context))
                .setDefaultConnectionConfig(ConnectionConfig.custom()
                        .setConnectTimeout(Timeout.of(connectTimeout))
                        .setSocketTimeout(Timeout.of(responseTimeout))
                        .build())
                .setMaxConnPerRoute(connectionsAtMost)
                .setMaxConnTotal(connectionsAtMost)
                .build();
    }

    /**
     * Connections that refuse an endless status line or header, which would fill the memory long before the deadline.
     */
    static ManagedHttpClientConnectionFactory boundedHeads() {
        return ManagedHttpClientConnectionFactory.builder()
                .http1Config(Http1Config.custom()
                        .setMaxLineLength(MAX_HEAD_LINE)
                        .setMaxHeaderCount(MAX_HEAD_FIELDS)
                        .build())
                .build();
    }

    private ClassicHttpResponse execute(ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
            throws IOException, HttpException {
        HttpHost server = scope.route.getTargetHost();
        requireAllowed(server);
        try (Step step = Traces.call(request.getMethod(), server.getHostName(), server.getPort(), request::setHeader)) {
            try {
                ClassicHttpResponse response = guarded(request, scope, chain);
                step.answered(response.getCode());
                return response;
            } catch (IOException | HttpException | RuntimeException e) {
                step.failed(e);
                throw e;
            }
        }
    }

    private ClassicHttpResponse guarded(ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
            throws IOException, HttpException {
        CallLimits call = new CallLimits(scope, deadline, System.nanoTime());
        inFlight.add(call);
        boolean bodyToCome = false;
        try {
            ClassicHttpResponse response = chain.proceed(request, scope);
            call.headReceived();
            if (scope.route.isTunnelled() && !scope.exchangeId.equals(scope.clientContext.getAttribute(CONNECTED))) {
                call.discard();
                throw new ProxyRefusedException(response.getCode());
            }
            bodyToCome = guardBody(response, call);
            return response;
        } catch (IOException | HttpException | RuntimeException e) {
            if (call.isLate(System.nanoTime()) && !(e instanceof CallDeadlineExceededException)) {
                throw call.late(e);
            }
            if (scope.route.getProxyHost() != null && e instanceof IOException failure && isUnreachable(failure)) {
                throw new ProxyRefusedException(scope.route.getProxyHost(), failure);
            }
            throw e;
        } finally {
            if (!bodyToCome) {
                inFlight.remove(call);
            }
        }
    }

    /** Where a proxy stands between, it alone is connected to. */
    private static boolean isUnreachable(IOException e) {
        return e instanceof ConnectException
                || e instanceof NoRouteToHostException
                || e instanceof UnknownHostException
                || e instanceof ConnectTimeoutException;
    }

    /**
     * HttpClient hands on what a proxy answers when it does not connect us as if the server had said it. The server was
     * only asked if the call came as far as here.
     */
    private static ClassicHttpResponse connected(ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
            throws IOException, HttpException {
        scope.clientContext.setAttribute(CONNECTED, scope.exchangeId);
        return chain.proceed(request, scope);
    }

    /** @return whether the call continues, in the body */
    private boolean guardBody(ClassicHttpResponse response, CallLimits call) throws IOException {
        if (call.isLate(System.nanoTime())) {
            call.discard();
            throw call.late(null);
        }
        HttpEntity entity = response.getEntity();
        if (entity == null || !entity.isStreaming()) {
            return false;
        }
        if (entity.getContentLength() > maxBodyBytes) {
            call.discard();
            throw call.tooLarge(maxBodyBytes);
        }
        response.setEntity(new LimitedEntity(entity, call, maxBodyBytes, inFlight::remove));
        return true;
    }

    private void requireAllowed(HttpHost target) throws ForeignHostException {
        String name = unbracketed(target.getHostName());
        int at = port(target.getPort(), target.getSchemeName());
        boolean same = target.getSchemeName().equalsIgnoreCase(scheme) && name.equals(host) && at == port;
        boolean related = target.getSchemeName().equalsIgnoreCase("https")
                && at == 443
                && domains.stream().anyMatch(domain -> name.endsWith("." + domain));
        if (!same && !related) {
            throw new ForeignHostException("refused to call " + target + ", only " + scheme + "://" + host + ":" + port
                    + (domains.isEmpty()
                            ? " is"
                            : " and https to " + String.join(", ", new TreeSet<>(domains)) + " are")
                    + " allowed here");
        }
    }

    private static String unbracketed(String hostName) {
        String lower = hostName.toLowerCase(Locale.ROOT);
        return lower.startsWith("[") ? lower.substring(1, lower.length() - 1) : lower;
    }

    private static int port(int port, String scheme) {
        return port >= 0 ? port : "https".equalsIgnoreCase(scheme) ? 443 : 80;
    }

    private void sweep() {
        long now = System.nanoTime();
        for (CallLimits call : inFlight) {
            if (call.isLate(now)) {
                try {
                    if (call.expire()) {
                        inFlight.remove(call);
                    }
                } catch (RuntimeException e) {
                    // One call that cannot be closed must not end the watch over all others.
                    LOG.warn("A call to {} could not be cut off at its deadline", host, e);
                }
            }
        }
    }

    /** Calls in flight, bodies still being read included. */
    public int inFlight() {
        return inFlight.size();
    }

    /** Ends the watch. Close the clients first: the deadline of a call still in flight holds in its body only. */
    @Override
    public void close() {
        sweeper.shutdownNow();
    }
}
