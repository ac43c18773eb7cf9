package de.contactsync.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainDatagramChannel;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.unix.DomainDatagramPacket;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** systemd's own program, and a socket such as systemd has. */
class SystemdNotifierTest {

    @TempDir
    Path folder;

    private final List<String> received = new CopyOnWriteArrayList<>();
    private EventLoopGroup loop;
    private Path socket;

    @BeforeEach
    void listen() throws Exception {
        assumeTrue(
                Epoll.isAvailable() && Files.isExecutable(Path.of("/usr/bin/systemd-notify")), "a Linux with systemd");
        socket = folder.resolve("notify");
        loop = new EpollEventLoopGroup(1);
        new Bootstrap()
                .group(loop)
                .channel(EpollDomainDatagramChannel.class)
                .handler(new SimpleChannelInboundHandler<DomainDatagramPacket>() {
                    @Override
                    protected void channelRead0(ChannelHandlerContext context, DomainDatagramPacket packet) {
                        received.addAll(packet.content()
                                .toString(StandardCharsets.UTF_8)
                                .lines()
                                .toList());
                    }
                })
                .bind(new DomainSocketAddress(socket.toString()))
                .sync();
    }

    @AfterEach
    void end() {
        if (loop != null) {
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    private void awaitReceived(String... states) {
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(received).contains(states));
    }

    @Test
    void systemd_is_notified_that_the_process_is_ready_alive_and_stopping() {
        AtomicBoolean lives = new AtomicBoolean(true);
        try (SystemdNotifier notifier = new SystemdNotifier(
                Map.of("NOTIFY_SOCKET", socket.toString(), "WATCHDOG_USEC", "200000"), lives::get)) {
            notifier.ready("Keys from file");
            awaitReceived("READY=1", "STATUS=Keys from file");
            awaitReceived("WATCHDOG=1");

            lives.set(false);
            notifier.stopping();
            awaitReceived("STOPPING=1");
        }
    }

    @Test
    void a_process_whose_threads_are_deadlocked_gives_no_sign_of_life() {
        AtomicBoolean asked = new AtomicBoolean();
        try (SystemdNotifier notifier =
                new SystemdNotifier(Map.of("NOTIFY_SOCKET", socket.toString(), "WATCHDOG_USEC", "20000"), () -> {
                    asked.set(true);
                    return false;
                })) {
            notifier.ready("x");
            await().atMost(Duration.ofSeconds(20)).untilTrue(asked);
            notifier.stopping();
            awaitReceived("STOPPING=1");
            assertThat(received).doesNotContain("WATCHDOG=1");
        }
    }

    @Test
    void nothing_is_sent_for_another_process_or_without_systemd() {
        try (SystemdNotifier other = new SystemdNotifier(
                        Map.of("NOTIFY_SOCKET", socket.toString(), "WATCHDOG_USEC", "1000", "WATCHDOG_PID", "1"),
                        () -> {
                            throw new AssertionError("asked");
                        });
                SystemdNotifier none = new SystemdNotifier(Map.of(), () -> true)) {
            none.ready("nobody");
            other.ready("x");
            awaitReceived("READY=1", "STATUS=x");
            other.stopping();
            awaitReceived("STOPPING=1");
            assertThat(received).doesNotContain("WATCHDOG=1", "STATUS=nobody");
        }
    }
}
