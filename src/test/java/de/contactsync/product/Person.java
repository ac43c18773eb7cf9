package de.contactsync.product;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Whoever sits before a browser while {@code login} waits, and consents. */
public final class Person {

    private final HttpClient browser = HttpClient.newHttpClient();

    public HttpResponse<String> get(String address) throws IOException, InterruptedException {
        return browser.send(HttpRequest.newBuilder(URI.create(address)).build(), HttpResponse.BodyHandlers.ofString());
    }

    /** The address that the login page sends the browser back to, as soon as the command has printed that page's. */
    public String consent(RunningProduct login) throws IOException, InterruptedException {
        await().atMost(Duration.ofMinutes(1)).until(() -> login.stdout().contains("code_challenge"));
        String address = login.out().stream()
                .filter(line -> line.startsWith("http"))
                .findFirst()
                .orElseThrow();
        return get(address + "&consent=yes").headers().firstValue("Location").orElseThrow();
    }

    /** From the command to its end. */
    public RunningProduct logIn(Product product, String... more) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("login", "--wait", "1m"));
        command.addAll(List.of(more));
        RunningProduct login = product.start(command.toArray());
        String redirect = consent(login);
        try {
            get(redirect);
        } catch (IOException e) {
            // The command may be made to end while it answers.
        }
        login.exitCode();
        return login;
    }
}
