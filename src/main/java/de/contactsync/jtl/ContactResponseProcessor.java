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
            if (e.isOfTheContact()) {
                return new CallResult.Final(failed);
            }
            if (!AnswerDescription.isJson(bytes)) {
                return misrouted(failed, came(answer, bytes));
            }
            boolean isWhole = e.getMessage().endsWith(ContactParser.PROXY);
            return new CallResult.Misrouted(failed, isWhole ? null : came(answer, bytes), true);
        }
    }

    @Override
    CallResult notFound(Outcome.Failed notFound) {
        return new CallResult.Final(notFound);
    }

    @Override
    CallResult routeNotFound(int status, String came) {
        // Not as not-found: that would have the contact removed from the CRM on the word of whoever sent this.
        return misrouted(
                failed(
                        Reason.CONTRACT_VIOLATION,
                        status,
                        "the answer does not look like JTL's own, or the merchant's JTL-Wawi does not offer API 2.0"),
                came);
    }

    @Override
    CallResult unusableBody(int status, StatusPolicy.Row row, Optional<ErrorResponse> error, String came) {
        return switch (row.treatment()) {
            case MISROUTED -> misrouted(failed(Reason.REJECTED, status, StatusPolicy.REDIRECT), came);
            case NOT_OFFERED -> refusal(status, row, error);
            default -> misrouted(failed(Reason.CONTRACT_VIOLATION, status, row.advice()), came);
        };
    }
}
