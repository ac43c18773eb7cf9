package de.contactsync.app;

import ch.qos.logback.classic.ClassicConstants;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.util.List;
import java.util.Map;

/**
 * What is logged, and how people see it. In code because reading the same from XML takes a tenth of a start. A
 * {@code logback.xml} of the user comes first: {@code -Dlogback.configurationFile}.
 */
public final class LogConfigurator extends ContextAwareBase implements Configurator {

    /** Its encoder is replaced for the journal and for JSON, see {@link LogOutput}. */
    static final String STDERR = "stderr";

    /** HttpClient writes whole messages here, tokens and contacts included: off unless a file of the user asks for them. */
    private static final List<String> SECRET =
            List.of("org.apache.hc.client5.http.wire", "org.apache.hc.client5.http.headers");

    private static final Map<String, Level> LEVELS = Map.of(
            Logger.ROOT_LOGGER_NAME,
            Level.WARN,
            "de.contactsync",
            Level.INFO,
            // HttpClient writes whole messages here, tokens and contacts included: off whatever the root's level is.
            "org.apache.hc.client5.http.wire",
            Level.OFF,
            "org.apache.hc.client5.http.headers",
            Level.OFF,
            // Reports a broker that is out of reach every second for each connection; the breaker's line says it once.
            "org.apache.kafka",
            Level.ERROR,
            // Logs each session lost with its broker, with a stack; each failure comes as an exception, too.
            "org.apache.qpid.jms",
            Level.OFF,
            // Warns, by number, of each client that was killed or has a wrong password; the breaker's line says why.
            "org.apache.activemq",
            Level.ERROR,
            // Warns, for each connection within the process, of the options of sockets that Artemis sets for it.
            "io.netty.bootstrap.ServerBootstrap",
            Level.ERROR,
            // Logs an error when another process tidied the temporary folder first; a real failure is an exception.
            "org.sqlite.SQLiteJDBCLoader",
            Level.OFF);

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        SECRET.forEach(logger -> context.getLogger(logger).setLevel(Level.OFF));
        String given = System.getProperty(ClassicConstants.CONFIG_FILE_PROPERTY);
        if (given == null
                ? isOnClassPath(ClassicConstants.TEST_AUTOCONFIG_FILE)
                        || isOnClassPath(ClassicConstants.AUTOCONFIG_FILE)
                : exists(given)) {
            return ExecutionStatus.INVOKE_NEXT_IF_ANY;
        }
        writeToStderr(context);
        if (given != null) {
            context.getLogger(LogConfigurator.class)
                    .warn(
                            "{} ({}) does not exist: the built-in log is used",
                            given,
                            ClassicConstants.CONFIG_FILE_PROPERTY);
        }
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    private static void writeToStderr(LoggerContext context) {
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern("%d{yyyy-MM-dd HH:mm:ss.SSS} %-5level %msg%n%ex{0}");
        encoder.start();
        // Results go to stdout.
        ConsoleAppender<ILoggingEvent> stderr = new ConsoleAppender<>();
        stderr.setContext(context);
        stderr.setName(STDERR);
        stderr.setTarget("System.err");
        stderr.setEncoder(encoder);
        stderr.start();
        LEVELS.forEach((logger, level) -> context.getLogger(logger).setLevel(level));
        context.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(stderr);
    }

    /** As Logback looks for it: a URL, a resource, a file. */
    private static boolean exists(String given) {
        try {
            new URL(given);
            return true;
        } catch (MalformedURLException e) {
            return isOnClassPath(given) || new File(given).exists();
        }
    }

    private static boolean isOnClassPath(String file) {
        return LogConfigurator.class.getClassLoader().getResource(file) != null;
    }
}
