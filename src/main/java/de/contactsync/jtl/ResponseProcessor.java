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

    /** For people: what was answered, and by whom. */
    final String came(ApiResponse answer, byte[] body) {
        return AnswerDescription.of(host, answer, body);
    }

    /** An error may quote the token that it complains of, and its words go to the dead letters. */
    private static byte[] withoutSecret(byte[] body, Credential token) {
        String text = new String(body, StandardCharsets.UTF_8);
        return token == null || !text.contains(token.secret())
                ? body
                : SecretMask.hide(text, token.secret()).getBytes(StandardCharsets.UTF_8);
    }

    private CallResult bad(ApiResponse answer, StatusPolicy.Row row, byte[] sent, Credential token) {
        int status = answer.status();
        byte[] body = withoutSecret(sent, token);
        Optional<ErrorResponse> error = ErrorResponse.read(body);
        Duration retryAfter = RetryAfter.read(answer.header("Retry-After"), answer.header("Date"), Instant.now());
        String came = came(answer, body);
        return switch (row.treatment()) {
            case READ_NOT_FOUND ->
                error.isPresent() ? notFound(row.failed(Reason.NOT_FOUND, status, error)) : routeNotFound(status, came);
            // JTL explains itself: what refuses without a word may stand in front of it.
            case REJECT ->
                error.isPresent()
                        ? new CallResult.Final(row.failed(Reason.REJECTED, status, error))
                        : isForeign(body, error)
                                ? misrouted(row.failed(Reason.REJECTED, status, error), came)
                                : new CallResult.Misrouted(row.failed(Reason.REJECTED, status, error), came, true);
            case RENEW_TOKEN -> new CallResult.TokenRefused(token, row.failed(Reason.REJECTED, status, error));
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
        return error.isEmpty()
                && !AnswerDescription.isJson(body)
                && !new String(body, StandardCharsets.UTF_8).isBlank();
    }

    private CallResult retry(
            int status,
            StatusPolicy.Row row,
            Optional<ErrorResponse> error,
            Duration retryAfter,
            boolean costsAttempt,
            boolean outage) {
        return new CallResult.Retry(
                row.failed(Reason.RETRIES_EXHAUSTED, status, error),
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
        Outcome.Failed failed = row.failed(Reason.REJECTED, status, error);
        return new CallResult.Refused(failed, "HTTP " + status + ": " + failed.errorMessage());
    }

    static Outcome.Failed failed(Reason reason, int status, String message) {
        return new Outcome.Failed(reason, status, null, message, null, 1);
    }
}
