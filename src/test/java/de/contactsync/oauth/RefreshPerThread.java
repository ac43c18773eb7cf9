package de.contactsync.oauth;

import java.util.function.LongSupplier;
import net.bytebuddy.asm.Advice;

/** Advice for {@link TokenSource#current()}: every thread that finds no good token fetches one for itself. */
public final class RefreshPerThread {

    private RefreshPerThread() {}

    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
    static AccessToken enter(
            @Advice.FieldValue(value = "token", readOnly = false) AccessToken token,
            @Advice.FieldValue("endpoint") TokenClient endpoint,
            @Advice.FieldValue("nanoTime") LongSupplier nanoTime) {
        long now = nanoTime.getAsLong();
        AccessToken own = token;
        if (own == null || !own.isUsable(now)) {
            TokenResult.Granted granted = (TokenResult.Granted) endpoint.request();
            own = new AccessToken(granted.value(), now, now + granted.lifetime().toNanos(), null);
            token = own;
        }
        return own;
    }

    @Advice.OnMethodExit
    static void exit(@Advice.Enter AccessToken own, @Advice.Return(readOnly = false) AccessToken returned) {
        returned = own;
    }
}
