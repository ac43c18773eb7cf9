package de.contactsync.messaging.jms;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.DefaultEventLoopGroup;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.apache.qpid.jms.transports.TransportOptions;
import org.apache.qpid.jms.transports.netty.NettyTcpTransport;

/**
 * Carries the bytes of a connection to the {@link EmbeddedBroker} within this process. The client library's own
 * transports need a port, which others could reach too.
 */
final class LocalTransport extends NettyTcpTransport {

    static final String SCHEME = "local";

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(15);
    /** Of all connections: the broker's end of one that is closed calls on its threads a little longer. */
    private static final EventLoopGroup THREADS =
            new DefaultEventLoopGroup(new DefaultThreadFactory("embedded-broker-client", true));

    private final CompletableFuture<Channel> connected = new CompletableFuture<>();

    /** @param url {@code local://NAME} of a Netty {@link LocalAddress} */
    LocalTransport(URI url) {
        super(url, new TransportOptions(), false);
    }

    @Override
    public ScheduledExecutorService connect(Runnable init, SSLContext tls) throws IOException {
        new Bootstrap()
                .group(THREADS)
                .channel(LocalChannel.class)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        init.run();
                        channel.pipeline().addLast(createChannelHandler());
                    }
                })
                .connect(new LocalAddress(getRemoteHost()))
                .addListener(connecting -> {
                    if (!connecting.isSuccess()) {
                        connected.completeExceptionally(connecting.cause());
                    }
                });
        try {
            return connected
                    .orTimeout(CONNECT_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                    .join()
                    .eventLoop();
        } catch (CompletionException e) {
            throw new IOException(e.getCause());
        }
    }

    @Override
    protected void handleConnected(Channel channel) throws Exception {
        super.handleConnected(channel);
        connected.complete(channel);
    }

    @Override
    protected void handleException(Channel channel, Throwable cause) {
        super.handleException(channel, cause);
        connected.completeExceptionally(cause);
    }
}
