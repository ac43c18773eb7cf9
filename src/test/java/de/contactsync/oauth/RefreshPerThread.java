package de.contactsync.oauth;

import de.contactsync.resilience.Breaker;
import java.util.concurrent.CompletableFuture;
import net.bytebuddy.asm.Advice;

/** Advice for {@link TokenSource#replace}: every call whose token was refused fetches one for itself. */
public final class RefreshPerThread {

    private RefreshPerThread() {}

    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
    static CompletableFuture<Boolean> enter(
            @Advice.FieldValue(value = "token", readOnly = false) AccessToken token,
            @Advice.FieldValue("endpoint") TokenClient endpoint,
            @Advice.FieldValue("breaker") Breaker breaker) {
        long now = breaker.now();
        TokenResult.Granted granted = (TokenResult.Granted) endpoint.request();
        token = new AccessToken(granted.value(), now, now + granted.lifetime().toNanos(), null);
        return CompletableFuture.completedFuture(true);
    }

    @Advice.OnMethodExit
    static void exit(
            @Advice.Enter CompletableFuture<Boolean> own,
            @Advice.Return(readOnly = false) CompletableFuture<Boolean> returned) {
        returned = own;
    }
}
