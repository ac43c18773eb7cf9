package de.contactsync.jtl;

import de.contactsync.contact.ContactKey;
import de.contactsync.contact.Outcome;
import de.contactsync.contact.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** The answer to "Get Customer Contact". */
final class ContactAnswer extends AnswerProcessor {

    ContactAnswer(String host) {
        super(host);
    }

    @Override
    Answer good(int status, InputStream body, Object asked, String type) throws IOException {
        byte[] bytes = body.readAllBytes();
        try {
            return new Answer.Final(new Outcome.Found(AnswerReader.read(bytes, (ContactKey) asked)));
        } catch (ContractViolationException e) {
            Outcome.Failed failed = failed(Reason.CONTRACT_VIOLATION, status, e.getMessage());
            return e.isOfTheContact()
                    ? new Answer.Final(failed)
                    : new Answer.Misrouted(failed, came(status, type, bytes), true);
        }
    }

    @Override
    Answer unknown(Outcome.Failed notFound) {
        return new Answer.Final(notFound);
    }

    @Override
    Answer notThere(int status, String came) {
        // Not as not-found: that would have the contact removed from the CRM on the word of whoever sent this.
        return new Answer.Misrouted(failed(Reason.CONTRACT_VIOLATION, status,
                "the answer does not look like JTL's own: if all keys end like this, check jtl.base-url"
                        + " and that the merchant's JTL-Wawi offers API 2.0"), came, false);
    }

    @Override
    Answer unusable(int status, StatusTable.Row row, Optional<ErrorResponse> error, String came) {
        return switch (row.treatment()) {
            case MISROUTED -> new Answer.Misrouted(failed(Reason.REJECTED, status, row.advice()), came, false);
            case NOT_OFFERED -> refusal(status, row, error);
            default -> new Answer.Misrouted(failed(Reason.CONTRACT_VIOLATION, status, row.advice()), came, true);
        };
    }
}
