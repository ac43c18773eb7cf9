package de.contactsync.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import de.contactsync.model.ProcessingHaltedException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** Takes the browser that a login sends back to a loopback port of this machine (RFC 8252, section 7.3). */
final class LoginListener implements AutoCloseable {

    private final HttpServer server;
    private final URI redirectUri;
    private final BlockingQueue<URI> answers = new ArrayBlockingQueue<>(1);

    private LoginListener(HttpServer server, URI redirectUri) {
        this.server = server;
        this.redirectUri = redirectUri;
    }

    /**
     * @param redirectUri http, of this machine; without a port any free one is taken
     * @throws ProcessingHaltedException when the port is taken
     */
    static LoginListener open(URI redirectUri) {
        int port = Math.max(0, redirectUri.getPort());
        try {
            InetAddress host = InetAddress.getByName(redirectUri.getHost());
            HttpServer server = HttpServer.create(new InetSocketAddress(host, port), 0);
            URI actual = port > 0
                    ? redirectUri
                    : URI.create("http://" + redirectUri.getHost() + ":"
                            + server.getAddress().getPort() + redirectUri.getRawPath());
            return new LoginListener(server, actual);
        } catch (IOException e) {
            throw new ProcessingHaltedException(
                    "Port " + port + " of jtl.oauth.redirect-uri cannot be opened (" + e.getMessage()
                            + "): stop the program that uses it, or register another redirect URI of this machine for"
                            + " the app and set it; login --no-browser needs no port",
                    e);
        }
    }

    /** With the port that it listens on. */
    URI redirectUri() {
        return redirectUri;
    }

    /** @param ours whether an address answers this login; others are turned away */
    void start(Predicate<URI> ours) {
        server.createContext("/", exchange -> answer(exchange, ours));
        server.start();
    }

    private void answer(HttpExchange exchange, Predicate<URI> ours) throws IOException {
        URI asked = exchange.getRequestURI();
        String path = redirectUri.getRawPath().isEmpty() ? "/" : redirectUri.getRawPath();
        boolean isAnswer =
                exchange.getRequestMethod().equals("GET") && asked.getRawPath().equals(path);
        URI whole = URI.create(redirectUri + (asked.getRawQuery() == null ? "" : "?" + asked.getRawQuery()));
        boolean taken = isAnswer && ours.test(whole) && answers.offer(whole);
        String text = taken
                ? "You can close this window and return to the terminal."
                : isAnswer ? "This request does not belong to the login in progress." : "Not found.";
        byte[] page = ("<!DOCTYPE html><html><head><meta charset=\"utf-8\"><title>JTL contact sync</title></head><body>"
                        + "<p>" + text + "</p></body></html>")
                .getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/html; charset=utf-8");
        exchange.getResponseHeaders().set("Referrer-Policy", "no-referrer");
        exchange.getResponseHeaders().set("Cache-Control", "no-store");
        exchange.sendResponseHeaders(taken ? 200 : isAnswer ? 400 : 404, page.length);
        exchange.getResponseBody().write(page);
        exchange.close();
    }

    /** Empty when nobody came. */
    Optional<URI> await(Duration patience) throws InterruptedException {
        return Optional.ofNullable(answers.poll(patience.toMillis(), TimeUnit.MILLISECONDS));
    }

    @Override
    public void close() {
        // The page of the one who came is being sent.
        server.stop(1);
    }
}
