package de.contactsync.simulator;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;

/** An HTTP server on one port of this machine, with one thread. */
final class LocalServer implements AutoCloseable {

    /** As Salesforce has it: https://help.salesforce.com/s/articleView?id=000386264 */
    private static final int LONGEST_URL = 16_384;

    private final Vertx vertx;
    private final int port;

    private LocalServer(Vertx vertx, int port) {
        this.vertx = vertx;
        this.port = port;
    }

    /**
     * Starts and waits until calls are taken.
     *
     * @param name    for messages
     * @param port    0 for a free one
     * @param latency before each answer
     * @throws UncheckedIOException when the port is taken
     */
    static LocalServer start(
            String name, int port, Duration latency, BiFunction<HttpServerRequest, Buffer, BufferedResponse> answer) {
        Vertx vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setUseDaemonThread(true)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
        try {
            return new LocalServer(
                    vertx,
                    vertx.createHttpServer(new HttpServerOptions()
                                    .setHttp2ClearTextEnabled(false)
                                    .setMaxInitialLineLength(LONGEST_URL))
                            .requestHandler(request -> request.body()
                                    .onSuccess(body -> send(vertx, latency, request, answer.apply(request, body))))
                            .listen(port, "127.0.0.1")
                            .toCompletionStage()
                            .toCompletableFuture()
                            .get(30, TimeUnit.SECONDS)
                            .actualPort());
        } catch (ExecutionException e) {
            vertx.close();
            throw new UncheckedIOException(new IOException("the " + name + " simulator cannot listen on port " + port
                    + ": " + e.getCause().getMessage()));
        } catch (TimeoutException e) {
            throw new IllegalStateException("the " + name + " simulator did not start within 30 s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static void send(Vertx vertx, Duration latency, HttpServerRequest request, BufferedResponse response) {
        if (latency.toMillis() == 0) {
            response.send(request);
        } else {
            vertx.setTimer(latency.toMillis(), timer -> {
                if (!request.response().closed()) {
                    response.send(request);
                }
            });
        }
    }

    int port() {
        return port;
    }

    @Override
    public void close() {
        try {
            vertx.close().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("the simulator did not end properly", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
