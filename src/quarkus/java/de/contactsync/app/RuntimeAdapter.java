package de.contactsync.app;

import io.quarkus.arc.Arc;
import io.quarkus.runtime.ApplicationLifecycleManager;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.camel.main.MainSupport;
import org.apache.camel.quarkus.main.CamelMain;

/** What differs between the runtimes that the product is built for; this is Quarkus. */
public final class RuntimeAdapter {

    private static final AtomicReference<Thread> HOOK = new AtomicReference<>();

    private final CamelMain main = Arc.container().instance(CamelMain.class).get();

    /** Camel, neither configured nor started. */
    MainSupport main() {
        return main;
    }

    /** Makes a bean known to the routes. */
    void bind(String name, Object bean) {
        main.getCamelContext().getRegistry().bind(name, bean);
    }

    static void addHook(Thread hook) {
        Runtime.getRuntime().addShutdownHook(hook);
        HOOK.set(hook);
    }

    /** @throws IllegalStateException when the JVM is ending already */
    static void removeHook(Thread hook) {
        Runtime.getRuntime().removeShutdownHook(hook);
        HOOK.set(null);
    }

    /** Returns when the application shall end and the JVM continue: the dev mode is about to start it anew. */
    public static void awaitEnd() throws InterruptedException {
        Quarkus.waitForExit();
        if (ApplicationLifecycleManager.isVmShuttingDown()) {
            awaitHook();
        }
    }

    private static void awaitHook() throws InterruptedException {
        new CountDownLatch(1).await();
    }

    /** Quarkus has a hook of its own, which stops Camel at once; ours lets end what is in flight, and then the JVM. */
    @Singleton
    static final class HookFirst {
        void onStop(@Observes ShutdownEvent event) throws InterruptedException {
            if (HOOK.get() != null && ApplicationLifecycleManager.isVmShuttingDown()) {
                awaitHook();
            }
        }
    }
}
