package de.contactsync.http;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Takes secrets out of what servers answer, because some repeat what they were sent. */
public final class SecretMask {

    private static final String HIDDEN = "***";

    /** Characters from which on a secret is found inside of other words; a shorter one may be part of any word. */
    private static final int UNMISTAKABLE = 8;

    private SecretMask() {}

    /** Of a short secret only where it stands alone, so that the text can still be read. In all its {@link #forms}. */
    public static String hide(String text, String secret) {
        if (secret == null || secret.isBlank()) {
            return text;
        }
        String hidden = text;
        for (String form : forms(secret)) {
            hidden = form.length() >= UNMISTAKABLE
                    ? hidden.replace(form, HIDDEN)
                    : Pattern.compile("(?<![\\p{L}\\p{N}])" + Pattern.quote(form) + "(?![\\p{L}\\p{N}])")
                            .matcher(hidden)
                            .replaceAll(Matcher.quoteReplacement(HIDDEN));
        }
        return hidden;
    }

    /**
     * A text as it is, and as it is written in forms and URLs, in JSON, in HTML and in Base64: servers repeat requests
     * as they came, or escape them anew.
     */
    public static Set<String> forms(String text) {
        String form = URLEncoder.encode(text, StandardCharsets.UTF_8);
        String json = String.valueOf(JsonStringEncoder.getInstance().quoteAsString(text));
        String html = text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
        return new LinkedHashSet<>(List.of(
                text,
                form,
                form.replace("+", "%20"),
                json,
                json.replace("/", "\\/"),
                html,
                html.replace("'", "&#39;"),
                Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8))));
    }
}
