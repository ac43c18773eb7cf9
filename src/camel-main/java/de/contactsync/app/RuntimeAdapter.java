package de.contactsync.app;

import java.util.concurrent.CountDownLatch;
import org.apache.camel.main.Main;
import org.apache.camel.main.MainSupport;

/** What differs between the runtimes that the product is built for; this is camel-main. */
public final class RuntimeAdapter {

    private final Main main = new Main();

    /** Camel, neither configured nor started. */
    MainSupport main() {
        return main;
    }

    /** Makes a bean known to the routes. */
    void bind(String name, Object bean) {
        main.bind(name, bean);
    }

    static void addHook(Thread hook) {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** @throws IllegalStateException when the JVM is ending already */
    static void removeHook(Thread hook) {
        Runtime.getRuntime().removeShutdownHook(hook);
    }

    /** Returns when the application shall end and the JVM continue, which is never: the hooks end both. */
    public static void awaitEnd() throws InterruptedException {
        new CountDownLatch(1).await();
    }
}
