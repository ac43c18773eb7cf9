package de.contactsync.oauth;

import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import net.bytebuddy.asm.Advice;

/** Advice for {@link TokenSource#replace}: every call whose token was refused fetches one for itself. */
public final class RefreshPerThread {

    private RefreshPerThread() {}

    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
    static CompletableFuture<Boolean> enter(
            @Advice.FieldValue(value = "token", readOnly = false) AccessToken token,
            @Advice.FieldValue("endpoint") TokenClient endpoint,
            @Advice.FieldValue("nanoTime") LongSupplier nanoTime) {
        long now = nanoTime.getAsLong();
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
