package de.contactsync.messaging.http;

import de.contactsync.messaging.MessageValidator;
import de.contactsync.routes.RouteFailures;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.component.platform.http.spi.PlatformHttpConsumer;
import org.apache.camel.component.platform.http.spi.PlatformHttpEngine;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpConsumer;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.support.service.ServiceSupport;

/**
 * Routes of the user that begin with {@code platform-http:}, behind the token of {@link KeyHttpServer}. Camel's own
 * engine would put them on the status port, or on an open one.
 */
public final class PlatformHttpRoutes extends ServiceSupport implements PlatformHttpEngine {

    /** What Camel looks up in its registry. */
    public static final String BEAN = "platform-http-engine";

    /** Four of them are worked on at a time, the others wait; more would fill the memory while a route hangs. */
    static final int MOST_IN_HAND = 32;

    private final int port;
    private final RouteFailures failures;
    private final VertxPlatformHttpRouter router;
    private final AtomicInteger inHand = new AtomicInteger();

    PlatformHttpRoutes(Vertx vertx, int port, RouteFailures failures) {
        this.port = port;
        this.failures = failures;
        this.router = new VertxPlatformHttpRouter(null, vertx, Router.router(vertx), routerName());
        router.route().handler(PlatformHttpRoutes::guard);
        router.errorHandler(404, missing -> HttpAnswer.problem(missing.request(), 404, "No route serves this path"));
        router.errorHandler(405, wrong -> HttpAnswer.problem(wrong.request(), 405, "The route takes another method"));
        router.errorHandler(
                500, failed -> HttpAnswer.problem(failed.request(), 500, "The route failed: the log says why"));
    }

    /** The other bean that Camel looks up. */
    public String routerName() {
        return VertxPlatformHttpRouter.getRouterNameFromPort(port);
    }

    public VertxPlatformHttpRouter router() {
        return router;
    }

    void handle(HttpServerRequest request) {
        router.handle(request);
    }

    /** What is read is in memory: Camel's handler has no limit, and writes parts of forms into files. */
    private static void guard(RoutingContext request) {
        String type = request.request().getHeader("Content-Type");
        String length = request.request().getHeader("Content-Length");
        boolean body = length != null || request.request().getHeader("Transfer-Encoding") != null;
        if (type != null && type.regionMatches(true, 0, "multipart/", 0, 10)) {
            HttpAnswer.problem(request.request(), 415, "Multipart forms are not supported");
        } else if (body && length == null) {
            HttpAnswer.problem(request.request(), 411, "Send a Content-Length");
        } else if (LimitedBody.isLarger(length)) {
            HttpAnswer.problem(request.request(), 413, "More than " + MessageValidator.LARGEST + " bytes");
        } else {
            // Otherwise the token would be a header of the message, and of what the route calls.
            request.request().headers().remove("Authorization");
            request.next();
        }
    }

    @Override
    public PlatformHttpConsumer createConsumer(PlatformHttpEndpoint endpoint, Processor processor) {
        return new Consumer(endpoint, new OwnAnswer(processor, failures));
    }

    /**
     * @param uri of an endpoint of whatever component
     * @throws IllegalArgumentException where requests would never reach a route that begins with it
     */
    public static void requireFree(String uri) {
        String path = uri.replaceFirst("[?].*", "").replaceFirst("^platform-http:/*", "/");
        if (KeyHttpServer.OWN_PATHS.contains(path)) {
            throw new IllegalArgumentException(
                    "platform-http:" + path + " is a path of the program itself: give the route another one");
        }
    }

    private final class Consumer extends VertxPlatformHttpConsumer {

        Consumer(PlatformHttpEndpoint endpoint, Processor processor) {
            super(endpoint, processor, List.of(), routerName());
        }

        @Override
        protected void handleRequest(RoutingContext request) {
            // The handler of bodies has said "100 Continue" where there is one; then the body is there.
            if (!request.request().isEnded()) {
                HttpAnswer.goOn(request.request());
            }
            request.request().headers().remove("Expect");
            if (inHand.get() < MOST_IN_HAND) {
                super.handleRequest(request);
                return;
            }
            failures.note(
                    "The routes that begin with platform-http",
                    "have " + MOST_IN_HAND + " requests in hand, and further ones are put off: is one of them slow?");
            HttpAnswer.later(request.request(), 503, "The routes are busy: send it again");
        }

        @Override
        public Exchange createExchange(boolean autoRelease) {
            inHand.incrementAndGet();
            return super.createExchange(autoRelease);
        }

        @Override
        public void releaseExchange(Exchange exchange, boolean autoRelease) {
            inHand.decrementAndGet();
            super.releaseExchange(exchange, autoRelease);
        }
    }

    @Override
    public int getServerPort() {
        return port;
    }
}
