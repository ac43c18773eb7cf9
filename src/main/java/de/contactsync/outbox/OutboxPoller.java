package de.contactsync.outbox;

import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.resilience.Breaker;
import de.contactsync.resilience.Outage;
import de.contactsync.resilience.Outage.Kind;
import de.contactsync.resilience.OutageException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes what waits in a {@link Backlog}, such as an {@link Outbox}, to its sink, one batch at a time, on a
 * thread of its own. While the sink is out of reach, everything stays where it is.
 *
 * @param <B> a batch of the backlog
 */
public final class OutboxPoller<B> implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(OutboxPoller.class);

    /** Between two looks when nobody reports new work: other processes put some in as well. */
    private static final Duration LOOK = Duration.ofSeconds(2);

    private static final Duration SHORT = Duration.ofMillis(200);
    private static final Duration END = Duration.ofSeconds(5);

    private final Backlog<B> outbox;
    private final int batchSize;
    private final Duration linger;
    private final Breaker breaker;
    private final Runnable prepare;
    private final Consumer<B> send;
    private final CompletableFuture<Void> prepared = new CompletableFuture<>();
    private final Thread thread = new Thread(this::work, "sink-pump");
    private volatile boolean stopping;

    /**
     * @param linger  how long a batch that is not full waits for more
     * @param breaker of the sink
     * @param prepare looks whether the sink can be used, once before the first batch
     * @param send    sends and records a batch
     */
    public OutboxPoller(
            Backlog<B> outbox, int batchSize, Duration linger, Breaker breaker, Runnable prepare, Consumer<B> send) {
        this.outbox = outbox;
        this.batchSize = batchSize;
        this.linger = linger;
        this.breaker = breaker;
        this.prepare = prepare;
        this.send = send;
        thread.setDaemon(true);
    }

    /**
     * Begins to work. Waits a little for what the sink says to its being prepared, and not for a sink that is silent.
     *
     * @throws OutageException when a person has to mend something before it can be used
     */
    public void start(Duration patience) throws InterruptedException {
        thread.start();
        try {
            prepared.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            LOG.debug("the sink takes its time");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof OutageException outage
                    && outage.outage().kind() == Kind.SETTINGS) {
                throw outage;
            }
            LOG.debug("the sink is unavailable now", e);
        }
    }

    /**
     * Sends all that waits, also what makes no full batch.
     *
     * @param maxWait how long to wait for a sink that is unavailable, or takes nothing, and for other processes
     * @return what it still waits for; empty when nothing waits any longer, also where the program is being stopped
     * @throws ProcessingHaltedException when the database is unavailable
     */
    public Optional<String> flush(Duration maxWait, BooleanSupplier giveUp) throws InterruptedException {
        long progress = System.nanoTime();
        while (!giveUp.getAsBoolean()) {
            Object before = outbox.counts();
            Optional<Outage> outage = breaker.isHeld() ? breaker.outage() : Optional.empty();
            if (outage.isPresent()
                    && (outage.get().kind() != Kind.PASSING
                            || outage.get().length().compareTo(maxWait) >= 0)) {
                return outage.map(Outage::reason);
            }
            if (breaker.isHeld()) {
                outbox.awaitWork(SHORT);
            } else if (!sendOne(Duration.ZERO)) {
                long left = outbox.pending();
                if (left == 0) {
                    return Optional.empty();
                }
                if (System.nanoTime() - progress >= maxWait.toNanos()) {
                    return Optional.of(outbox.whyHeld(left));
                }
                outbox.awaitWork(LOOK);
            } else if (!outbox.counts().equals(before)) {
                progress = System.nanoTime();
            } else if (!breaker.isHeld()) {
                Optional<String> awaited = outbox.awaitedAnswer();
                if (awaited.isPresent()) {
                    return awaited;
                }
                if (System.nanoTime() - progress >= maxWait.toNanos()) {
                    return Optional.of(breaker.outage()
                            .map(Outage::reason)
                            .orElse("the sink has accepted nothing for " + maxWait.toSeconds()
                                    + " s, the log says why"));
                }
            }
        }
        return outbox.pending() == 0 ? Optional.empty() : Optional.of("the program was stopped");
    }

    private void work() {
        try {
            synchronized (this) {
                prepare.run();
            }
            prepared.complete(null);
        } catch (RuntimeException e) {
            prepared.completeExceptionally(e);
        }
        while (!stopping) {
            try {
                if (breaker.isHeld() || !sendOne(linger)) {
                    outbox.awaitWork(LOOK);
                }
            } catch (InterruptedException e) {
                return;
            } catch (ProcessingHaltedException e) {
                LOG.debug("nothing can be sent now", e);
                rest();
            } catch (RuntimeException e) {
                LOG.error("a batch could not be sent, it stays pending", e);
                rest();
            }
        }
    }

    private void rest() {
        try {
            outbox.awaitWork(LOOK);
        } catch (InterruptedException e) {
            stopping = true;
        }
    }

    /** @return whether there may be more to send */
    private synchronized boolean sendOne(Duration patience) throws InterruptedException {
        if (stopping) {
            return false;
        }
        Object before = outbox.counts();
        B batch = outbox.claim(batchSize, patience);
        if (outbox.isEmpty(batch)) {
            return false;
        }
        try {
            send.accept(batch);
        } catch (RuntimeException e) {
            release(e);
            throw e;
        }
        if (outbox.counts().equals(before)) {
            // The sink has taken nothing: not again at once.
            outbox.awaitWork(LOOK);
        }
        return true;
    }

    private void release(RuntimeException cause) {
        try {
            outbox.release();
        } catch (ProcessingHaltedException e) {
            // The next claim gives it back.
            cause.addSuppressed(e);
        }
    }

    /** Lets a batch that is being sent end, for a few seconds. */
    @Override
    public void close() throws InterruptedException {
        stopping = true;
        outbox.wake();
        thread.join(END.toMillis());
    }
}
