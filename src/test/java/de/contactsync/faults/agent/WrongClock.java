package de.contactsync.faults.agent;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The wall clock as the product and its libraries see it; the monotonic clock is left alone. */
public final class WrongClock {

    private static final long LOOK_MILLIS = 50;

    private static volatile long errorMillis;

    private WrongClock() {}

    /** Reads the error from the file now and again. */
    static void follow(String file) {
        try {
            errorMillis = Long.parseLong(Files.readString(Path.of(file)).strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        CompletableFuture.delayedExecutor(LOOK_MILLIS, TimeUnit.MILLISECONDS).execute(() -> follow(file));
    }

    /** All that is not of the JDK. */
    static boolean concerns(ClassLoader loader, String name) {
        return loader != null
                && loader == ClassLoader.getSystemClassLoader()
                && !name.startsWith("de/contactsync/faults/")
                && !name.startsWith("net/bytebuddy/");
    }

    public static long currentTimeMillis() {
        return System.currentTimeMillis() + errorMillis;
    }

    public static Instant now() {
        return Instant.now().plusMillis(errorMillis);
    }

    public static Clock systemUTC() {
        return new Clock() {
            @Override
            public java.time.ZoneId getZone() {
                return java.time.ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(java.time.ZoneId zone) {
                return Clock.offset(Clock.system(zone), Duration.ofMillis(errorMillis));
            }

            @Override
            public Instant instant() {
                return now();
            }
        };
    }
}
