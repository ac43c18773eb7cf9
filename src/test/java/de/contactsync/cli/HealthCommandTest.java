package de.contactsync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import de.contactsync.FreePort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class HealthCommandTest {

    @AfterEach
    void forget() {
        System.clearProperty("contacts.status.port");
    }

    private static int ask(String port, String... arguments) {
        System.setProperty("contacts.status.port", port);
        return new CommandLine(new HealthCommand()).execute(arguments);
    }

    @Test
    void the_exit_code_says_whether_the_program_lives_and_with_ready_whether_it_can_work() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/observe/health/", request -> {
            byte[] body = "{}".getBytes(StandardCharsets.UTF_8);
            boolean live = request.getRequestURI().getPath().endsWith("/live");
            request.sendResponseHeaders(live ? 200 : 503, body.length);
            request.getResponseBody().write(body);
            request.close();
        });
        server.start();
        String port = String.valueOf(server.getAddress().getPort());
        try {
            assertThat(ask(port)).isZero();
            assertThat(ask(port, "--ready")).isEqualTo(3);
        } finally {
            server.stop(0);
        }
    }

    @Test
    void where_nobody_answers_it_is_not_up_and_without_a_port_nothing_can_be_asked() {
        assertThat(ask(String.valueOf(FreePort.next()))).isEqualTo(3);
        assertThat(ask("off")).isEqualTo(2);
    }
}
