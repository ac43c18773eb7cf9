package de.contactsync.faults;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A network in front of a server of this machine that can be broken for a while, in several ways. */
final class BrokenTcpProxy implements AutoCloseable {

    enum Trouble {
        /** Nobody listens. */
        REFUSED,
        /** Connections are accepted, and that is all. */
        SILENT,
        /** A head without an end, one byte in 100 ms. */
        DRIPPING_HEAD,
        /** A good head, and then a body of one byte in 100 ms. */
        DRIPPING_BODY
    }

    private static final String HEAD =
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n";

    private final URI server;
    private final int port;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final List<Duration> hung = new CopyOnWriteArrayList<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile ServerSocket listener;
    private volatile Trouble trouble;

    BrokenTcpProxy(URI server) throws IOException {
        this.server = server;
        this.port = listen(0).getLocalPort();
    }

    /** The server's address at this end of the line. */
    URI uri() {
        return URI.create("http://127.0.0.1:" + port + server.getPath());
    }

    /** From now on; what is under way breaks off. */
    void breakIt(Trouble how) throws IOException {
        trouble = how;
        if (how == Trouble.REFUSED) {
            listener.close();
        }
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    /** New connections pass; those that hang stay as they are. */
    void mend() throws IOException {
        boolean refused = trouble == Trouble.REFUSED;
        trouble = null;
        if (refused) {
            listen(port);
        }
    }

    /** How long the other side stood calls that never came to an end. */
    List<Duration> hung() {
        return hung;
    }

    private ServerSocket listen(int wanted) throws IOException {
        ServerSocket socket = new ServerSocket();
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), wanted), 200);
        listener = socket;
        start(() -> {
            while (true) {
                Socket client = socket.accept();
                sockets.add(client);
                start(() -> serve(client));
            }
        });
        return socket;
    }

    private void serve(Socket client) throws IOException {
        try (client) {
            if (trouble == null) {
                pass(client);
            } else {
                hang(client, trouble);
            }
        } finally {
            sockets.remove(client);
        }
    }

    private void pass(Socket client) throws IOException {
        try (Socket upstream = new Socket(server.getHost(), server.getPort())) {
            sockets.add(upstream);
            client.setTcpNoDelay(true);
            upstream.setTcpNoDelay(true);
            start(() -> copy(upstream, client));
            copy(client, upstream);
            sockets.remove(upstream);
        }
    }

    private static void copy(Socket from, Socket to) throws IOException {
        byte[] buffer = new byte[1 << 14];
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        try (from;
                to) {
            for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                out.write(buffer, 0, length);
            }
        }
    }

    /** Until the client has had enough. */
    private void hang(Socket client, Trouble how) throws IOException {
        byte[] request = new byte[1 << 14];
        if (client.getInputStream().read(request) < 0) {
            return;
        }
        long since = System.nanoTime();
        try {
            if (how == Trouble.SILENT) {
                client.getInputStream().read();
            } else {
                drip(client.getOutputStream(), how);
            }
        } catch (IOException e) {
            // The client has closed its end, as it should.
        } finally {
            hung.add(Duration.ofNanos(System.nanoTime() - since));
        }
    }

    private void drip(OutputStream out, Trouble how) throws IOException {
        if (how == Trouble.DRIPPING_BODY) {
            out.write(HEAD.getBytes(StandardCharsets.US_ASCII));
        } else {
            out.write("HTTP/1.1 200 OK\r\nX-Long: ".getBytes(StandardCharsets.US_ASCII));
        }
        try {
            while (!closed.await(100, TimeUnit.MILLISECONDS)) {
                out.write('x');
                out.flush();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private interface Task {
        void run() throws IOException;
    }

    private static void start(Task task) {
        Thread thread = new Thread(
                () -> {
                    try {
                        task.run();
                    } catch (IOException e) {
                        // One end has gone, which ends the other.
                    }
                },
                "broken-line");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        closed.countDown();
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
