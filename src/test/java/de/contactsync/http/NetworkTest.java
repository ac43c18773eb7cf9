package de.contactsync.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import de.contactsync.FreePort;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls by a proxy and to servers with a company's own certificates, made for the tests with keytool. */
@Timeout(60)
class NetworkTest {

    private static final Path TLS = TlsServer.STORES;
    private static final String PASSWORD = TlsServer.PASSWORD;

    @TempDir
    Path folder;

    private static String get(Network network, URI pinned, URI called) throws IOException {
        try (HttpGuard guard = new HttpGuard(pinned, Set.of(), 1_000, Duration.ofSeconds(30), network)) {
            HttpClientBuilder builder = HttpClientBuilder.create()
                    .setConnectionManager(
                            HttpGuard.pool(() -> guard, Duration.ofSeconds(5), Duration.ofSeconds(20), 2));
            guard.configureHttpClient(builder);
            try (CloseableHttpClient client = builder.build()) {
                return client.execute(new HttpGet(called), response -> EntityUtils.toString(response.getEntity()));
            }
        }
    }

    private static String get(Network network, URI uri) throws IOException {
        return get(network, uri, uri);
    }

    private static boolean isUntrusted(URI uri) {
        return NetworkErrors.isUntrusted(catchThrowableOfType(IOException.class, () -> get(Network.DIRECT, uri)));
    }

    private static String failure(Network network, URI uri) {
        IOException failure = catchThrowableOfType(IOException.class, () -> get(network, uri));
        assertThat(failure).as("the call fails").isNotNull();
        return NetworkErrors.describe(failure, "contacts.crm");
    }

    private static TrustedCertificates company() throws IOException {
        return TrustedCertificates.read(TLS.resolve("company-ca.pem"), null);
    }

    private static ForwardProxy proxy(ConnectProxy proxy, String username, String password) {
        return new ForwardProxy("localhost", proxy.port(), username, password, new ProxyBypass("*.direct.test"));
    }

    /** There was no way to have a company's own authority trusted. */
    @ParameterizedTest
    @ValueSource(strings = {"company-ca.pem", "company-ca.p12", "company-ca.jks"})
    void a_company_s_own_authority_is_trusted_beside_those_of_the_jvm(String file) throws Exception {
        TrustedCertificates certificates =
                TrustedCertificates.read(TLS.resolve(file), file.endsWith("pem") ? null : PASSWORD);
        try (TlsServer server = TlsServer.start("server")) {
            assertThat(get(new Network(null, certificates), URI.create("https://localhost:" + server.port())))
                    .isEqualTo("ok");
        }
    }

    /** It said {@code SSLHandshakeException}. */
    @Test
    void a_server_that_is_not_trusted_is_reported_with_its_issuer_and_the_key_to_set() throws Exception {
        try (TlsServer server = TlsServer.start("server")) {
            assertThat(failure(Network.DIRECT, URI.create("https://localhost:" + server.port())))
                    .contains("localhost", "CN=Example Company CA", "contacts.trust-store");
            assertThat(isUntrusted(URI.create("https://localhost:" + server.port())))
                    .isTrue();
        }
        assertThat(isUntrusted(URI.create("https://localhost:" + FreePort.next())))
                .as("nobody there")
                .isFalse();
    }

    @Test
    void a_certificate_that_has_expired_or_is_for_another_name_is_called_so() throws Exception {
        Network network = new Network(null, company());
        try (TlsServer expired = TlsServer.start("expired");
                TlsServer other = TlsServer.start("other-name")) {
            assertThat(failure(network, URI.create("https://localhost:" + expired.port())))
                    .contains("localhost", "expired", "2020-01-31");
            assertThat(failure(network, URI.create("https://localhost:" + other.port())))
                    .contains("shop.company.test", "not for localhost");
        }
    }

    @Test
    void a_server_that_speaks_no_tls_is_called_so() throws Exception {
        try (ServerSocket plain = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            ExecutorService thread = Executors.newSingleThreadExecutor();
            thread.submit(() -> {
                try (Socket client = plain.accept()) {
                    client.getInputStream().read();
                    client.getOutputStream()
                            .write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                    client.getInputStream().transferTo(OutputStream.nullOutputStream());
                }
                return null;
            });
            assertThat(failure(Network.DIRECT, URI.create("https://localhost:" + plain.getLocalPort())))
                    .startsWith("no TLS connection")
                    .contains("check that the address is one for https");
            thread.shutdownNow();
        }
    }

    @Test
    void a_call_goes_by_the_proxy_which_only_connects_and_asks_for_a_password() throws Exception {
        try (TlsServer server = TlsServer.start("server");
                ConnectProxy proxy = new ConnectProxy("clerk", "pass:wörd", server.port(), 0)) {
            Network network = new Network(proxy(proxy, "clerk", "pass:wörd"), company());
            assertThat(get(network, URI.create("https://crm.company.test/x"))).isEqualTo("ok");
            assertThat(proxy.connected).containsExactly("CONNECT crm.company.test:443");

            assertThat(failure(
                            new Network(proxy(proxy, "clerk", "wrong"), company()),
                            URI.create("https://crm.company.test/x")))
                    .contains("407", "contacts.proxy.username")
                    .doesNotContain("wrong");
            assertThat(get(network, URI.create("https://localhost:" + server.port())))
                    .isEqualTo("ok");
            assertThat(proxy.connected).as("this machine is reached without it").hasSize(1);
        }
    }

