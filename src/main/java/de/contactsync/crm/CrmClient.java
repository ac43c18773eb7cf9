package de.contactsync.crm;

import de.contactsync.model.Outcome;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.resilience.AdaptiveRateLimiter;
import de.contactsync.resilience.Backoff;
import de.contactsync.resilience.Breaker;
import de.contactsync.resilience.ClientLoop;
import de.contactsync.resilience.Outage.Kind;
import de.contactsync.resilience.OutageException;
import de.contactsync.resilience.Verdict;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.apache.camel.CamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes calls of the CRM, each when the quota lets it, and repeats those whose failure may be temporary. What lasts
 * opens the CRM's {@link Breaker}. A wait is the calling thread's own time and ends when this is closed. Thread-safe.
 */
public final class CrmClient implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(CrmClient.class);

    private static final int MOST_ATTEMPTS = 5;
    /** What is sent has its own end, which comes first. */
    private static final Duration LONGEST_WAIT = Duration.ofDays(1);

    private static final int ATTEMPTS_IN_DOUBT = 3;

    private final String name;
    private final Breaker breaker;
    private final ClientLoop.Retries retries;
    private final BooleanSupplier newToken;
    private final AdaptiveRateLimiter limiter = new AdaptiveRateLimiter(0, true);
    private final CountDownLatch closed = new CountDownLatch(1);
    private final DoubtfulAnswers inDoubt = new DoubtfulAnswers();
    private final CrmTransport transport;
    /** Whether the token in use was fetched in place of one that was refused, and whether a call was answered since. */
    private volatile boolean renewed;

    private volatile boolean newTokenWorked;

    /**
     * @param name     for people
     * @param newToken whether the call after one whose token was refused has another
     */
    public CrmClient(String name, Breaker breaker, BooleanSupplier newToken, RandomGenerator random) {
        this(name, breaker, newToken, new ClientLoop.Retries(Backoff.DEFAULT, LONGEST_WAIT, random));
    }

    /** For tests, which wait less between the tries of a call. */
    public CrmClient(String name, Breaker breaker, BooleanSupplier newToken, ClientLoop.Retries retries) {
        this.name = name;
        this.breaker = breaker;
        this.newToken = newToken;
        this.retries = retries;
        this.transport = new CrmTransport(name);
    }

    /** @param camel with {@link CrmCallRoute} in it */
    public void connect(CamelContext camel) throws Exception {
        transport.connect(camel);
    }

    /** A reading of the clock that outages are measured by, in ns. */
    public long now() {
        return breaker.now();
    }

    /** Whether the CRM failed on what was sent last, instead of taking or refusing it. */
    boolean isInDoubt() {
        return inDoubt.isAny();
    }

    /** Whether the next call decides if the CRM is back. */
    boolean isAway() {
        return breaker.outage().isPresent();
    }

    /**
     * Nothing can be sent before a person has mended the settings.
     *
     * @param trouble with the remedy
     * @return for whoever has to abandon its work for now
     */
    public OutageException halt(String trouble) {
        return breaker.open(breaker.now(), Kind.SETTINGS, trouble);
    }

    /**
     * As {@link #halt(String)}.
     *
     * @param why what was answered, with the remedy
     */
    OutageException halt(Outcome.Failed why) {
        int status = why.httpStatus() == null ? CrmResponse.UNANSWERED : why.httpStatus();
        Kind kind = status == 401 ? ofRefusedToken() : status == 403 ? Kind.REFUSAL : Kind.SETTINGS;
        return breaker.open(breaker.now(), kind, why.errorMessage());
    }

    /**
     * @param request repeated only where that does no harm
     * @param judge   what an answer means
     * @param ends    when the answer is of no use any longer, as a {@link System#nanoTime} reading
     * @return an answer that is about what was sent
     * @throws UnexpectedAnswerException when it may be, or may concern everything
     * @throws ProcessingHaltedException when there is none available now
     */
    public CrmResponse call(CrmRequest request, Function<CrmResponse, CallDecision> judge, long ends) {
        return call(request, judge, Watcher.NONE, ends);
    }

    /** For whoever has to know whether a call may have been done, also when it ends with an exception. */
    public interface Watcher {

        Watcher NONE = new Watcher() {};

        /** Right before a call is sent, as often as it is. */
        default void sending() {}

        /** It did not get as far as the CRM. */
        default void notSent() {}
    }

    /** As {@link #call(CrmRequest, Function, long)}. */
    public CrmResponse call(CrmRequest request, Function<CrmResponse, CallDecision> judge, Watcher watcher, long ends) {
        ClientLoop loop = new ClientLoop(limiter, breaker, retries, () -> request.repeatable() ? MOST_ATTEMPTS : 1);
        for (; ; ) {
            // Also without a wait: of a batch that is halved for long, others may have begun to send a newer version.
            await(Duration.ZERO, ends);
            awaitQuota(ends);
            if (!breaker.tryAcquire()) {
                throw breaker.exception();
            }
            loop.begin();
            CrmTransport.Try made = makeTry(request, judge, watcher, loop);
            CallDecision decision = made.decision();
            CrmResponse answer = made.answer();
            Verdict verdict = verdict(made, request, loop);
            switch (loop.end(verdict, answer == null ? null : answer.quota(), answer != null)) {
                case DONE -> {
                    inDoubt.clear();
                    newTokenWorked = renewed;
                    return answer;
                }
                case UNCLEAR -> {
                    if (decision instanceof CallDecision.Halt halt) {
                        throw breaker.open(loop.began(), halt.kind(), halt.trouble());
                    }
                    if (decision instanceof CallDecision.Unexpected unexpected) {
                        throw new UnexpectedAnswerException(answer, unexpected);
                    }
                    return doubtful(
                            answer == null ? CrmResponse.unanswered() : answer,
                            (CallDecision.Doubt) decision,
                            loop.began());
                }
                case AGAIN -> await(loop.pause(), ends);
                case RENEW_TOKEN -> {
                    if (!another((CallDecision.TokenRefused) decision, loop.began())) {
                        throw refused(decision, answer, loop);
                    }
                }
                case REFUSED_AGAIN -> throw refused(decision, answer, loop);
                case EXHAUSTED -> throw breaker.open(loop.began(), Kind.PASSING, ((Verdict.Retry) verdict).trouble());
                case HALTED -> throw breaker.exception();
            }
        }
    }

    private CrmTransport.Try makeTry(
            CrmRequest request, Function<CrmResponse, CallDecision> judge, Watcher watcher, ClientLoop loop) {
        try {
            return transport.makeTry(request, judge, watcher);
        } catch (RuntimeException | Error e) {
            loop.end(Verdict.UNCLEAR, null, false);
            throw e;
        }
    }

    private Verdict verdict(CrmTransport.Try made, CrmRequest request, ClientLoop loop) {
        if (made.decision() instanceof CallDecision.Answered) {
            return Verdict.ANSWERED;
        }
        if (made.decision() instanceof CallDecision.TokenRefused) {
            return Verdict.TOKEN_REFUSED;
        }
        if (made.decision() instanceof CallDecision.QuotaSpent) {
            return new Verdict.QuotaSpent(made.answer().retryAfter(), false);
        }
        if (made.decision() instanceof CallDecision.Retry retry) {
            return new Verdict.Retry(
                    request.repeatable()
                            ? retry.trouble()
                            : retry.trouble() + "; whether it was done is looked up before it is sent again",
                    retry.pause(),
                    false);
        }
        // Right behind another in doubt what becomes of others shows more, and sooner, than one call again and again.
        boolean last = inDoubt.isAny()
                || made.tooSlow()
                || loop.attempts() == ATTEMPTS_IN_DOUBT
                || !request.repeatable()
                || breaker.isProbing();
        return made.decision() instanceof CallDecision.Doubt doubt && !last
                ? new Verdict.Retry(doubt.trouble(), doubt.pause(), false)
                : Verdict.UNCLEAR;
    }

    /** With the same token others may be taken, where it is a 401: some answer so whoever may not write one record. */
    private ProcessingHaltedException refused(CallDecision decision, CrmResponse answer, ClientLoop loop) {
        String trouble = ((CallDecision.TokenRefused) decision).trouble();
        return answer.status() == 401
                ? new UnexpectedAnswerException(answer, trouble)
                : breaker.open(loop.began(), ofRefusedToken(), trouble);
    }

    /** A new token that worked was taken away, as a session may be: another is to be had a little later. */
    private Kind ofRefusedToken() {
        return newTokenWorked ? Kind.PASSING : Kind.REFUSAL;
    }

    /** Whether there is another token; while there is none available, the CRM is unavailable for this call. */
    private boolean another(CallDecision.TokenRefused refused, long began) {
        try {
            boolean another = newToken.getAsBoolean();
            if (another) {
                renewed = true;
                newTokenWorked = false;
            }
            return another;
        } catch (ProcessingHaltedException e) {
            throw breaker.open(
                    began,
                    e instanceof OutageException outage ? outage.outage().kind() : Kind.PASSING,
                    refused.trouble() + "; requesting another token failed: " + e.getMessage());
        }
    }

    private CrmResponse doubtful(CrmResponse answer, CallDecision.Doubt doubt, long began) {
        if (!inDoubt.convinces(began, breaker.now(), breaker.isProbing())) {
            LOG.info(
                    "{}: what becomes of other contacts shows whether it is about those that were sent",
                    doubt.trouble());
            return answer;
        }
        inDoubt.clear();
        throw breaker.open(began, Kind.PASSING, doubt.trouble());
    }

    private void awaitQuota(long ends) {
        long wait;
        while ((wait = limiter.start(System.nanoTime())) > 0) {
            if (System.nanoTime() + wait - ends > 0) {
                throw breaker.openFor(breaker.now(), Duration.ofNanos(wait), "the quota of " + name + " is spent");
            }
            await(Duration.ofNanos(wait), ends);
        }
    }

    private void await(Duration wait, long ends) {
        if (System.nanoTime() + wait.toNanos() - ends > 0) {
            throw new ProcessingHaltedException("the wait for " + name + " takes too long; deliveries stay pending");
        }
        try {
            if (closed.await(wait.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new ProcessingHaltedException("the program was stopped");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ProcessingHaltedException("interrupted while waiting for " + name, e);
        }
    }

    /** Ends every wait. */
    @Override
    public void close() {
        closed.countDown();
        transport.close();
    }
}
