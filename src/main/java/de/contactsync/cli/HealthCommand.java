package de.contactsync.cli;

import de.contactsync.app.ExitCode;
import de.contactsync.config.Settings;
import de.contactsync.config.StatusSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** For images and scripts without an HTTP client of their own. */
@Command(
        name = "health",
        description = "Queries the status port of the program that runs here with the same settings. Changes nothing.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class)
final class HealthCommand implements Callable<Integer> {

    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    @Option(
            names = "--ready",
            description = "Also check whether the program can work: whether its sources, its database and JTL are"
                    + " available.")
    private boolean ready;

    @Override
    public Integer call() throws InterruptedException {
        StatusSettings status = Settings.loadWithoutCredentials().status().orElse(null);
        if (status == null) {
            System.err.println("The status port cannot be queried: contacts.status.port is off");
            return ExitCode.USAGE;
        }
        try {
            HttpResponse<String> answer = HttpClient.newBuilder()
                    .connectTimeout(TIMEOUT)
                    .proxy(HttpClient.Builder.NO_PROXY)
                    .build()
                    .send(
                            HttpRequest.newBuilder(address(status))
                                    .timeout(TIMEOUT)
                                    .build(),
                            BodyHandlers.ofString());
            System.out.println(answer.body());
            return answer.statusCode() == 200 ? ExitCode.ALL_STORED : ExitCode.HALTED;
        } catch (IOException | URISyntaxException e) {
            System.err.println(
                    "No program answers on " + status + (e.getMessage() == null ? "" : ": " + e.getMessage()));
            return ExitCode.HALTED;
        }
    }

    /** A server that listens on all addresses (0.0.0.0) is asked on this machine's own. */
    private URI address(StatusSettings status) throws IOException, URISyntaxException {
        InetAddress listens = InetAddress.getByName(status.host());
        String host =
                listens.isAnyLocalAddress() ? InetAddress.getLoopbackAddress().getHostAddress() : status.host();
        return new URI("http", null, host, status.port(), "/observe/health/" + (ready ? "ready" : "live"), null, null);
    }
}
