package de.contactsync.oauth;

import com.nimbusds.oauth2.sdk.ErrorObject;
import de.contactsync.http.SecretMask;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/** Our secrets, in every form in which a server may repeat them. Thread-safe. */
final class KnownSecrets {

    private static final int LONGEST_QUOTE = 200;

    private final List<String> secrets;

    KnownSecrets(OAuthSettings settings) {
        String encoded = encode(settings.clientSecret());
        String basic = encode(settings.clientId()) + ":" + encoded;
        String header = Base64.getEncoder().encodeToString(basic.getBytes(StandardCharsets.UTF_8));
        // The library leaves out characters that an error may not have, so an echo may lack them too.
        String legal = ErrorObject.removeIllegalChars(settings.clientSecret());
        this.secrets = new CopyOnWriteArrayList<>(Stream.of(
                        settings.clientSecret(),
                        legal,
                        encoded,
                        header,
                        settings.grant().password())
                .filter(secret -> !secret.isBlank())
                .toList());
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /** From now on this is not quoted either. */
    void add(String secret) {
        if (!secrets.contains(secret)) {
            secrets.add(secret);
        }
    }

    /** What the server said, on one line and without our secrets. */
    String hideIn(String text) {
        String line = text.replaceAll("\\p{Cntrl}+", " ");
        for (String secret : secrets) {
            line = SecretMask.hide(line, secret);
        }
        return line;
    }

    /** As {@link #hideIn}, no longer than people read. */
    String shortened(String text) {
        String line = hideIn(text);
        return line.length() <= LONGEST_QUOTE ? line : line.substring(0, LONGEST_QUOTE) + "…";
    }
}
