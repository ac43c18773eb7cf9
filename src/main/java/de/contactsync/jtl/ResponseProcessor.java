package de.contactsync.jtl;

import de.contactsync.http.ApiResponse;
import de.contactsync.http.SecretMask;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import de.contactsync.oauth.Credential;
import de.contactsync.oauth.OAuthClientCredentialsProcessor;
import de.contactsync.resilience.QuotaHeaders;
import de.contactsync.resilience.RetryAfter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads JTL's answer by the {@link StatusPolicy} and leaves an {@link CallResult} as the body. What failures mean is
 * the same for all calls; what the goods are, and what it means that there are none, each call says for itself.
 */
abstract class ResponseProcessor implements Processor {

    /** Exchange property: the {@link QuotaHeaders} of the answer, absent when it has none. */
    static final String QUOTA = "jtlQuota";

    /** Exchange property: the answer's HTTP status, absent when none came. */
    static final String STATUS = "jtlStatus";

    /** Longest error that is read; longer ones are not JTL's own. */
    private static final int LONGEST_ERROR = 256 * 1024;

    private static final int FIRST_WORDS = 60;

    private static final Logger LOG = LoggerFactory.getLogger(ResponseProcessor.class);

    private final String host;
    private final JtlAuth auth;
    private final QuotaHeaders rate;

    ResponseProcessor(JtlSettings settings) {
        this.host = settings.baseUrl().getAuthority();
        this.auth = settings.auth();
        this.rate = settings.rate();
    }

    /** @param asked what the request was made from */
    abstract CallResult success(ApiResponse answer, Object asked) throws IOException;

    /** JTL itself says that it does not know what was asked for. */
    abstract CallResult notFound(Outcome.Failed notFound);

    /**
     * Somebody knows no such address, and perhaps it was not JTL.
     *
     * @param came what was answered and by whom
     */
    abstract CallResult routeNotFound(int status, String came);

    /** An answer that JTL's contract does not provide for, or a call it does not offer. */
    abstract CallResult unusableBody(int status, StatusPolicy.Row row, Optional<ErrorResponse> error, String came);

    @Override
    public final void process(Exchange exchange) throws IOException {
        Message message = exchange.getMessage();
        ApiResponse answer = (ApiResponse) message.getBody();
        QuotaHeaders quota = QuotaHeaders.read(
                answer.header("X-RateLimit-Limit"),
                answer.header("X-RateLimit-Interval-Length-Seconds"),
                Duration.ofSeconds(1),
                answer.header("X-RateLimit-Remaining"));
        quota = QuotaHeaders.lower(quota, rate);
        if (quota != null) {
            exchange.setProperty(QUOTA, quota);
        }
        exchange.setProperty(STATUS, answer.status());
        try {
            message.setBody(result(
                    answer,
                    exchange.getProperty(RequestProcessor.ASKED),
                    exchange.getProperty(OAuthClientCredentialsProcessor.TOKEN_PROPERTY, Credential.class)));
        } finally {
            close(answer.body());
        }
    }

    private CallResult result(ApiResponse answer, Object asked, Credential token) throws IOException {
        StatusPolicy.Row row = StatusPolicy.of(answer.status(), auth);
        return row.treatment() == StatusPolicy.Treatment.READ_CONTACT
                ? success(answer, asked)
                : bad(answer, row, answer.body().readNBytes(LONGEST_ERROR), token);
    }

    /** What is left of it does not matter: its connection then ends with it. */
    private static void close(InputStream body) {
        try {
            body.close();
        } catch (IOException e) {
            LOG.debug("the rest of an answer could not be closed: {}", e.toString());
        }
    }

    private static String type(ApiResponse answer) {
        String type = answer.header("Content-Type");
        return type == null ? null : type.replaceFirst(";.*$", "").strip();
    }

    /** For people: status, media type and first words of an answer. */
    final String came(ApiResponse answer, byte[] body) {
        String type = type(answer);
        String text = new String(body, 0, Math.min(body.length, LONGEST_ERROR), StandardCharsets.UTF_8).strip();
        String what = text.isEmpty()
                ? "an empty body"
                // It may be a contact.
                : text.startsWith("{") || text.startsWith("[")
                        ? "JSON that is not JTL's own"
                        : !"text/html".equalsIgnoreCase(type)
                                ? "a body that is not JTL's own"
                                : "\"" + firstWords(text) + "\"";
        return host + " answered HTTP " + answer.status() + (type == null ? "" : ", " + firstWords(type)) + ", " + what;
    }

    private static String firstWords(String text) {
        String words = text.replaceAll("(?s)<(script|style)\\b.*?</\\1>", " ")
                .replaceAll("<[^<>]*>", " ")
                // The words stand in quotation marks themselves.
                .replace('"', '\'')
                .replaceAll("[\\p{Cntrl}\\s]+", " ")
                .strip();
        return words.length() <= FIRST_WORDS ? words : words.substring(0, FIRST_WORDS) + "…";
    }

