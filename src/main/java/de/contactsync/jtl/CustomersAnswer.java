package de.contactsync.jtl;

import de.contactsync.contact.HaltException;
import de.contactsync.contact.Outcome;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** The answer to "Queries of all customers". Without it there are no keys, so whatever is no page halts. */
final class CustomersAnswer extends AnswerProcessor {

    CustomersAnswer(String host) {
        super(host);
    }

    @Override
    Answer good(int status, InputStream body, Object asked, String type) throws IOException {
        try {
            return CustomersReader.read(body);
        } catch (ContractViolationException e) {
            return noCustomers(status, "JTL sent " + e.getMessage());
        }
    }

    @Override
    Answer unknown(Outcome.Failed notFound) {
        return noCustomers(notFound.httpStatus(), "JTL knows no such list");
    }

    @Override
    Answer notThere(int status, String came) {
        return noCustomers(status, "this JTL-Wawi does not seem to offer the call");
    }

    @Override
    Answer unusable(int status, StatusTable.Row row, Optional<ErrorResponse> error, String came) {
        return row.treatment() == StatusTable.Treatment.NOT_OFFERED
                ? refusal(status, row, error)
                : noCustomers(status, row.advice());
    }

    @Override
    Answer foreign(int status, String came) {
        return noCustomers(status, "the refusal does not look like JTL's own; " + came);
    }

    private static Answer noCustomers(int status, String trouble) {
        return new Answer.Halt(new HaltException("JTL's customers cannot be listed (HTTP " + status + "): " + trouble
                + "; take the keys from elsewhere by contacts.timer.keys if that does not pass"));
    }
}
