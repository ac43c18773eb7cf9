package de.contactsync.crm;

import de.contactsync.contact.HaltException;
import de.contactsync.contact.Receipt;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.camel.util.concurrent.CamelThreadFactory;

/** Works on several contacts at once; each has one lane, so that an older version of it cannot overtake a newer one. */
final class SideBySide {

    private static final long IDLE_SECONDS = 10;

    private final ThreadPoolExecutor lanes;

    SideBySide(int lanes) {
        this.lanes = new ThreadPoolExecutor(lanes, lanes, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(),
                new CamelThreadFactory("#name#-#counter#", "crm-call", true));
        this.lanes.allowCoreThreadTimeOut(true);
    }

    /**
     * Waits for all of them.
     *
     * @return in order; {@link Receipt.Unsent} for those that something kept from being sent
     * @throws HaltException when that was so for all
     */
    List<Receipt> receipts(List<Callable<Receipt>> works) {
        List<Future<Receipt>> futures = works.stream().map(lanes::submit).toList();
        List<Receipt> receipts = new ArrayList<>();
        HaltException halted = null;
        try {
            for (Future<Receipt> future : futures) {
                try {
                    receipts.add(future.get());
                } catch (ExecutionException e) {
                    halted = halt(e.getCause());
                    receipts.add(new Receipt.Unsent());
                }
            }
        } catch (InterruptedException e) {
            futures.forEach(future -> future.cancel(true));
            Thread.currentThread().interrupt();
            throw new HaltException("interrupted while contacts were sent", e);
        }
        if (halted != null && receipts.stream().allMatch(Receipt.Unsent.class::isInstance)) {
            throw halted;
        }
        return receipts;
    }

    private static HaltException halt(Throwable cause) {
        return cause instanceof HaltException halt
                ? halt
                : new HaltException("unexpected failure while a contact was sent: " + cause.getClass().getName(), cause);
    }
}
