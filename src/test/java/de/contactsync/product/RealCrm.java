package de.contactsync.product;

import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import de.contactsync.FreePort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/**
 * A CRM that others have written, in a process of its own on this machine, with the settings of
 * {@code examples/crm-rest} for it. The product reaches it by way of a {@link CallRecorder}.
 */
abstract class RealCrm implements AutoCloseable {

    static final ObjectMapper JSON = new ObjectMapper();

    private static final Duration LONG = Duration.ofMinutes(10);

    /**
     * A contact there.
     *
     * @param key   id of the contact at JTL
     * @param name  first name and last name
     * @param there whether it is not flagged as gone
     */
    record Entry(String id, String key, String name, boolean there) {}

    final Path folder;
    final int port = FreePort.next();
    final CallRecorder calls = new CallRecorder("http://127.0.0.1:" + port);

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private Process process;

    RealCrm(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder);
    }

    /** Skips the tests where one is not set, and says so. */
    static void require(boolean condition, String remedy) {
        if (!condition) {
            System.out.println("Skipped: " + remedy);
        }
        assumeThat(condition).as(remedy).isTrue();
    }

    /** With the profile alone: other runs must not take minutes where such a server happens to be installed. */
    static void requireProfile() {
        require(
                System.getProperty("realcrm") != null,
                "CRMs of others are tried by ./mvnw verify -Prealcrm, see CONTRIBUTING.md");
    }

    /** The command that serves until it is ended. */
    abstract ProcessBuilder server();

    abstract boolean isReady() throws IOException;

    /** Whatever contacts there are. */
    abstract List<Entry> entries() throws IOException;

    /** As people do by hand. */
    abstract void rename(String id, String name) throws IOException;

    /** As people do by hand. */
    abstract void delete(String id) throws IOException;

    abstract boolean isCreate(CallRecorder.Call call);

    /** Of contacts or of what belongs to them. */
    abstract boolean isWrite(CallRecorder.Call call);

    /** The id of the contact that a call updates; null for other calls. */
    abstract String updated(CallRecorder.Call call);

    abstract String example();

    /** @param product with the example's files in its folder */
    abstract Product configure(Product product);

    /** What the files of the example name by placeholders. */
    abstract UnaryOperator<String> filled();

    final Product product(Path home) throws IOException {
        Path example = Path.of("examples/crm-rest", example());
        Files.createDirectories(home.resolve("mapping"));
        for (String file : List.of("application.properties", "mapping/rest.yaml")) {
            Files.writeString(home.resolve(file), filled().apply(Files.readString(example.resolve(file))));
        }
        return configure(Product.in(home).with("contacts.crm.base-url", calls.baseUrl()));
    }

    final void start() {
        try {
            process = server().directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        await().alias(example() + ", see " + log())
                .atMost(LONG)
                .pollInterval(Duration.ofMillis(300))
                .until(() -> {
                    if (!process.isAlive()) {
                        throw new AssertionError(Files.readString(log()));
                    }
                    try {
                        return isReady();
                    } catch (IOException e) {
                        return false;
                    }
                });
    }

    final void stop() {
        if (process == null) {
            return;
        }
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /** Runs a command that prepares the server, to its end. */
    final void run(ProcessBuilder command) throws IOException, InterruptedException {
        Process run = command.directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
                .start();
        if (!run.waitFor(LONG.toMinutes(), TimeUnit.MINUTES) || run.exitValue() != 0) {
            run.destroyForcibly();
            throw new AssertionError(command.command() + ":\n" + Files.readString(log()));
        }
    }

    private Path log() {
        return folder.resolve("server.log");
    }

    /**
     * Past the recorder.
     *
     * @param body          null for none
     * @param authorization null for none
     */
    final JsonNode call(String method, String path, String authorization, Object body) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .header("Content-Type", "application/json")
                .method(
                        method,
                        body == null
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body)));
        if (authorization != null) {
            request.header("Authorization", authorization);
        }
        try {
            HttpResponse<String> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() / 100 != 2) {
                throw new IOException(method + " " + path + ": " + answer.statusCode() + " " + answer.body());
            }
            return JSON.readTree(answer.body());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    @Override
    public void close() {
        stop();
        calls.close();
    }
}
