package de.contactsync.cli;

import de.contactsync.simulator.Durations;
import de.contactsync.simulator.Fault;
import de.contactsync.simulator.Quota;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How values of the simulator's options are written. */
final class SimulatorConverters {

    private SimulatorConverters() {}

    /** Picocli shows the message of this exception as it stands, and a long text with class names for any other. */
    private static <T> T converted(Callable<T> parse) throws Exception {
        try {
            return parse.call();
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }

    static final class DurationConverter implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String value) throws Exception {
            return converted(() -> Durations.parse(value));
        }
    }

    static final class QuotaConverter implements ITypeConverter<Quota> {
        @Override
        public Quota convert(String value) throws Exception {
            return converted(() -> Quota.parse(value));
        }
    }

    static final class WindowConverter implements ITypeConverter<Quota.Window> {
        @Override
        public Quota.Window convert(String value) {
            for (Quota.Window window : Quota.Window.values()) {
                if (window.name().toLowerCase(Locale.ROOT).equals(value)) {
                    return window;
                }
            }
            throw new TypeConversionException("\"" + value + "\" is none of fixed, sliding, bucket, none");
        }
    }

    static final class FaultConverter implements ITypeConverter<Fault> {
        @Override
        public Fault convert(String value) throws Exception {
            return converted(() -> Fault.parse(value));
        }
    }
}
