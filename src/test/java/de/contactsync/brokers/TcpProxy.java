package de.contactsync.brokers;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A network in front of a server of this machine: it can be cut at a moment that is seen in what passes, be broken for a
 * while in several ways, and be slow.
 */
public final class TcpProxy implements AutoCloseable {

    /** Sees what a client sends, in the pieces as they come. */
    @FunctionalInterface
    public interface Watch {

        /** What to do with this piece, and with the connection behind it. */
        Fate see(byte[] piece, int length);
    }

    public enum Fate {
        PASS,
        /** The server does not get it. */
        CUT_BEFORE,
        /** The server gets it, and its answer does not come back. */
        CUT_BEHIND
    }

    /** What becomes of new connections. */
    public enum Trouble {
        /** Nobody listens. */
        REFUSED,
        /** Connections are accepted, and that is all. */
        SILENT,
        /** A head of HTTP without an end, one byte in 100 ms. */
        DRIPPING_HEAD,
        /** A good head, and then a body of one byte in 100 ms. */
        DRIPPING_BODY
    }

    /** How long what the server sends takes to arrive, drawn anew for each piece. */
    private record Delay(Duration shortest, Duration longest, long seed) {

        long millis(Random random) {
            return shortest.toMillis()
                    + (long) (random.nextDouble() * longest.minus(shortest).toMillis());
        }
    }

    private static final String LONG_BODY =
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n";
    private static final String LONG_HEAD = "HTTP/1.1 200 OK\r\nX-Long: ";

    private final int serverPort;
    private final int port;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger cuts = new AtomicInteger();
    private final List<Duration> hung = new CopyOnWriteArrayList<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile ServerSocket listener;
    private volatile Watch watch = (piece, length) -> Fate.PASS;
    private volatile Trouble trouble;
    private volatile Delay delay = new Delay(Duration.ZERO, Duration.ZERO, 0);

    public TcpProxy(int serverPort) {
        this.serverPort = serverPort;
        this.port = listen(0);
    }

    public int port() {
        return port;
    }

    /** A server's address at this end. */
    public URI uri(URI server) {
        return URI.create(server.getScheme() + "://127.0.0.1:" + port + server.getPath());
    }

    public void watch(Watch with) {
        watch = with;
    }

    /** From the next connection on. */
    public TcpProxy withDelay(Duration shortest, Duration longest, long seed) {
        delay = new Delay(shortest, longest, seed);
        return this;
    }

    /** All connections break off; new ones pass. */
    public void cut() {
        cuts.incrementAndGet();
        sockets.forEach(TcpProxy::close);
    }

    public int cuts() {
        return cuts.get();
    }

    /** From now on; what is under way breaks off. */
    public void breakIt(Trouble how) {
        trouble = how;
        if (how == Trouble.REFUSED) {
            closeListener();
        }
        cut();
    }

    /** New connections pass; those that hang stay as they are. */
    public void mend() {
        boolean refused = trouble == Trouble.REFUSED;
        trouble = null;
        if (refused) {
            listen(port);
        }
    }

    /** How long the other side stood calls that never came to an end. */
    public List<Duration> hung() {
        return hung;
    }

    private int listen(int wanted) {
        try {
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
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void serve(Socket client) throws IOException {
        Trouble now = trouble;
        try (client) {
            if (now == null) {
                pass(client);
            } else {
                hang(client, now);
            }
        } finally {
            sockets.remove(client);
        }
    }

    private void pass(Socket client) throws IOException {
        try (Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort)) {
            sockets.add(server);
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
            Delay slow = delay;
            Random random = new Random(slow.seed() + connections.incrementAndGet());
            start(() -> copy(server, client, (piece, length) -> {
                await(slow.millis(random));
                return Fate.PASS;
            }));
            copy(client, server, (piece, length) -> watch.see(piece, length));
            sockets.remove(server);
        }
    }

    /** Ends both ways as soon as one ends. */
    private void copy(Socket from, Socket to, Watch eye) throws IOException {
        byte[] buffer = new byte[1 << 16];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                Fate fate = eye.see(buffer, length);
                if (fate == Fate.CUT_BEHIND) {
                    // Before the server can answer.
                    close(from);
                }
                if (fate != Fate.CUT_BEFORE) {
                    out.write(buffer, 0, length);
                }
                if (fate != Fate.PASS) {
                    cuts.incrementAndGet();
                    return;
                }
            }
        }
    }

    /** Until the client has had enough. */
    private void hang(Socket client, Trouble how) throws IOException {
        if (client.getInputStream().read(new byte[1 << 14]) < 0) {
            return;
        }
        long since = System.nanoTime();
        try {
            if (how == Trouble.SILENT) {
                client.getInputStream().read();
            } else {
                drip(client.getOutputStream(), how == Trouble.DRIPPING_BODY ? LONG_BODY : LONG_HEAD);
            }
        } catch (IOException e) {
            // The client has closed its end, as it should.
        } finally {
            hung.add(Duration.ofNanos(System.nanoTime() - since));
        }
    }

    private void drip(OutputStream out, String first) throws IOException {
        out.write(first.getBytes(StandardCharsets.US_ASCII));
        while (!await(100)) {
            out.write('x');
            out.flush();
        }
    }

    /** Whether it is closed within this time. */
    private boolean await(long millis) {
        try {
            return closed.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    /** Keeps what clients send, as Latin-1. */
    public Recording record() {
        Recording recording = new Recording();
        watch = recording;
        return recording;
    }

    public static final class Recording implements Watch {

        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        @Override
        public synchronized Fate see(byte[] piece, int length) {
            bytes.write(piece, 0, length);
            return Fate.PASS;
        }

        public synchronized String text() {
            return bytes.toString(StandardCharsets.ISO_8859_1);
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
                "proxy");
        thread.setDaemon(true);
        thread.start();
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void closeListener() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        closed.countDown();
        closeListener();
        cut();
    }
}
