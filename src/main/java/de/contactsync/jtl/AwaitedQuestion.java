package de.contactsync.jtl;

import de.contactsync.contact.ContactKey;
import de.contactsync.contact.HaltException;
import de.contactsync.contact.Outcome;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** A list that one thread waits for: a page of customers, or all contacts of one of them. */
final class AwaitedQuestion implements Question {

    private final Object body;
    private final TenantState tenant;
    private final CompletableFuture<Supplier<Answer.Conclusive>> end = new CompletableFuture<>();
    private final CompletableFuture<HaltException> halted = new CompletableFuture<>();

    AwaitedQuestion(Object body, TenantState tenant) {
        this.body = body;
        this.tenant = tenant;
    }

    /** Each of its calls is bounded, so this is. */
    Answer.Conclusive await() {
        return end.join().get();
    }

    @Override
    public TenantState tenant() {
        return tenant;
    }

    @Override
    public CallDispatcher.Lane lane() {
        return tenant.listLane();
    }

    @Override
    public Object body() {
        return body;
    }

    /** It is about no contact. */
    @Override
    public ContactKey key() {
        return null;
    }

    @Override
    public boolean isOver() {
        return end.isDone();
    }

    @Override
    public boolean failsAlone() {
        return body instanceof CustomerContacts;
    }

    @Override
    public void end(Answer.Conclusive answer, int attempts) {
        end.complete(() -> answer);
    }

    @Override
    public void halt(HaltException reason) {
        halted.complete(reason);
        end.complete(() -> {
            throw reason;
        });
    }

    @Override
    public void suspect(
            Outcome.Failed failed,
            Predicate<CompletableFuture<HaltException>> othersPass,
            Supplier<HaltException> concernsAll) {
        end.complete(() -> {
            if (othersPass.test(halted)) {
                return new Answer.Final(failed);
            }
            throw concernsAll.get();
        });
    }

    @Override
    public String toString() {
        return body instanceof CustomerContacts list ? "contacts of " + list.customer() : body.toString();
    }
}
