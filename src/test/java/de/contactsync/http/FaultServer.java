package de.contactsync.http;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** An HTTP/1.1 server on a loopback port that may break every rule of the protocol. */
public final class FaultServer implements AutoCloseable {

    /** Writes one answer, byte by byte if it likes. */
    public interface Answer {
        void to(OutputStream out, FaultServer server) throws IOException;
    }

    /** Writes the answer to a request whose head it is given, request line first. */
    public interface AnswerToHead {
        void to(String head, OutputStream out, FaultServer server) throws IOException;
    }

    private final ServerSocket listener;
    private final AnswerToHead answer;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    public final List<String> heads = new CopyOnWriteArrayList<>();
    public final AtomicInteger connections = new AtomicInteger();

    public FaultServer(Answer answer) throws IOException {
        this((head, out, server) -> answer.to(out, server));
    }

    public FaultServer(AnswerToHead answer) throws IOException {
        this(InetAddress.getLoopbackAddress(), answer);
    }

    /** @param address one of this machine */
    public FaultServer(InetAddress address, AnswerToHead answer) throws IOException {
        this.listener = new ServerSocket(0, 200, address);
        this.answer = answer;
        start("accept", this::accept);
    }

    public static FaultServer answering(String text) throws IOException {
        return new FaultServer((out, server) -> out.write(text.getBytes(StandardCharsets.ISO_8859_1)));
    }

    public URI uri(String path) {
        return URI.create(
                "http://" + listener.getInetAddress().getHostAddress() + ":" + listener.getLocalPort() + path);
    }

    /** Waits a moment between two bytes. */
    public void pause(int millis) throws IOException {
        try {
            if (stop.await(millis, TimeUnit.MILLISECONDS)) {
                throw new IOException("stopped");
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    /** Sends {@code text} at one byte per {@code millis}. */
    public void drip(OutputStream out, String text, int millis) throws IOException {
        for (byte b : text.getBytes(StandardCharsets.ISO_8859_1)) {
            out.write(b);
            out.flush();
            pause(millis);
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listener.accept();
                connections.incrementAndGet();
                socket.setTcpNoDelay(true);
                sockets.add(socket);
                start("connection", () -> serve(socket));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void serve(Socket socket) {
        try (socket;
                InputStream in = new BufferedInputStream(socket.getInputStream())) {
            OutputStream out = socket.getOutputStream();
            for (String head = head(in); head != null; head = head(in)) {
                heads.add(head);
                answer.to(head, out, this);
                out.flush();
            }
        } catch (IOException e) {
            // the client has gone, which is what most tests are about
        }
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
            int b = in.read();
            if (b < 0) {
                return null;
            }
            head.append((char) b);
        }
        for (String line : head.toString().split("\r\n")) {
            if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                in.skipNBytes(Long.parseLong(line.substring(15).strip()));
            }
        }
        return head.toString();
    }

    private static void start(String name, Runnable task) {
        Thread thread = new Thread(task, "fault-server-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        stop.countDown();
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
