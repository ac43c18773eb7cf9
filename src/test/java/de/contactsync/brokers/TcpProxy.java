package de.contactsync.brokers;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A network in front of a server of this machine: it can be cut, at a moment that is seen in what passes. */
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

    private final int serverPort;
    private final ServerSocket listener;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final AtomicInteger cuts = new AtomicInteger();
    private volatile Watch watch = (piece, length) -> Fate.PASS;

    public TcpProxy(int serverPort) {
        this.serverPort = serverPort;
        try {
            listener = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start(() -> {
            while (true) {
                Socket client = listener.accept();
                start(() -> serve(client));
            }
        });
    }

    public int port() {
        return listener.getLocalPort();
    }

    public void watch(Watch with) {
        watch = with;
    }

    /** All connections break off; new ones pass. */
    public void cut() {
        cuts.incrementAndGet();
        sockets.forEach(TcpProxy::close);
    }

    public int cuts() {
        return cuts.get();
    }

    private void serve(Socket client) throws IOException {
        Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort);
        sockets.add(client);
        sockets.add(server);
        client.setTcpNoDelay(true);
        server.setTcpNoDelay(true);
        start(() -> copy(server, client, (piece, length) -> Fate.PASS));
        copy(client, server, (piece, length) -> watch.see(piece, length));
    }

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
        } finally {
            sockets.remove(from);
            sockets.remove(to);
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
                "line");
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

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        cut();
    }
}
