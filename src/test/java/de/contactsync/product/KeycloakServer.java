package de.contactsync.product;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import de.contactsync.FreePort;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A Keycloak in a process of its own, unpacked in the folder that the system property {@code keycloak.home} names, with
 * the realm of {@code keycloak/jtl-realm.json} and Anna before her browser.
 */
final class KeycloakServer implements AutoCloseable {

    private static final Pattern FORM = Pattern.compile("<form[^>]*\\saction=\"([^\"]+)\"");

    private final HttpClient http = HttpClient.newHttpClient();
    private final Map<String, String> cookies = new TreeMap<>();
    private final Process process;
    private final Path log;
    private final String realm;

    private KeycloakServer(Process process, Path log, String realm) {
        this.process = process;
        this.log = log;
        this.realm = realm;
    }

    static KeycloakServer start(Path home, Path log) throws IOException {
        Path realms = Files.createDirectories(home.resolve("data/import"));
        try (InputStream realm = KeycloakServer.class.getResourceAsStream("/keycloak/jtl-realm.json")) {
            Files.copy(realm, realms.resolve("jtl-realm.json"), StandardCopyOption.REPLACE_EXISTING);
        }
        int port = FreePort.next();
        ProcessBuilder builder = new ProcessBuilder(
                        "bash",
                        home.resolve("bin/kc.sh").toString(),
                        "start-dev",
                        "--import-realm",
                        "--db=dev-mem",
                        "--http-host=127.0.0.1",
                        "--http-port=" + port)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("JAVA_OPTS_KC_HEAP", "-Xmx512m");
        KeycloakServer server = new KeycloakServer(builder.start(), log, "http://127.0.0.1:" + port + "/realms/jtl");
        try {
            await().alias("Keycloak, see " + log)
                    .atMost(Duration.ofMinutes(10))
                    .pollInterval(Duration.ofMillis(500))
                    .until(server::answers);
        } catch (RuntimeException e) {
            server.close();
            throw new IllegalStateException(Files.readString(log), e);
        }
        return server;
    }

    private boolean answers() throws InterruptedException {
        try {
            return get(realm + "/.well-known/openid-configuration").statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    /** What it says of itself: OpenID Connect Discovery 1.0. */
    JsonNode discovery() throws Exception {
        return new ObjectMapper()
                .readTree(get(realm + "/.well-known/openid-configuration").body());
    }

    /** Whether it stands by an access token. */
    boolean knows(String authorization) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(realm + "/protocol/openid-connect/userinfo"))
                .header("Authorization", authorization)
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString()).statusCode() == 200;
    }

    HttpResponse<String> get(String address) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(URI.create(address)));
    }

    /** Where Anna's browser is sent back to after she has logged in at the address. */
    String logIn(String address) throws IOException, InterruptedException {
        HttpResponse<String> page = get(address);
        Matcher form = FORM.matcher(page.body());
        if (!form.find()) {
            throw new IllegalStateException("no form: HTTP " + page.statusCode() + " " + page.body());
        }
        HttpResponse<String> answer =
                send(HttpRequest.newBuilder(URI.create(form.group(1).replace("&amp;", "&")))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString("username=anna&password=secret&credentialId=")));
        // The next login is to ask for the password again.
        cookies.clear();
        return answer.headers().firstValue("Location").orElseThrow(() -> new IllegalStateException(answer.body()));
    }

    /** With all cookies: they are for https alone, which for a browser this machine is as good as. */
    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        if (!cookies.isEmpty()) {
            request.header(
                    "Cookie",
                    cookies.entrySet().stream()
                            .map(cookie -> cookie.getKey() + "=" + cookie.getValue())
                            .collect(Collectors.joining("; ")));
        }
        HttpResponse<String> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        for (String cookie : answer.headers().allValues("Set-Cookie")) {
            String[] parts = cookie.split(";", 2)[0].split("=", 2);
            cookies.put(parts[0], parts[1]);
        }
        return answer;
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public String toString() {
        return "Keycloak, see " + log;
    }
}
