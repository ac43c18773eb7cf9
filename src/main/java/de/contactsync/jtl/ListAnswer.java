package de.contactsync.jtl;

import de.contactsync.contact.Outcome;
import de.contactsync.contact.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Optional;

/**
 * The answer to "Query Customer Contacts". Whatever is no list, and no failure that single calls would meet as well,
 * means that this JTL has none. That a list is without a contact is no proof that JTL is: only a 404 says so.
 */
final class ListAnswer extends AnswerProcessor {

    ListAnswer(String host) {
        super(host);
    }

    @Override
    Answer good(int status, InputStream body, Object asked, String type) throws IOException {
        try {
            return new Answer.Listed(ContactListReader.read(body, status, ((CustomerContacts) asked)::wants));
        } catch (ContractViolationException e) {
            return failed(status, e.getMessage(), false);
        }
    }

    /** A customer without contacts is answered like this by some versions of JTL, and with an empty list by others. */
    @Override
    Answer unknown(Outcome.Failed notFound) {
        return new Answer.Listed(Map.of());
    }

    @Override
    Answer notThere(int status, String came) {
        return failed(status, "this JTL-Wawi does not seem to offer the call", true);
    }

    @Override
    Answer unusable(int status, StatusTable.Row row, Optional<ErrorResponse> error, String came) {
        return failed(status, row.advice(), true);
    }

    @Override
    Answer foreign(int status, String came) {
        return failed(status, "the refusal does not look like JTL's own; " + came, true);
    }

    private static Answer failed(int status, String trouble, boolean notOffered) {
        return new Answer.ListFailed("HTTP " + status + ": " + trouble, notOffered, false,
                failed(notOffered ? Reason.REJECTED : Reason.CONTRACT_VIOLATION, status, "JTL answered with " + trouble));
    }
}
