package de.contactsync.jtl;

import de.contactsync.http.ApiResponse;
import de.contactsync.model.JtlId;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * The answer to "Query Customer Contacts". Whatever is no list, and no failure that single calls would meet as well,
 * means that this JTL has none. That a list is without a contact is no proof that JTL is: only a 404 says so.
 */
final class ContactListResponseProcessor extends ResponseProcessor {

    ContactListResponseProcessor(JtlSettings settings) {
        super(settings);
    }

    @Override
    CallResult success(ApiResponse answer, Object asked) throws IOException {
        CustomerContactsQuery query = (CustomerContactsQuery) asked;
        try {
            Map<UUID, Outcome> outcomes = ContactListParser.read(
                    answer.body(),
                    answer.status(),
                    query::wants,
                    JtlId.isNumber(query.customer().customerId()));
            boolean noneIsGood = outcomes.values().stream().allMatch(Outcome.Failed.class::isInstance);
            // Whether that is their own fault, single calls find out.
            return query.contactIds() != null && !outcomes.isEmpty() && noneIsGood
                    ? failed(answer.status(), "a list of contacts none of which can be read", false)
                    : new CallResult.Listed(outcomes);
        } catch (ContractViolationException e) {
            return failed(answer.status(), e.getMessage(), false);
        }
    }

    /** A customer without contacts is answered like this by some versions of JTL, and with an empty list by others. */
    @Override
    CallResult notFound(Outcome.Failed notFound) {
        return new CallResult.ListNotFound(failed(
                // As a dead letter it is of a customer: not-found is said of contacts only.
                Reason.REJECTED,
                notFound.httpStatus(),
                notFound.errorMessage().replace(StatusPolicy.of(404).advice(), "HTTP 404, JTL knows no contacts of it")
                        + ". Check in JTL-Wawi whether it has contacts; if it has none, nothing is missing"));
    }

    @Override
    CallResult routeNotFound(int status, String came) {
        return failed(status, "this JTL-Wawi does not seem to offer the call", true);
    }

    @Override
    CallResult unusableBody(int status, StatusPolicy.Row row, Optional<ErrorResponse> error, String came) {
        return failed(status, row.advice(), true);
    }

    @Override
    CallResult foreign(int status, String came) {
        return failed(status, "the refusal does not look like JTL's own; " + came, true);
    }

    private static CallResult failed(int status, String trouble, boolean notOffered) {
        return new CallResult.ListFailed(
                "HTTP " + status + ": " + trouble,
                notOffered,
                false,
                failed(
                        notOffered ? Reason.REJECTED : Reason.CONTRACT_VIOLATION,
                        status,
                        "JTL answered with " + trouble));
    }
}
