package de.contactsync.jtl;

import de.contactsync.contact.Outcome;
import de.contactsync.contact.Reason;
import de.contactsync.http.QuotaHeaders;
import de.contactsync.http.RetryAfter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads JTL's answer by the {@link StatusTable} and leaves an {@link Answer} as the body. What failures mean is the
 * same for all calls; what the goods are, and what it means that there are none, each call says for itself.
 */
abstract class AnswerProcessor implements Processor {

    /** Exchange property: the {@link QuotaHeaders} of the answer, absent when it has none. */
    static final String QUOTA = "jtlQuota";

    /** Longest error that is read; longer ones are not JTL's own. */
    private static final int LONGEST_ERROR = 256 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(AnswerProcessor.class);

    private final Clock clock;

    AnswerProcessor(Clock clock) {
        this.clock = clock;
    }

    /** @param asked what the request was made from */
    abstract Answer good(int status, InputStream body, Object asked) throws IOException;

    /** JTL itself says that it does not know what was asked for. */
    abstract Answer unknown(Outcome.Failed notFound);

    /** Somebody knows no such address, and perhaps it was not JTL. */
    abstract Answer notThere(int status);

    /** An answer that JTL's contract does not provide for, or a call it does not offer. */
    abstract Answer unusable(int status, StatusTable.Row row, Optional<ErrorResponse> error);

    @Override
    public final void process(Exchange exchange) throws IOException {
        Message message = exchange.getMessage();
        int status = message.getHeader(Exchange.HTTP_RESPONSE_CODE, Integer.class);
        QuotaHeaders quota = QuotaHeaders.read(
                message.getHeader("X-RateLimit-Limit", String.class),
                message.getHeader("X-RateLimit-Interval-Length-Seconds", String.class),
                Duration.ofSeconds(1),
                message.getHeader("X-RateLimit-Remaining", String.class));
        if (quota != null) {
            exchange.setProperty(QUOTA, quota);
        }
        StatusTable.Row row = StatusTable.of(status);
        InputStream body = body(message);
        AccessToken token = exchange.getProperty(OAuthClientCredentialsProcessor.TOKEN_PROPERTY, AccessToken.class);
        try {
            message.setBody(row.treatment() == StatusTable.Treatment.READ_CONTACT
                    ? good(status, body, exchange.getProperty(RequestProcessor.ASKED))
                    : bad(status, row, error(body, token), message.getHeader("Retry-After", String.class), token));
        } finally {
            close(body);
        }
    }

    private static InputStream body(Message message) {
        Object body = message.getBody();
        return body instanceof InputStream stream ? stream
                : new ByteArrayInputStream(body instanceof byte[] bytes ? bytes : new byte[0]);
    }

    /** What is left of it does not matter: its connection then ends with it. */
    private static void close(InputStream body) {
        try {
            body.close();
        } catch (IOException e) {
            LOG.debug("the rest of an answer could not be closed: {}", e.toString());
        }
    }

    /** Without the token: an error may quote the one it complains of, and its words go to the dead letters. */
    private static Optional<ErrorResponse> error(InputStream body, AccessToken token) throws IOException {
        byte[] bytes = body.readNBytes(LONGEST_ERROR);
        String text = new String(bytes, StandardCharsets.UTF_8);
        return ErrorResponse.read(token == null || !text.contains(token.value())
                ? bytes
                : text.replace(token.value(), "***").getBytes(StandardCharsets.UTF_8));
    }

    private Answer bad(
            int status, StatusTable.Row row, Optional<ErrorResponse> error, String retryAfter, AccessToken token) {
        return switch (row.treatment()) {
            case READ_NOT_FOUND -> error.isPresent()
                    ? unknown(failed(Reason.NOT_FOUND, status, row, error))
                    : notThere(status);
            case REJECT -> new Answer.Final(failed(Reason.REJECTED, status, row, error));
            case RENEW_TOKEN -> new Answer.TokenRefused(token, failed(Reason.REJECTED, status, row, error));
            case RETRY -> retry(status, row, error, retryAfter, true, false);
            case RETRY_OUTAGE -> retry(status, row, error, retryAfter, true, true);
            case WAIT_FOR_QUOTA -> retry(status, row, error, retryAfter, false, true);
            case HALT -> refusal(status, row, error);
            case READ_CONTACT, CONTRACT_VIOLATION, MISROUTED, NOT_OFFERED -> unusable(status, row, error);
        };
    }

    private Answer retry(int status, StatusTable.Row row, Optional<ErrorResponse> error, String retryAfter,
            boolean costsAttempt, boolean outage) {
        return new Answer.Retry(failed(Reason.RETRIES_EXHAUSTED, status, row, error),
                "HTTP " + status + ": " + row.advice(), RetryAfter.read(retryAfter, clock), costsAttempt, outage);
    }

    static Answer refusal(int status, StatusTable.Row row, Optional<ErrorResponse> error) {
        return new Answer.Refusal("HTTP " + status + ": " + describe(row, error));
    }

    private static Outcome.Failed failed(
            Reason reason, int status, StatusTable.Row row, Optional<ErrorResponse> error) {
        return new Outcome.Failed(reason, status, error.map(ErrorResponse::errorCode).orElse(null),
                describe(row, error), error.map(ErrorResponse::errors).orElse(null), 1);
    }

    static Outcome.Failed failed(Reason reason, int status, String message) {
        return new Outcome.Failed(reason, status, null, message, null, 1);
    }

    /** Ours first, because it says what to do; then JTL's own words. */
    private static String describe(StatusTable.Row row, Optional<ErrorResponse> error) {
        return error.map(ErrorResponse::errorMessage)
                .filter(message -> !message.isBlank())
                .map(message -> row.advice() + " (JTL: " + message + ")")
                .orElse(row.advice());
    }
}
