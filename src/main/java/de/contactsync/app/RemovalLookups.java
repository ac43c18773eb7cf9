package de.contactsync.app;

import de.contactsync.model.Chunk;
import de.contactsync.model.Delivery;
import de.contactsync.model.EnrichedChunk;
import de.contactsync.model.Outcome;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.apache.camel.util.concurrent.CamelThreadFactory;

/**
 * Asks JTL about removals, on threads of their own, so that a JTL that takes its time, or does not answer at all, keeps
 * nothing else from being sent. What it says after {@code patience} is kept for a while. Not thread-safe.
 */
final class RemovalLookups implements AutoCloseable {

    /** Age of an answer up to which it is used. */
    static final Duration ANSWER_HOLDS = Duration.ofMinutes(1);

    /** Tenants that are asked at once, by one lookup each. */
    private static final int TENANTS_AT_ONCE = 4;

    private static final long IDLE_SECONDS = 10;

    /**
     * What JTL says of removals.
     *
     * @param outcomes in their order
     * @param at       when they were all there
     */
    record Answer(List<Outcome> outcomes, long at) {}

    /** Removals of a tenant that JTL is asked about. */
    record Lookup(UUID tenant, List<Delivery> removals, CompletableFuture<Answer> answer) {

        /** Of one that is done. */
        List<Outcome> outcomes() {
            try {
                return answer.join().outcomes;
            } catch (CompletionException e) {
                throw e.getCause() instanceof RuntimeException cause ? cause : e;
            }
        }
    }

    private final Function<Chunk, EnrichedChunk> lookup;
    private final LongSupplier nanoTime;
    private final Duration patience;
    private final Runnable answered;
    private final Map<UUID, Lookup> underWay = new HashMap<>();
    private final ThreadPoolExecutor threads = new ThreadPoolExecutor(
            TENANTS_AT_ONCE,
            TENANTS_AT_ONCE,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            new CamelThreadFactory("#name#-#counter#", "removal-lookup", true));

    /** @param answered is called when there is something for {@link #takeLate} */
    RemovalLookups(Function<Chunk, EnrichedChunk> lookup, LongSupplier nanoTime, Duration patience, Runnable answered) {
        this.lookup = lookup;
        this.nanoTime = nanoTime;
        this.patience = patience;
        this.answered = answered;
        threads.allowCoreThreadTimeOut(true);
    }

    boolean isAnyUnderWay() {
        return !underWay.isEmpty();
    }

    boolean isUnderWay(UUID tenant) {
        return underWay.containsKey(tenant);
    }

    /**
     * Waits for what JTL says of all of them, but no longer than {@code patience}.
     *
     * @param removals by tenant, none of which has a lookup under way
     * @return whose answers may be there or not
     */
    List<Lookup> ask(Collection<List<Delivery>> removals) {
        List<Lookup> lookups = removals.stream().map(this::begin).toList();
        try {
            CompletableFuture.allOf(lookups.stream().map(Lookup::answer).toArray(CompletableFuture[]::new))
                    .get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            // Each lookup tells what became of it.
        }
        return lookups;
    }

    private Lookup begin(List<Delivery> removals) {
        Chunk chunk = RemovalRecheck.chunk(removals);
        return new Lookup(
                removals.get(0).key().tenantId(),
                removals,
                CompletableFuture.supplyAsync(
                        () -> new Answer(lookup.apply(chunk).outcomes(), nanoTime.getAsLong()), threads));
    }

    /** What JTL says of it is of use also later. */
    void keep(Lookup silent) {
        underWay.put(silent.tenant, silent);
        silent.answer.whenComplete((answer, failure) -> answered.run());
    }

    /** @return one that was kept and has been answered since; null where there is none whose answer still holds */
    Lookup takeLate() {
        for (Lookup each : List.copyOf(underWay.values())) {
            if (each.answer.isDone()) {
                underWay.remove(each.tenant);
                if (each.answer.isCompletedExceptionally()
                        || nanoTime.getAsLong() - each.answer.join().at <= ANSWER_HOLDS.toNanos()) {
                    return each;
                }
            }
        }
        return null;
    }

    /** Gives up what JTL is being asked. */
    @Override
    public void close() {
        threads.shutdownNow();
    }
}
