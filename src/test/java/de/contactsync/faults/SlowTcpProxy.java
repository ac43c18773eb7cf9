package de.contactsync.faults;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A network in front of a server of this machine: what the server sends arrives after a time drawn anew each time. */
final class SlowTcpProxy implements AutoCloseable {

    private final ServerSocket listener;
    private final URI server;
    private final Duration shortest;
    private final Duration longest;
    private final long seed;
    private final AtomicInteger connections = new AtomicInteger();
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final CountDownLatch closed = new CountDownLatch(1);

    SlowTcpProxy(URI server, Duration shortest, Duration longest, long seed) throws IOException {
        this.server = server;
        this.shortest = shortest;
        this.longest = longest;
        this.seed = seed;
        this.listener = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    /** The server's address at this end of the line. */
    URI uri() {
        return URI.create("http://127.0.0.1:" + listener.getLocalPort() + server.getPath());
    }

    private void accept() throws IOException {
        while (true) {
            Socket client = listener.accept();
            Socket upstream = new Socket(server.getHost(), server.getPort());
            client.setTcpNoDelay(true);
            upstream.setTcpNoDelay(true);
            sockets.add(client);
            sockets.add(upstream);
            Random random = new Random(seed + connections.incrementAndGet());
            start(() -> pass(client, upstream, 0, 0, random));
            start(() -> pass(upstream, client, shortest.toMillis(), longest.toMillis(), random));
        }
    }

    /** Ends both ways as soon as one ends; a reset at one end is one at the other. */
    private void pass(Socket from, Socket to, long least, long most, Random random) throws IOException {
        byte[] buffer = new byte[1 << 16];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            int length;
            while ((length = in.read(buffer)) >= 0) {
                long late = least + (long) (random.nextDouble() * (most - least));
                if (late > 0 && closed.await(late, TimeUnit.MILLISECONDS)) {
                    return;
                }
                out.write(buffer, 0, length);
            }
        } catch (IOException e) {
            to.setSoLinger(true, 0);
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
                "slow-line");
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
