package de.contactsync.jtl;

import de.contactsync.http.ApiResponse;
import de.contactsync.http.HttpDate;
import de.contactsync.model.JtlId;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;

/** The answer to "Queries of all customers". Whether what is no page costs more than this page, who walks decides. */
final class CustomersResponseProcessor extends ResponseProcessor {

    private final JtlConnection connection;

    CustomersResponseProcessor(JtlConnection connection) {
        super(connection.settings());
        this.connection = connection;
    }

    @Override
    CallResult success(ApiResponse answer, Object asked) throws IOException {
        try {
            return CustomersParser.read(answer.body(), connection.ids() == JtlId.Kind.NUMBER)
                    .at(HttpDate.parse(answer.header("Date"), Instant.now()));
        } catch (ContractViolationException e) {
            return noCustomers(answer.status(), "JTL sent " + e.getMessage());
        }
    }

    @Override
    CallResult notFound(Outcome.Failed notFound) {
        return noCustomers(notFound.httpStatus(), "JTL knows no such list");
    }

    @Override
    CallResult routeNotFound(int status, String came) {
        return noCustomers(status, "this JTL-Wawi does not seem to offer the call");
    }

    @Override
    CallResult unusableBody(int status, StatusPolicy.Row row, Optional<ErrorResponse> error, String came) {
        return row.treatment() == StatusPolicy.Treatment.NOT_OFFERED
                ? refusal(status, row, error)
                : noCustomers(status, row.advice());
    }

    @Override
    CallResult foreign(int status, String came) {
        return noCustomers(status, "the refusal does not look like JTL's own; " + came);
    }

    private static CallResult noCustomers(int status, String trouble) {
        return new CallResult.ListFailed(
                "HTTP " + status + ": " + trouble,
                false,
                false,
                failed(Reason.CONTRACT_VIOLATION, status, "HTTP " + status + ": " + trouble));
    }
}
