package de.contactsync.jtl;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;

/** Listens to everything the product and its libraries log, down to DEBUG, for words that must not be there. */
public final class SecretInLogCheck implements AutoCloseable {

    /** Servers of the tests run in this process too and may log what they like. */
    private static final List<String> OURS = List.of("de.contactsync", "org.apache", "com.nimbusds");

    private final Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
    private final Level before = root.getLevel();
    private final ListAppender<ILoggingEvent> events = new ListAppender<>();

    public SecretInLogCheck() {
        events.start();
        root.addAppender(events);
        root.setLevel(Level.DEBUG);
    }

    public List<String> lines() {
        synchronized (events) {
            return Stream.of(events.list.toArray(ILoggingEvent[]::new))
                    .filter(event -> OURS.stream().anyMatch(event.getLoggerName()::startsWith))
                    .map(event -> event.getLevel() + " " + event.getLoggerName() + " " + event.getFormattedMessage()
                            + (event.getThrowableProxy() == null
                                    ? ""
                                    : ThrowableProxyUtil.asString(event.getThrowableProxy())))
                    .toList();
        }
    }

    public void assertNever(String... secrets) {
        assertThat(lines()).isNotEmpty().noneMatch(line -> Stream.of(secrets).anyMatch(line::contains));
    }

    @Override
    public void close() {
        root.detachAppender(events);
        root.setLevel(before);
    }
}
