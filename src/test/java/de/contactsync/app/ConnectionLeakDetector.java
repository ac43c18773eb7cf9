package de.contactsync.app;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListSet;
import org.slf4j.LoggerFactory;

/**
 * Reads every line that anybody logs, down to TRACE, for words that must not be there. Left out are the loggers that
 * the shipped configuration switches off, as the configuration for tests does too, and the servers of the test.
 */
public final class ConnectionLeakDetector extends AppenderBase<ILoggingEvent> implements AutoCloseable {

    private static final List<String> OF_TEST_SERVERS =
            List.of("wiremock.", "WireMock", "com.github.tomakehurst", "io.zonky");

    private final Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
    private final Level before = root.getLevel();
    private final List<String> words;
    private final Queue<String> leaks = new ConcurrentLinkedQueue<>();
    private final Set<String> loggers = new ConcurrentSkipListSet<>();

    public ConnectionLeakDetector(List<String> words) {
        this.words = words;
        setContext(root.getLoggerContext());
        start();
        root.addAppender(this);
        root.setLevel(Level.TRACE);
    }

    @Override
    protected void append(ILoggingEvent event) {
        if (OF_TEST_SERVERS.stream().anyMatch(event.getLoggerName()::startsWith)) {
            return;
        }
        loggers.add(event.getLoggerName());
        String line = event.getLevel() + " " + event.getLoggerName() + " " + event.getFormattedMessage()
                + (event.getThrowableProxy() == null ? "" : ThrowableProxyUtil.asString(event.getThrowableProxy()));
        if (words.stream().anyMatch(line::contains)) {
            leaks.add(line.length() > 600 ? line.substring(0, 600) : line);
        }
    }

    public List<String> leaks() {
        return List.copyOf(leaks);
    }

    /** Who has logged anything: to show that there was something to read. */
    public Set<String> loggers() {
        return new TreeSet<>(loggers);
    }

    @Override
    public void close() {
        root.detachAppender(this);
        root.setLevel(before);
        stop();
    }
}
