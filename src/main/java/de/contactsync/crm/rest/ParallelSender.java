package de.contactsync.crm.rest;

import de.contactsync.crm.CrmClient;
import de.contactsync.crm.CrmRecord;
import de.contactsync.crm.UnexpectedAnswerException;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.ProcessingHaltedException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.apache.camel.util.concurrent.CamelThreadFactory;

/** Works on several contacts at once; each has one lane, so that an older version of it cannot overtake a newer one. */
final class ParallelSender {

    private static final long IDLE_SECONDS = 10;

    private final ThreadPoolExecutor lanes;

    ParallelSender(int lanes) {
        this.lanes = new ThreadPoolExecutor(
                lanes,
                lanes,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                new CamelThreadFactory("#name#-#counter#", "crm-call", true));
        this.lanes.allowCoreThreadTimeOut(true);
    }

    /**
     * Waits for all of them. After an answer that may concern everything no more are begun.
     *
     * @return in order; {@link DeliveryResult.Unsent} for those that something kept from being sent
     * @throws ProcessingHaltedException when that was so for all
     */
    List<DeliveryResult> sendAll(List<CrmRecord> contacts, Function<CrmRecord, DeliveryResult> call) {
        AtomicBoolean stopped = new AtomicBoolean();
        List<Future<DeliveryResult>> futures = contacts.stream()
                .map(contact -> lanes.submit(() -> send(contact, call, stopped)))
                .toList();
        List<DeliveryResult> receipts = new ArrayList<>();
        ProcessingHaltedException halted = null;
        try {
            for (Future<DeliveryResult> future : futures) {
                try {
                    receipts.add(future.get());
                } catch (ExecutionException e) {
                    halted = halt(e.getCause());
                    receipts.add(new DeliveryResult.Unsent());
                }
            }
        } catch (InterruptedException e) {
            futures.forEach(future -> future.cancel(true));
            Thread.currentThread().interrupt();
            throw new ProcessingHaltedException("interrupted while contacts were sent", e);
        }
        if (halted != null && receipts.stream().allMatch(DeliveryResult.Unsent.class::isInstance)) {
            throw halted;
        }
        return receipts;
    }

    /**
     * Reads something of each, as many at once as calls may be under way.
     *
     * @return in order
     * @throws ProcessingHaltedException when not all of them could be read
     */
    <T> List<T> readAll(CrmClient calls, List<CrmRecord> contacts, Function<CrmRecord, T> read) {
        Map<CrmRecord, T> readings = Collections.synchronizedMap(new IdentityHashMap<>());
        for (DeliveryResult result : sendAll(contacts, contact -> {
            readings.put(contact, read.apply(contact));
            return new DeliveryResult.Accepted(null);
        })) {
            if (result instanceof DeliveryResult.Unexpected unexpected) {
                throw calls.halt(unexpected.why().errorMessage());
            }
            if (result instanceof DeliveryResult.Unsent) {
                throw new ProcessingHaltedException("the CRM could not be asked for all contacts, the log says why");
            }
        }
        return contacts.stream().map(readings::get).toList();
    }

    private static DeliveryResult send(
            CrmRecord contact, Function<CrmRecord, DeliveryResult> call, AtomicBoolean stopped) {
        if (stopped.get()) {
            return new DeliveryResult.Unsent(false);
        }
        try {
            return call.apply(contact);
        } catch (UnexpectedAnswerException e) {
            stopped.set(true);
            return e.result();
        } catch (ProcessingHaltedException e) {
            stopped.set(true);
            throw e;
        }
    }

    private static ProcessingHaltedException halt(Throwable cause) {
        return cause instanceof ProcessingHaltedException processingHaltedException
                ? processingHaltedException
                : new ProcessingHaltedException(
                        "unexpected failure while a contact was sent: "
                                + cause.getClass().getName(),
                        cause);
    }
}
