package de.contactsync.jtl;

import de.contactsync.contact.ContactKey;
import de.contactsync.contact.Outcome;
import de.contactsync.contact.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

/** Reads JTL's answer by the {@link StatusTable} and leaves an {@link Answer} as the body. */
final class AnswerProcessor implements Processor {

    /** Exchange property: the {@link QuotaHeaders} of the answer, absent when it has none. */
    static final String QUOTA = "jtlQuota";

    private static final byte[] EMPTY = {};

    private final Clock clock;

    AnswerProcessor(Clock clock) {
        this.clock = clock;
    }

    @Override
    public void process(Exchange exchange) throws IOException {
        Message message = exchange.getMessage();
        int status = message.getHeader(Exchange.HTTP_RESPONSE_CODE, Integer.class);
        ContactKey key = exchange.getProperty(RequestProcessor.KEY, ContactKey.class);
        String retryAfter = message.getHeader("Retry-After", String.class);
        QuotaHeaders quota = QuotaHeaders.read(
                message.getHeader("X-RateLimit-Limit", String.class),
                message.getHeader("X-RateLimit-Interval-Length-Seconds", String.class),
                message.getHeader("X-RateLimit-Remaining", String.class));
        if (quota != null) {
            exchange.setProperty(QUOTA, quota);
        }
        byte[] body = body(message);
        AccessToken token = exchange.getProperty(OAuthClientCredentialsProcessor.TOKEN_PROPERTY, AccessToken.class);
        message.setBody(read(status, status < 400 ? body : withoutToken(body, token), retryAfter, key, token));
    }

    /** An error may quote the token it complains of, and its words go to the dead letters. */
    private static byte[] withoutToken(byte[] body, AccessToken token) {
        String text = new String(body, StandardCharsets.UTF_8);
        return token == null || !text.contains(token.value())
                ? body
                : text.replace(token.value(), "***").getBytes(StandardCharsets.UTF_8);
    }

    private Answer read(int status, byte[] body, String retryAfter, ContactKey key, AccessToken token) {
        StatusTable.Row row = StatusTable.of(status);
        return switch (row.treatment()) {
            case READ_CONTACT -> readContact(status, body, key);
            case READ_NOT_FOUND -> ErrorResponse.read(body)
                    .<Answer>map(error -> new Answer.Final(failed(Reason.NOT_FOUND, status, row, error)))
                    .orElseGet(() -> new Answer.Misrouted(failed(Reason.NOT_FOUND, status,
                            "the answer does not look like JTL's own: if all keys end like this, check jtl.base-url"
                                    + " and that the merchant's JTL-Wawi offers API 2.0")));
            case REJECT -> new Answer.Final(failed(Reason.REJECTED, status, row, body));
            case CONTRACT_VIOLATION -> new Answer.Final(failed(Reason.CONTRACT_VIOLATION, status, row.advice()));
            case RENEW_TOKEN -> new Answer.TokenRefused(token, failed(Reason.REJECTED, status, row, body));
            case RETRY -> retry(status, row, body, retryAfter, true, false);
            case RETRY_OUTAGE -> retry(status, row, body, retryAfter, true, true);
            case WAIT_FOR_QUOTA -> retry(status, row, body, retryAfter, false, true);
            case MISROUTED -> new Answer.Misrouted(failed(Reason.REJECTED, status, row.advice()));
            case HALT -> new Answer.Refusal("HTTP " + status + ": " + describe(row, ErrorResponse.read(body)));
        };
    }

    private Answer retry(
            int status, StatusTable.Row row, byte[] body, String retryAfter, boolean costsAttempt, boolean outage) {
        return new Answer.Retry(failed(Reason.RETRIES_EXHAUSTED, status, row, body),
                "HTTP " + status + ": " + row.advice(), RetryAfter.read(retryAfter, clock), costsAttempt, outage);
    }

    private static Answer readContact(int status, byte[] body, ContactKey key) {
        try {
            return new Answer.Final(new Outcome.Found(AnswerReader.read(body, key)));
        } catch (ContractViolationException e) {
            return new Answer.Final(failed(Reason.CONTRACT_VIOLATION, status, e.getMessage()));
        }
    }

    private static Outcome.Failed failed(Reason reason, int status, StatusTable.Row row, byte[] body) {
        return ErrorResponse.read(body)
                .map(error -> failed(reason, status, row, error))
                .orElseGet(() -> failed(reason, status, row.advice()));
    }

    private static Outcome.Failed failed(Reason reason, int status, StatusTable.Row row, ErrorResponse error) {
        return new Outcome.Failed(
                reason, status, error.errorCode(), describe(row, Optional.of(error)), error.errors(), 1);
    }

    private static Outcome.Failed failed(Reason reason, int status, String message) {
        return new Outcome.Failed(reason, status, null, message, null, 1);
    }

    /** Ours first, because it says what to do; then JTL's own words. */
    private static String describe(StatusTable.Row row, Optional<ErrorResponse> error) {
        return error.map(ErrorResponse::errorMessage)
                .filter(message -> !message.isBlank())
                .map(message -> row.advice() + " (JTL: " + message + ")")
                .orElse(row.advice());
    }

    private static byte[] body(Message message) throws IOException {
        Object body = message.getBody();
        if (body instanceof byte[] bytes) {
            return bytes;
        }
        if (body instanceof InputStream stream) {
            try (stream) {
                return stream.readAllBytes();
            }
        }
        return EMPTY;
    }
}
