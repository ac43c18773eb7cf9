package de.contactsync.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A forward proxy on raw sockets: CONNECT with Basic authentication. All names lead to this machine. */
final class ConnectProxy implements AutoCloseable {

    /** What was asked for, such as {@code CONNECT crm.company.test:443}, once connected. */
    final List<String> connected = new CopyOnWriteArrayList<>();

    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final String credentials;
    private final int target;
    private final int refusal;

    /** @param refusal status of every answer; 0: connects */
    ConnectProxy(String username, String password, int target, int refusal) throws IOException {
        this.credentials = username == null
                ? null
                : "Basic "
                        + Base64.getEncoder()
                                .encodeToString((username + ":" + password).getBytes(StandardCharsets.UTF_8));
        this.target = target;
        this.refusal = refusal;
        threads.execute(this::listen);
    }

    int port() {
        return listener.getLocalPort();
    }

    private void listen() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                threads.execute(() -> serve(client));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket client) {
        try (client) {
            String head = head(client.getInputStream());
            String line = head.lines().findFirst().orElse("");
            boolean known = credentials == null || head.contains("Proxy-Authorization: " + credentials);
            if (refusal != 0 || !known) {
                answer(
                        client,
                        (refusal != 0
                                        ? refusal + " No"
                                        : "407 Proxy Authentication Required"
                                                + "\r\nProxy-Authenticate: Basic realm=\"company\"")
                                + "\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}");
                return;
            }
            try (Socket server = new Socket(InetAddress.getLoopbackAddress(), target)) {
                connected.add(line.replace(" HTTP/1.1", ""));
                answer(client, "200 Connection established\r\n\r\n");
                threads.execute(() -> copy(server, client));
                copy(client, server);
            }
        } catch (IOException e) {
            // The client has gone.
        }
    }

    private static void answer(Socket client, String rest) throws IOException {
        client.getOutputStream().write(("HTTP/1.1 " + rest).getBytes(StandardCharsets.US_ASCII));
        client.getOutputStream().flush();
    }

    private static void copy(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException e) {
            // One of the two has ended it.
        }
    }

    static String head(InputStream in) {
        StringBuilder head = new StringBuilder();
        try {
            for (int next = in.read(); next >= 0 && head.indexOf("\r\n\r\n") < 0; next = in.read()) {
                head.append((char) next);
                if (head.indexOf("\r\n\r\n") >= 0) {
                    break;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return head.toString();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        threads.shutdownNow();
    }
}
