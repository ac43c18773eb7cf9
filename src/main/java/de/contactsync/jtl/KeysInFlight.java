package de.contactsync.jtl;

import de.contactsync.model.Chunk;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.RunChunk;
import java.util.concurrent.Semaphore;
import org.apache.camel.Exchange;
import org.apache.camel.support.SynchronizationAdapter;

/**
 * Bounds the keys of runs that are being looked up, or have answers that are not stored yet. Chunks of a run that names
 * many tenants are small, so that a bound on their number would leave a few keys that wait to hold up all others.
 * Messages are bounded by their consumers.
 */
final class KeysInFlight {

    private static final String LEFT = "jtlKeysInFlight";

    /** More than all that wait can ask for. */
    private static final int ALL = 1 << 30;

    private final int most;
    /** First come, first served: else large chunks would wait for as long as there are small ones. */
    private final Semaphore permits;

    private volatile boolean closed;

    KeysInFlight(int most) {
        this.most = most;
        this.permits = new Semaphore(most, true);
    }

    /**
     * Blocks while too many are. The chunk counts until the exchange is done, or until {@link #leave}.
     *
     * @throws ProcessingHaltedException when the program ends meanwhile
     */
    void enter(Exchange exchange, Chunk chunk) throws InterruptedException {
        if (!(chunk instanceof RunChunk)) {
            return;
        }
        int keys = Math.min(chunk.entries().size(), most);
        permits.acquire(keys);
        if (closed) {
            throw new ProcessingHaltedException("the program was stopped");
        }
        Stay stay = new Stay(keys);
        exchange.setProperty(LEFT, stay);
        exchange.getUnitOfWork().addSynchronization(stay);
    }

    /** Lets no chunk begin from now on, also none that waits. */
    synchronized void close() {
        if (!closed) {
            closed = true;
            permits.release(ALL);
        }
    }

    void leave(Exchange exchange) {
        if (exchange.removeProperty(LEFT) instanceof Stay stay) {
            stay.end();
        }
    }

    private final class Stay extends SynchronizationAdapter {

        private int keys;

        Stay(int keys) {
            this.keys = keys;
        }

        @Override
        public void onDone(Exchange exchange) {
            end();
        }

        private synchronized void end() {
            permits.release(keys);
            keys = 0;
        }
    }
}
