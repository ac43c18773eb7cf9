package de.contactsync.observability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import com.sun.net.httpserver.HttpServer;
import de.contactsync.CapturedLog;
import de.contactsync.config.AlertSettings;
import de.contactsync.http.FaultServer;
import de.contactsync.http.Network;
import de.contactsync.outbox.Alert;
import de.contactsync.outbox.Alerts;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.MimeMessage;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Alerts by settings alone: mail to a real SMTP server, and a webhook. */
class AlertReceiversTest {

    private static final Map<String, Object> ALERT = Alerts.event(
            new Alert("run-halted", "run 7", Alert.Severity.ERROR, "The run of \"Kündigungen.csv\"\nhas halted."),
            Instant.parse("2026-03-01T10:00:00Z"));

    private final GreenMail smtp = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
    private final List<String> posted = new ArrayList<>();
    private HttpServer web;
    private int status = 200;

    @BeforeEach
    void start() throws Exception {
        smtp.start();
        web = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        web.createContext("/", exchange -> {
            posted.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " "
                    + exchange.getRequestHeaders().getFirst("Content-Type") + " "
                    + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            exchange.sendResponseHeaders(status, -1);
            exchange.close();
        });
        web.start();
    }

    @AfterEach
    void stop() {
        smtp.stop();
        web.stop(0);
    }

    private AlertMail mail(AlertSettings.Tls tls, String username, String password) {
        return mail(smtp.getSmtp().getPort(), tls, username, password);
    }

    private static AlertMail mail(int port, AlertSettings.Tls tls, String username, String password) {
        return new AlertMail(
                new AlertSettings.Mail(
                        List.of("office@example.com", "boss@example.com"),
                        "sync@example.com",
                        "127.0.0.1",
                        port,
                        tls,
                        username,
                        password),
                Network.DIRECT);
    }

    private AlertWebhook webhook() {
        return new AlertWebhook(
                URI.create("http://127.0.0.1:" + web.getAddress().getPort() + "/hook?key=secret"), Network.DIRECT);
    }

    @Test
    void a_mail_reaches_each_address_with_severity_and_text() throws Exception {
        smtp.setUser("sync", "sync", "pa ss");

        mail(AlertSettings.Tls.NONE, "sync", "pa ss").take(ALERT);

        MimeMessage[] received = smtp.getReceivedMessages();
        assertThat(received).hasSize(2);
        assertThat(received[0].getSubject())
                .isEqualTo("[error] jtl-contact-sync: The run of \"Kündigungen.csv\" has halted.");
        assertThat((String) received[0].getContent()).contains("Kündigungen.csv", "2026-03-01T10:00:00Z");
        assertThat(received[0].getRecipients(Message.RecipientType.TO)).hasSize(2);
        assertThat(received[0].getHeader("Auto-Submitted")).containsExactly("auto-generated");
    }

    /** Once, nobody got any alert while one address was gone, and a server that did not answer QUIT got each mail again. */
    @Test
    @Timeout(15)
    void a_refused_address_costs_no_other_and_the_reply_to_quit_is_not_awaited() throws Exception {
        try (ScriptedSmtpServer server = new ScriptedSmtpServer("boss@example.com");
                CapturedLog log = new CapturedLog("de.contactsync.observability.AlertMail")) {
            mail(server.port(), AlertSettings.Tls.NONE, null, null).take(ALERT);

            assertThat(server.lines()).contains("DATA", ".");
            assertThat(log.lines()).singleElement().asString().contains("WARN", "boss@example.com");
        }
    }

    @Test
    void where_all_addresses_are_refused_the_alert_waits() throws Exception {
        try (ScriptedSmtpServer server = new ScriptedSmtpServer("example.com")) {
            assertThatThrownBy(() -> mail(server.port(), AlertSettings.Tls.NONE, null, null)
                            .take(ALERT))
                    .isInstanceOf(MessagingException.class);
            assertThat(server.lines()).doesNotContain("DATA");
        }
    }

    /** Sent in the clear, password and text could be read on the way, without anybody noticing. */
    @Test
    void no_mail_and_no_password_goes_out_in_the_clear_where_tls_is_asked_for() {
        smtp.setUser("sync", "sync", "password");

        assertThatThrownBy(() ->
                        mail(AlertSettings.Tls.STARTTLS, "sync", "password").take(ALERT))
                .hasMessageContaining("STARTTLS");
        assertThat(smtp.getReceivedMessages()).isEmpty();
    }

    @Test
    void a_webhook_gets_an_object_whose_text_chats_show() throws Exception {
        try (AlertWebhook webhook = webhook()) {
            webhook.take(ALERT);
        }

        assertThat(posted)
                .singleElement()
                .asString()
                .startsWith("POST /hook?key=secret application/json")
                .contains("\"text\":\"The run of \\\"Kündigungen.csv\\\"\\nhas halted.\"", "\"severity\":\"error\"");
    }

    @Test
    void an_answer_other_than_success_is_a_failure_that_does_not_name_the_address() {
        status = 404;
        try (AlertWebhook webhook = webhook()) {
            assertThatThrownBy(() -> webhook.take(ALERT)).hasMessage("the webhook answers 404");
        }
    }

    /** Once, the chat got the same alert every two seconds; later, the next alert waited 20 s for the rest. */
    @ParameterizedTest
    @Timeout(15)
    @ValueSource(strings = {"Content-Length: 100", "Transfer-Encoding: chunked", "Content-Length: 100000"})
    void a_success_that_breaks_off_or_is_long_is_one(String header) throws Exception {
        String body = header.endsWith("100000") ? "x".repeat(100_000) : "x";
        try (FaultServer server = FaultServer.answering("HTTP/1.1 200 OK\r\n" + header + "\r\n\r\n" + body);
                AlertWebhook webhook = new AlertWebhook(server.uri("/hook"), Network.DIRECT)) {
            webhook.take(ALERT);

            assertThat(server.heads).hasSize(1);
        }
    }

    @Test
    void settings_do_not_show_webhook_or_password() {
        AlertSettings settings = new AlertSettings(
                new AlertSettings.Mail(
                        List.of("a@example.com"), "a@example.com", "h", 25, AlertSettings.Tls.NONE, "u", "canary"),
                URI.create("https://example.com/canary"),
                Duration.ZERO,
                null,
                0);

        assertThat(settings + " " + settings.mail()).doesNotContain("canary");
    }
}
