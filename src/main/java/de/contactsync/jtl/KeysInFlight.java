package de.contactsync.jtl;

import de.contactsync.model.Chunk;
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

    private final int most;
    /** First come, first served: else large chunks would wait for as long as there are small ones. */
    private final Semaphore permits;

    KeysInFlight(int most) {
        this.most = most;
        this.permits = new Semaphore(most, true);
    }

    /** Blocks while too many are. The chunk counts until the exchange is done. */
    void enter(Exchange exchange, Chunk chunk) throws InterruptedException {
        if (!(chunk instanceof RunChunk)) {
            return;
        }
        int keys = Math.min(chunk.entries().size(), most);
        permits.acquire(keys);
        exchange.getUnitOfWork().addSynchronization(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                permits.release(keys);
            }
        });
    }
}
