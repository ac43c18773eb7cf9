package de.contactsync.messaging.http;

import de.contactsync.messaging.KeyResult;
import de.contactsync.model.KeyEntry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Answers requests whose keys are stored: with what came of the keys, or that they are accepted, once the sender's time
 * is over or the process ends. All of it happens on the thread that listens.
 */
final class PendingAnswers {

    /** Between two looks for what came of a request that came again. */
    private static final Duration LOOK = Duration.ofMillis(200);

    private static final int MOST_WAITING = 1_000;

    private final ReceivedKeys keys;
    private final Vertx vertx;
    private final WorkerExecutor database;

    private final Set<Wait> waits = new HashSet<>();
    private int open;
    private final Promise<Void> idle = Promise.promise();
    private boolean closing;

    /** @param database threads that may wait for it */
    PendingAnswers(ReceivedKeys keys, Vertx vertx, WorkerExecutor database) {
        this.keys = keys;
        this.vertx = vertx;
        this.database = database;
    }

    /** Of a request whose keys are about to be stored: {@link #end} or {@link #answer} follows. */
    void begin() {
        open++;
    }

    /** @param sent the answer */
    void end(Future<Void> sent) {
        sent.onComplete(done -> {
            open--;
            completeIfIdle();
        });
    }

    void answer(HttpServerRequest request, ReceivedKeys.Receipt receipt, List<KeyEntry> entries, Duration wait) {
        if (wait.isZero() || closing || waits.size() >= MOST_WAITING) {
            keys.forgetResults(receipt.requestId());
            end(accepted(request, receipt));
        } else {
            new Wait(request, receipt, entries, System.nanoTime() + wait.toNanos()).begin(wait);
        }
    }

    /** Tells all who wait that their keys are accepted. Completes when every answer is sent. */
    Future<Void> close() {
        closing = true;
        List.copyOf(waits).forEach(Wait::sendAccepted);
        completeIfIdle();
        return idle.future();
    }

    private void completeIfIdle() {
        if (closing && open == 0) {
            idle.tryComplete();
        }
    }

    private static Future<Void> accepted(HttpServerRequest request, ReceivedKeys.Receipt receipt) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("requestId", receipt.requestId());
        body.put("keys", receipt.keys());
        body.put("invalid", receipt.invalid());
        return HttpAnswer.send(request, 202, "application/json", HttpAnswer.json(body));
    }

    /** Of one request. */
    private final class Wait {
        private final HttpServerRequest request;
        private final ReceivedKeys.Receipt receipt;
        private final List<KeyEntry> entries;
        private final long ends;

        Wait(HttpServerRequest request, ReceivedKeys.Receipt receipt, List<KeyEntry> entries, long ends) {
            this.request = request;
            this.receipt = receipt;
            this.entries = entries;
            this.ends = ends;
        }

        void begin(Duration wait) {
            waits.add(this);
            if (receipt.again()) {
                look();
                return;
            }
            keys.results(receipt.requestId())
                    .orTimeout(wait.toMillis(), TimeUnit.MILLISECONDS)
                    .whenComplete((results, late) -> vertx.runOnContext(now -> {
                        keys.forgetResults(receipt.requestId());
                        if (late == null) {
                            sendResults(results);
                        } else {
                            // Another process may have worked on some of them.
                            look();
                        }
                    }));
        }

        /** Looks into the database every now and then, and once in any case. */
        private void look() {
            if (!waits.contains(this)) {
                return;
            }
            database.executeBlocking(() -> keys.storedResults(receipt.requestId(), entries), false)
                    .onComplete(look -> {
                        if (look.succeeded() && look.result().isPresent()) {
                            sendResults(look.result().get());
                        } else if (look.failed() || System.nanoTime() - ends >= 0) {
                            sendAccepted();
                        } else {
                            long left = TimeUnit.NANOSECONDS.toMillis(ends - System.nanoTime());
                            vertx.setTimer(Math.max(1, Math.min(LOOK.toMillis(), left)), due -> look());
                        }
                    });
        }

        private void sendResults(List<KeyResult> results) {
            finish(() -> HttpAnswer.send(request, 200, "application/json", KeyResult.json(results)));
        }

        void sendAccepted() {
            finish(() -> accepted(request, receipt));
        }

        private void finish(Supplier<Future<Void>> answer) {
            if (waits.remove(this)) {
                keys.forgetResults(receipt.requestId());
                end(answer.get());
            }
        }
    }
}
