package de.contactsync.jtl;

import de.contactsync.contact.ContactKey;
import de.contactsync.contact.Outcome;
import de.contactsync.contact.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.util.Optional;

/** The answer to "Get Customer Contact". */
final class ContactAnswer extends AnswerProcessor {

    ContactAnswer(Clock clock) {
        super(clock);
    }

    @Override
    Answer good(int status, InputStream body, Object asked) throws IOException {
        try {
            return new Answer.Final(new Outcome.Found(AnswerReader.read(body.readAllBytes(), (ContactKey) asked)));
        } catch (ContractViolationException e) {
            return new Answer.Final(failed(Reason.CONTRACT_VIOLATION, status, e.getMessage()));
        }
    }

    @Override
    Answer unknown(Outcome.Failed notFound) {
        return new Answer.Final(notFound);
    }

    @Override
    Answer notThere(int status) {
        return new Answer.Misrouted(failed(Reason.NOT_FOUND, status,
                "the answer does not look like JTL's own: if all keys end like this, check jtl.base-url"
                        + " and that the merchant's JTL-Wawi offers API 2.0"));
    }

    @Override
    Answer unusable(int status, StatusTable.Row row, Optional<ErrorResponse> error) {
        return switch (row.treatment()) {
            case MISROUTED -> new Answer.Misrouted(failed(Reason.REJECTED, status, row.advice()));
            case NOT_OFFERED -> refusal(status, row, error);
            default -> new Answer.Final(failed(Reason.CONTRACT_VIOLATION, status, row.advice()));
        };
    }
}
