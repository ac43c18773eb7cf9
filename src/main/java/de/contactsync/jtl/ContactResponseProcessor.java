package de.contactsync.jtl;

import de.contactsync.http.ApiResponse;
import de.contactsync.model.ContactKey;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import java.io.IOException;
import java.util.Optional;

/** The answer to "Get Customer Contact". */
final class ContactResponseProcessor extends ResponseProcessor {

    ContactResponseProcessor(JtlSettings settings) {
        super(settings);
    }

    @Override
    CallResult success(ApiResponse answer, Object asked) throws IOException {
        byte[] bytes = answer.readAll();
        try {
            return new CallResult.Final(new Outcome.Found(ContactParser.read(bytes, (ContactKey) asked)));
        } catch (ContractViolationException e) {
            Outcome.Failed failed = failed(Reason.CONTRACT_VIOLATION, answer.status(), e.getMessage());
            return e.isOfTheContact()
                    ? new CallResult.Final(failed)
                    : new CallResult.Misrouted(failed, came(answer, bytes), isJson(bytes));
        }
    }

    @Override
    CallResult notFound(Outcome.Failed notFound) {
        return new CallResult.Final(notFound);
    }

    @Override
    CallResult routeNotFound(int status, String came) {
        // Not as not-found: that would have the contact removed from the CRM on the word of whoever sent this.
        return new CallResult.Misrouted(
                failed(
                        Reason.CONTRACT_VIOLATION,
                        status,
                        "the answer does not look like JTL's own: if all keys end like this, check jtl.base-url"
                                + " and that the merchant's JTL-Wawi offers API 2.0"),
                came,
                false);
    }

    @Override
    CallResult unusableBody(int status, StatusPolicy.Row row, Optional<ErrorResponse> error, String came) {
        return switch (row.treatment()) {
            case MISROUTED -> new CallResult.Misrouted(failed(Reason.REJECTED, status, row.advice()), came, false);
            case NOT_OFFERED -> refusal(status, row, error);
            default -> new CallResult.Misrouted(failed(Reason.CONTRACT_VIOLATION, status, row.advice()), came, false);
        };
    }
}
