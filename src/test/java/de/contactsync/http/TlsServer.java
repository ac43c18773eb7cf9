package de.contactsync.http;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** Answers every request with {@code ok}, over TLS, and shows a certificate that the JVM does not trust. */
public record TlsServer(ServerSocket listener, ExecutorService thread) implements AutoCloseable {

    static final Path STORES = Path.of("src/test/resources/tls");
    static final String PASSWORD = "changeit";

    /** @param key the name of a key store, without its ending */
    public static TlsServer start(String key) throws Exception {
        KeyStore store = KeyStore.getInstance(STORES.resolve(key + ".p12").toFile(), PASSWORD.toCharArray());
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        TlsServer server = new TlsServer(
                context.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress()),
                Executors.newSingleThreadExecutor());
        server.thread.execute(server::serve);
        return server;
    }

    private void serve() {
        while (!listener.isClosed()) {
            try (Socket client = listener.accept()) {
                ConnectProxy.head(client.getInputStream());
                client.getOutputStream()
                        .write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
                                .getBytes(StandardCharsets.US_ASCII));
                client.getOutputStream().flush();
            } catch (IOException | RuntimeException e) {
                // A client that does not trust us.
            }
        }
    }

    int port() {
        return listener.getLocalPort();
    }

    public URI url() {
        return URI.create("https://localhost:" + port());
    }

    @Override
    public void close() throws IOException {
        listener.close();
        thread.shutdownNow();
    }
}