    /**
     * HttpClient hands the proxy's 404 on as if it were the server's, and so a contact would be one that is not there.
     */
    @ParameterizedTest
    @ValueSource(ints = {403, 404, 502})
    void what_a_proxy_answers_is_never_taken_for_the_server_s_answer(int status) throws Exception {
        try (ConnectProxy proxy = new ConnectProxy(null, null, 1, status)) {
            assertThat(failure(new Network(proxy(proxy, null, null), null), URI.create("https://crm.company.test/x")))
                    .startsWith("the proxy refused to connect with status " + status);
        }
    }

    /** Tinyproxy answers wrong credentials with 401, and it was said that the server is out of reach. */
    @ParameterizedTest
    @ValueSource(ints = {401, 407})
    void a_proxy_that_does_not_take_the_password_names_its_settings(int status) throws Exception {
        try (ConnectProxy proxy = new ConnectProxy(null, null, 1, status)) {
            assertThat(failure(
                            new Network(proxy(proxy, "clerk", "wrong"), null),
                            URI.create("https://crm.company.test/x")))
                    .contains("status " + status, "contacts.proxy.username");
        }
    }

    /** "Read timed out" was all that was said. */
    @Test
    void a_server_that_is_silent_names_the_time_limit_that_it_met() {
        assertThat(NetworkErrors.describe(new SocketTimeoutException("Read timed out"), "contacts.crm"))
                .contains("contacts.crm.response-timeout");
        assertThat(NetworkErrors.describe(new ConnectTimeoutException("Connect to https://crm failed"), "jtl"))
                .contains("jtl.connect-timeout", "https://crm");
    }

    /** It named the proxy's address as if it were the server's, and spoke of the server's setting. */
    @Test
    void a_proxy_that_is_out_of_reach_is_called_so() throws Exception {
        int nobody = FreePort.next();
        Network network = new Network(
                new ForwardProxy("localhost", nobody, null, null, new ProxyBypass("*.direct.test")), company());
        assertThat(failure(network, URI.create("https://crm.company.test/x")))
                .startsWith("the proxy localhost:" + nobody + " is out of reach")
                .contains("contacts.proxy");
        Network nowhere = new Network(
                new ForwardProxy("proxy.invalid", 3128, null, null, new ProxyBypass("*.direct.test")), company());
        assertThat(failure(nowhere, URI.create("https://crm.company.test/x")))
                .startsWith("the proxy proxy.invalid:3128 is out of reach");
    }

    /** A PKCS#12 file opens without its password, and shows no certificate. */
    @Test
    void a_trust_store_without_its_password_asks_for_it() {
        assertThatThrownBy(() -> TrustedCertificates.read(TLS.resolve("company-ca.p12"), null))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("contacts.trust-store.password");
    }

    /** It was called "signed fields invalid". */
    @Test
    void a_trust_store_that_holds_only_a_private_key_is_called_so(@TempDir Path folder) throws Exception {
        Path pem = Files.writeString(
                folder.resolve("ca.pem"), "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n");

        assertThatThrownBy(() -> TrustedCertificates.read(pem, null))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("holds a private key and no certificate");
    }

    @Test
    void the_pin_to_one_server_holds_by_the_proxy_too() throws Exception {
        try (TlsServer server = TlsServer.start("server");
                ConnectProxy proxy = new ConnectProxy(null, null, server.port(), 0)) {
            assertThatThrownBy(() -> get(
                            new Network(proxy(proxy, null, null), company()),
                            URI.create("https://api.company.test"),
                            URI.create("https://crm.company.test/x")))
                    .isInstanceOf(ForeignHostException.class);
            assertThat(proxy.connected).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "; localhost; true",
                "; 127.0.0.9; true",
                "; [::1]; true",
                "; crm.test; false",
                "*; crm.test; true",
                "crm.test; crm.test; true",
                "crm.test; eu.crm.test; true",
                "crm.test; mycrm.test; false",
                ".crm.test; eu.crm.test; true",
                "*.crm.test; eu.crm.test; true",
                "10.*|192.168.1.*; 10.1.2.3; true",
                "10.*; 11.1.2.3; false",
                "10.0.0.0/8,fd00::/8; 10.200.0.1; true",
                "10.0.0.0/8,fd00::/8; [fd12::1]; true",
                "10.0.0.0/8; 11.0.0.1; false",
                "crm.test:443; crm.test; true",
                "crm.test:8443; crm.test; false",
                "CRM.test; crm.TEST; true",
            })
    void hosts_without_the_proxy_are_named_as_other_programs_have_it(String entries, String host, boolean bypassed) {
        assertThat(new ProxyBypass(entries == null ? "" : entries).includes(host, -1))
                .isEqualTo(bypassed);
    }

    @Test
    void a_file_of_certificates_that_cannot_be_used_is_reported_with_the_reason() throws IOException {
        assertThatThrownBy(() -> TrustedCertificates.read(folder.resolve("nowhere.pem"), null))
                .hasMessageEndingWith("there is no such file");
        assertThatThrownBy(() -> TrustedCertificates.read(TLS.resolve("company-ca.p12"), "wrong"))
                .hasMessageEndingWith("the password is wrong");
        assertThatThrownBy(() -> TrustedCertificates.read(Files.writeString(folder.resolve("x.pem"), "hello"), null))
                .hasMessageContaining("not a PKCS#12, JKS or PEM file with certificates");
    }
}
