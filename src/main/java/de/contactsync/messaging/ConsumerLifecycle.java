package de.contactsync.messaging;

import de.contactsync.resilience.BreakerRegistry;
import de.contactsync.resilience.OutageException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Consumer;
import org.apache.camel.Exchange;

/** Whether messages are taken and tried again, or the process is about to end and leaves them to the broker. */
public final class ConsumerLifecycle {

    private final BreakerRegistry breakers;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private int inFlight;

    public ConsumerLifecycle(BreakerRegistry breakers) {
        this.breakers = breakers;
    }

    public boolean isRunning() {
        return stopped.getCount() > 0;
    }

    /** Whether messages are taken now: not while something that all keys need is unavailable. */
    public boolean isAccepting() {
        return isRunning() && !breakers.openAll();
    }

    /** Waits until messages are taken again, or the process ends. */
    public void awaitAccepting() {
        while (isRunning() && breakers.openAll() && !Thread.currentThread().isInterrupted()) {
            pause(breakers.untilNextTryOfAll());
        }
    }

    /** Waits so long, or until the process ends or the thread is interrupted. */
    public void pause(Duration length) {
        try {
            stopped.await(length.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Whether a chunk is tried again where it is, until what it needs is back.
     *
     * @param elsewhere not null when messages that wait for one tenant are put aside by whoever took them, so that they
     *     give way to others
     */
    public boolean shouldRetry(OutageException outage, Object elsewhere) {
        return isRunning() && (elsewhere == null || !outage.concernsTenant());
    }

    /**
     * Sends a body through the route behind a consumer.
     *
     * @return the failure that the route ended with, or null
     */
    public Exception process(Consumer consumer, Object body) {
        count(1);
        try {
            return send(consumer, body);
        } finally {
            count(-1);
        }
    }

    private synchronized void count(int change) {
        inFlight += change;
        notifyAll();
    }

    /** Waits until nothing that was taken is worked on, for at most {@code patience}. True when nothing is. */
    public synchronized boolean awaitIdle(Duration patience) {
        long end = System.nanoTime() + patience.toNanos();
        long left;
        while (inFlight > 0 && (left = end - System.nanoTime()) > 0) {
            try {
                TimeUnit.NANOSECONDS.timedWait(this, left);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return inFlight == 0;
    }

    private static Exception send(Consumer consumer, Object body) {
        Exchange exchange = consumer.createExchange(false);
        exchange.getMessage().setBody(body);
        try {
            consumer.getProcessor().process(exchange);
        } catch (Exception e) {
            exchange.setException(e);
        }
        Exception failure = exchange.getException();
        consumer.releaseExchange(exchange, false);
        return failure;
    }

    public void stop() {
        stopped.countDown();
        breakers.wake();
    }
}
