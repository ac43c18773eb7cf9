package de.contactsync.resilience;

import de.contactsync.resilience.Outage.Scope;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/** Makes the circuit breakers of a process and knows which of them are open. Thread-safe. */
public final class BreakerRegistry {

    private final Clock clock;
    private final LongSupplier nanoTime;
    private final Duration afterRefusal;
    private final Set<Breaker> open = ConcurrentHashMap.newKeySet();
    private final Set<Breaker> passing = ConcurrentHashMap.newKeySet();
    private final OutageLog log;

    /**
     * @param clock        tells people since when something is away; nothing is decided by it
     * @param nanoTime     the process's monotonic clock
     * @param afterRefusal pause after an outage that only a person can end
     */
    public BreakerRegistry(Clock clock, LongSupplier nanoTime, Duration afterRefusal) {
        this(clock, nanoTime, afterRefusal, new OutageLog(true));
    }

    /** Of a trial, for which no work waits: its own result says what is out of reach. */
    public static BreakerRegistry ofTrial(Duration afterRefusal) {
        return new BreakerRegistry(Clock.systemUTC(), System::nanoTime, afterRefusal, new OutageLog(false));
    }

    /** For what shows by other breakers, each of which opens with it: counted and logged by those alone. */
    public BreakerRegistry unseen() {
        return new BreakerRegistry(clock, nanoTime, afterRefusal, new OutageLog(false));
    }

    private BreakerRegistry(Clock clock, LongSupplier nanoTime, Duration afterRefusal, OutageLog log) {
        this.log = log;
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.afterRefusal = afterRefusal;
    }

    /** @param what for people: what all keys need */
    public Breaker forAll(String what) {
        return new Breaker(what, Scope.ALL, this);
    }

    /** @param what for people: what the keys of one tenant need */
    public Breaker forTenant(String what) {
        return new Breaker(what, Scope.TENANT, this);
    }

    /** @param what for people: what a sink needs, which keeps what it could not send; keys are worked on meanwhile */
    public Breaker forSink(String what) {
        return new Breaker(what, Scope.SINK, this);
    }

    /** @param what for people: what the keys of one source need */
    public Breaker forSource(String what) {
        return new Breaker(what, Scope.SOURCE, this);
    }

    /** The longest first. */
    public List<Outage> outages() {
        return open.stream()
                .flatMap(breaker -> breaker.outage().stream())
                .sorted(Comparator.comparing(Outage::since))
                .toList();
    }

    /** Whether something that all keys need is away and not to be tried at this moment. */
    public boolean openAll() {
        return open.stream().anyMatch(breaker -> breaker.concernsAll() && breaker.isHeld());
    }

    /** From now until {@link #openAll} is over by itself; zero when it is. */
    public Duration untilNextTryOfAll() {
        return open.stream()
                .filter(breaker -> breaker.concernsAll() && breaker.isHeld())
                .map(Breaker::untilNextTry)
                .max(Comparator.naturalOrder())
                .orElse(Duration.ZERO);
    }

    /** Whether anything may be away, at less cost than {@link #outages}. */
    public boolean isAnyOpen() {
        return !open.isEmpty();
    }

    /** Makes those who wait for a breaker ask whether they are stopped: see {@link Breaker#acquire}. */
    public void wake() {
        open.forEach(Breaker::wake);
    }

    /**
     * Whether calls pass: one has since the start, and since the last outage. Neither that, nor an outage, is known of what
     * nobody has called.
     *
     * @param what as of {@link Outage#what}
     */
    public boolean isPassing(String what) {
        return passing.stream().anyMatch(breaker -> breaker.what().equals(what));
    }

    /** Tenants of JTL that are away, also those that nobody asks for at present. */
    public long tenantsAway() {
        return open.stream().filter(Breaker::concernsTenant).count();
    }

    /** Whether calls pass for any tenant of JTL. */
    public boolean isAnyTenantPassing() {
        return passing.stream().anyMatch(Breaker::concernsTenant);
    }

    void passing(Breaker breaker) {
        passing.add(breaker);
    }

    /** @param line for the log */
    void opened(Breaker breaker, String line) {
        open.add(breaker);
        passing.remove(breaker);
        log.opened(breaker.concernsTenant(), line);
    }

    /** @param line for the log */
    void closed(Breaker breaker, String line) {
        open.remove(breaker);
        log.closed(breaker.concernsTenant(), line);
    }

    /** Nobody will ask for it any more. */
    public void discard(Breaker breaker) {
        passing.remove(breaker);
        if (open.remove(breaker)) {
            log.forgotten(breaker.concernsTenant());
        }
    }

    Clock clock() {
        return clock;
    }

    long now() {
        return nanoTime.getAsLong();
    }

    Duration afterRefusal() {
        return afterRefusal;
    }
}
