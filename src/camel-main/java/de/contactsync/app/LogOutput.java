package de.contactsync.app;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.LayoutBase;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import de.contactsync.config.LogFormat;
import de.contactsync.observability.LogLine;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.slf4j.LoggerFactory;

/** The log on stderr: {@link LogConfigurator} writes it for people, this for the journal and for programs. */
public final class LogOutput {

    private LogOutput() {}

    public static void use(LogFormat format) {
        boolean journal = LogLine.isJournal(System.getenv("JOURNAL_STREAM"), Path.of("/proc/self/fd/2"));
        if (!journal && format == LogFormat.TEXT
                || !(LoggerFactory.getILoggerFactory() instanceof LoggerContext context)
                || !(context.getLogger(Logger.ROOT_LOGGER_NAME).getAppender(LogConfigurator.STDERR)
                        instanceof ConsoleAppender<ILoggingEvent> stderr)) {
            return;
        }
        LayoutBase<ILoggingEvent> layout = new LayoutBase<>() {
            @Override
            public String doLayout(ILoggingEvent event) {
                LogLine line = line(event);
                String text = format == LogFormat.JSON ? line.json() : line.plain();
                return (journal ? line.withPriority(text) : text) + "\n";
            }
        };
        layout.setContext(context);
        layout.start();
        LayoutWrappingEncoder<ILoggingEvent> encoder = new LayoutWrappingEncoder<>();
        encoder.setContext(context);
        encoder.setCharset(StandardCharsets.UTF_8);
        encoder.setLayout(layout);
        encoder.start();
        stderr.setEncoder(encoder);
    }

    private static LogLine line(ILoggingEvent event) {
        IThrowableProxy thrown = event.getThrowableProxy();
        return new LogLine(
                event.getInstant(),
                event.getLevel().toString(),
                event.getLoggerName(),
                event.getThreadName(),
                event.getFormattedMessage(),
                thrown == null ? null : thrown.getClassName() + ": " + thrown.getMessage());
    }
}