    /** Without the token: an error may quote the one it complains of, and its words go to the dead letters. */
    private static Optional<ErrorResponse> error(byte[] body, Credential token) {
        String text = new String(body, StandardCharsets.UTF_8);
        return ErrorResponse.read(
                token == null || !text.contains(token.secret())
                        ? body
                        : SecretMask.hide(text, token.secret()).getBytes(StandardCharsets.UTF_8));
    }

    private CallResult bad(ApiResponse answer, StatusPolicy.Row row, byte[] body, Credential token) {
        int status = answer.status();
        Optional<ErrorResponse> error = error(body, token);
        Duration retryAfter = RetryAfter.read(answer.header("Retry-After"), answer.header("Date"), Instant.now());
        String came = came(
                answer,
                token == null
                        ? body
                        : SecretMask.hide(new String(body, StandardCharsets.UTF_8), token.secret())
                                .getBytes(StandardCharsets.UTF_8));
        return switch (row.treatment()) {
            case READ_NOT_FOUND ->
                error.isPresent()
                        ? notFound(failed(Reason.NOT_FOUND, status, row, error))
                        : routeNotFound(status, came);
            // JTL explains itself: what refuses without a word may stand in front of it.
            case REJECT ->
                error.isPresent()
                        ? new CallResult.Final(failed(Reason.REJECTED, status, row, error))
                        : isForeign(body, error)
                                ? misrouted(failed(Reason.REJECTED, status, row, error), came)
                                : new CallResult.Misrouted(failed(Reason.REJECTED, status, row, error), came, true);
            case RENEW_TOKEN -> new CallResult.TokenRefused(token, failed(Reason.REJECTED, status, row, error));
            case RETRY -> retry(status, row, error, retryAfter, true, false);
            case RETRY_OUTAGE -> retry(status, row, error, retryAfter, true, true);
            case WAIT_FOR_QUOTA -> retry(status, row, error, retryAfter, false, true);
            case HALT -> isForeign(body, error) ? foreign(status, came) : refusal(status, row, error);
            case NOT_OFFERED -> isForeign(body, error) ? foreign(status, came) : unusableBody(status, row, error, came);
            case READ_CONTACT, CONTRACT_VIOLATION, MISROUTED -> unusableBody(status, row, error, came);
        };
    }

    /**
     * JTL refuses with JSON, for which its contract gives no schema, or without a body; a page comes from whatever
     * stands in front of it.
     */
    private static boolean isForeign(byte[] body, Optional<ErrorResponse> error) {
        return error.isEmpty() && !isJson(body) && !new String(body, StandardCharsets.UTF_8).isBlank();
    }

    /** Whether an API answered, though perhaps not JTL's: pages, and answers without a body, come from gateways too. */
    static boolean isJson(byte[] body) {
        for (byte b : body) {
            if (b == '{') {
                return true;
            }
            if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
                return false;
            }
        }
        return false;
    }

    private CallResult retry(
            int status,
            StatusPolicy.Row row,
            Optional<ErrorResponse> error,
            Duration retryAfter,
            boolean costsAttempt,
            boolean outage) {
        return new CallResult.Retry(
                failed(Reason.RETRIES_EXHAUSTED, status, row, error),
                "HTTP " + status + ": " + row.advice(),
                retryAfter,
                costsAttempt,
                outage);
    }

    /** A refusal that is not JTL's own, by a firewall for instance. */
    CallResult foreign(int status, String came) {
        return misrouted(failed(Reason.REJECTED, status, "the refusal does not look like JTL's own"), came);
    }

    /** An answer by somebody else, whether it concerns one key or all: the failure itself says what came. */
    static CallResult.Misrouted misrouted(Outcome.Failed failed, String came) {
        Outcome.Failed whole = new Outcome.Failed(
                failed.reason(),
                failed.httpStatus(),
                failed.errorCode(),
                failed.errorMessage() + "; " + came
                        + ": look for a firewall, a proxy or a sign-in page between here and JTL, and at jtl.base-url",
                failed.errors(),
                failed.attempts());
        return new CallResult.Misrouted(whole, null, false);
    }

    static CallResult refusal(int status, StatusPolicy.Row row, Optional<ErrorResponse> error) {
        Outcome.Failed failed = failed(Reason.REJECTED, status, row, error);
        return new CallResult.Refused(failed, "HTTP " + status + ": " + failed.errorMessage());
    }

    private static Outcome.Failed failed(
            Reason reason, int status, StatusPolicy.Row row, Optional<ErrorResponse> error) {
        return new Outcome.Failed(
                reason,
                status,
                error.map(ErrorResponse::errorCode).orElse(null),
                describe(row, error),
                error.map(ErrorResponse::errors).orElse(null),
                1);
    }

    static Outcome.Failed failed(Reason reason, int status, String message) {
        return new Outcome.Failed(reason, status, null, message, null, 1);
    }

    /** Ours first, because it says what to do; then JTL's own words. */
    private static String describe(StatusPolicy.Row row, Optional<ErrorResponse> error) {
        return error.map(ErrorResponse::errorMessage)
                .filter(message -> !message.isBlank())
                .map(message -> row.advice() + " (JTL: " + message + ")")
                .orElse(row.advice());
    }
}
