package de.contactsync.crm;

import de.contactsync.contact.HaltException;
import de.contactsync.http.Backoff;
import de.contactsync.http.ForeignHostException;
import de.contactsync.http.NoAnswer;
import de.contactsync.http.Pacer;
import de.contactsync.outage.Breaker;
import de.contactsync.outage.Outage.Kind;
import de.contactsync.outage.OutageException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Producer;
import org.apache.camel.support.service.ServiceHelper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes calls of the CRM, each when the quota lets it, and repeats those whose failure may pass. What lasts opens the
 * CRM's {@link Breaker}. A wait is the calling thread's own time and ends when this is closed. Thread-safe.
 */
public final class CrmCalls implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(CrmCalls.class);

    private static final int MOST_ATTEMPTS = 5;
    private static final int ATTEMPTS_IN_DOUBT = 3;
    /** So many calls in a row are not about their records. */
    private static final int CONVINCING = 20;

    /** The same of those by which a CRM that was away is tried: what is to be sent next is something else then. */
    private static final int CONVINCING_PROBES = 3;
    private static final int CONVINCING_WHEN_SLOW = 4;
    private static final Duration SLOW = Duration.ofMinutes(3);

    private final String name;
    private final Breaker breaker;
    private final Backoff backoff;
    private final BooleanSupplier newToken;
    private final RandomGenerator random;
    private final Pacer pacer = new Pacer(0, true);
    private final CountDownLatch closed = new CountDownLatch(1);
    /** Of answers one after another, by all lanes. */
    private final AtomicInteger inDoubt = new AtomicInteger();
    private final AtomicLong firstInDoubt = new AtomicLong();
    private volatile Producer producer;

    /**
     * @param name     for people
     * @param newToken whether the call after one whose token was refused has another
     */
    public CrmCalls(String name, Breaker breaker, BooleanSupplier newToken, RandomGenerator random) {
        this(name, breaker, newToken, random, Backoff.DEFAULT);
    }

    CrmCalls(String name, Breaker breaker, BooleanSupplier newToken, RandomGenerator random, Backoff backoff) {
        this.name = name;
        this.breaker = breaker;
        this.newToken = newToken;
        this.random = random;
        this.backoff = backoff;
    }

    /** @param camel with {@link CrmCallRoute} in it */
    public void connect(CamelContext camel) throws Exception {
        Producer started = camel.getEndpoint(CrmCallRoute.URI_OF_ROUTE).createProducer();
        ServiceHelper.startService(started);
        producer = started;
    }

    /**
     * Nothing can be sent before a person has mended the settings.
     *
     * @param trouble with the remedy
     * @return for whoever has to give up its work for now
     */
    OutageException halt(String trouble) {
        return breaker.open(breaker.now(), Kind.SETTINGS, trouble);
    }

    /**
     * @param request repeated only where that does no harm
     * @param judge   what an answer means
     * @param ends    when the answer is of no use any longer, as a {@link System#nanoTime} reading
     * @return an answer that is about what was sent
     * @throws HaltException when there is none to be had now
     */
    CrmAnswer call(CrmRequest request, Function<CrmAnswer, Verdict> judge, long ends) {
        boolean renewed = false;
        for (int attempt = 1; ; ) {
            // Also without a wait: of a batch that is halved for long, others may have begun to send a newer version.
            await(Duration.ZERO, ends);
            awaitQuota(ends);
            if (!breaker.tryAcquire()) {
                throw breaker.exception();
            }
            long began = breaker.now();
            long started = System.nanoTime();
            CrmAnswer answer = null;
            boolean tooSlow = false;
            Verdict verdict;
            try {
                answer = call(request);
                verdict = answer.status() / 100 == 2 && answer.foreign() != null ? foreign(answer) : judge.apply(answer);
            } catch (ForeignHostException e) {
                verdict = new Verdict.Halt(Kind.SETTINGS, e.getMessage());
            } catch (OutageException e) {
                // There is no token to be had.
                verdict = new Verdict.Halt(e.outage().kind(), e.getMessage());
            } catch (IOException e) {
                tooSlow = e instanceof SocketTimeoutException;
                Verdict.Retry retry = new Verdict.Retry("no answer from " + name + ": " + NoAnswer.describe(e), null);
                boolean inDoubt = !NoAnswer.isUnconnected(e)
                        && judge.apply(CrmAnswer.unanswered()) instanceof Verdict.Doubt;
                verdict = inDoubt ? new Verdict.Doubt(retry.trouble(), null) : retry;
            } catch (RuntimeException | Error e) {
                breaker.release(began);
                throw e;
            }
            tellPacer(answer, verdict, started);
            if (verdict instanceof Verdict.Answered) {
                breaker.passed();
                inDoubt.set(0);
                return answer;
            }
            if (verdict instanceof Verdict.Halt halt) {
                throw breaker.open(began, halt.kind(), halt.trouble());
            }
            if (verdict instanceof Verdict.TokenRefused refused) {
                if (renewed || !another(refused, began)) {
                    throw breaker.open(began, Kind.REFUSAL, refused.trouble());
                }
                renewed = true;
                breaker.release(began);
                continue;
            }
            if (verdict instanceof Verdict.Doubt doubt) {
                if (tooSlow || attempt == ATTEMPTS_IN_DOUBT || !request.repeatable() || breaker.isProbing()) {
                    return doubtful(answer == null ? CrmAnswer.unanswered() : answer, doubt, began);
                }
                verdict = new Verdict.Retry(doubt.trouble(), doubt.pause());
            }
            if (verdict instanceof Verdict.Retry retry) {
                if (!request.repeatable()) {
                    throw breaker.open(began, Kind.PASSING, retry.trouble()
                            + "; whether it was done is looked up before it is sent again");
                }
                if (attempt == MOST_ATTEMPTS || breaker.isProbing()) {
                    throw breaker.open(began, Kind.PASSING, retry.trouble());
                }
                LOG.debug("{}, attempt {} of {}", retry.trouble(), attempt, MOST_ATTEMPTS);
                breaker.release(began);
                Duration wait = backoff.after(attempt++, random);
                await(retry.pause() != null && retry.pause().compareTo(wait) > 0 ? retry.pause() : wait, ends);
            } else {
                breaker.release(began);
            }
        }
    }

    /** Whether there is another token; while there is none to be had, the CRM is out of reach for this call. */
    private boolean another(Verdict.TokenRefused refused, long began) {
        try {
            return newToken.getAsBoolean();
        } catch (HaltException e) {
            throw breaker.open(began, e instanceof OutageException outage ? outage.outage().kind() : Kind.PASSING,
                    refused.trouble() + "; no other token is to be had: " + e.getMessage());
        }
    }

    private CrmAnswer doubtful(CrmAnswer answer, Verdict.Doubt doubt, long began) {
        if (!isConvincing(inDoubt.incrementAndGet(), began)) {
            breaker.release(began);
            LOG.info("{}: what becomes of other contacts shows whether it is about those that were sent", doubt.trouble());
            return answer;
        }
        inDoubt.set(0);
        throw breaker.open(began, Kind.PASSING, doubt.trouble());
    }

    /** Calls that take long must not go on for half an hour before they count. */
    private boolean isConvincing(int inARow, long began) {
        if (inARow == 1) {
            firstInDoubt.set(began);
        }
        boolean slow = inARow >= CONVINCING_WHEN_SLOW && breaker.now() - firstInDoubt.get() >= SLOW.toNanos();
        return slow || inARow >= (breaker.isProbing() ? CONVINCING_PROBES : CONVINCING);
    }

    private Verdict foreign(CrmAnswer answer) {
        return new Verdict.Halt(Kind.SETTINGS, name + " answered HTTP " + answer.status() + " with " + answer.foreign()
                + ", as a sign-in page or a proxy does, so it is not taken for delivered: check contacts.crm.base-url and"
                + " what stands in between");
    }

    private CrmAnswer call(CrmRequest request) throws IOException {
        Exchange exchange = producer.getEndpoint().createExchange();
        exchange.getMessage().setBody(request);
        try {
            producer.process(exchange);
        } catch (Exception e) {
            exchange.setException(e);
        }
        Exception failure = exchange.getException();
        if (failure == null) {
            return exchange.getMessage().getBody(CrmAnswer.class);
        }
        if (failure instanceof IOException io) {
            throw io;
        }
        throw failure instanceof HaltException halt
                ? halt
                : new HaltException("unexpected failure while calling " + name + ": " + failure, failure);
    }

    private void tellPacer(CrmAnswer answer, Verdict verdict, long started) {
        long now = System.nanoTime();
        if (answer == null) {
            pacer.unanswered();
        } else if (verdict instanceof Verdict.QuotaSpent) {
            Duration pause = pacer.refused(started, now, answer.quota(), answer.retryAfter());
            if (pause != null) {
                LOG.info("The quota of {} is spent: going on in {} ms", name, pause.toMillis());
            }
        } else {
            pacer.passed(started, now, answer.quota());
        }
    }

    private void awaitQuota(long ends) {
        long wait;
        while ((wait = pacer.start(System.nanoTime())) > 0) {
            if (System.nanoTime() + wait - ends > 0) {
                throw breaker.openFor(breaker.now(), Duration.ofNanos(wait), "the quota of " + name + " is spent");
            }
            await(Duration.ofNanos(wait), ends);
        }
    }

    private void await(Duration wait, long ends) {
        if (System.nanoTime() + wait.toNanos() - ends > 0) {
            throw new HaltException("the wait for " + name + " takes too long, what was to be sent stays pending");
        }
        try {
            if (closed.await(wait.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new HaltException("the program was stopped");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HaltException("interrupted while waiting for " + name, e);
        }
    }

    /** Ends every wait. */
    @Override
    public void close() {
        closed.countDown();
        if (producer != null) {
            ServiceHelper.stopService(producer);
        }
    }
}
