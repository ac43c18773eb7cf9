package de.contactsync.persistence;

import java.sql.SQLException;
import java.util.Optional;

/** What the failures of a database mean: whether they may pass, what they say to people, and what to do about them. */
abstract class DatabaseErrors {

    /** Whether another connection may do what this one cannot, though it is not broken. */
    boolean isOfConnection(SQLException e) {
        return false;
    }

    /** What the innermost cause of a failure says, for people: without what the driver puts around it in vain. */
    String message(String text) {
        return text;
    }

    /** What to do about a failure, for people. */
    abstract String remedy(SQLException e);

    /** Whether the same work may succeed when it is tried again. */
    abstract boolean isTransient(SQLException e);

    /** Whether, of what {@linkplain #isTransient may pass}, it is worth another try without a pause. */
    boolean isImmediatelyRetryable(SQLException e) {
        return true;
    }

    /**
     * What keeps a row out for what is in it: a constraint, a trigger, the encoding. Without anything of the row.
     *
     * @return empty when the failure is of another kind
     */
    abstract Optional<String> refusal(SQLException e);

    /** Whether a database that cannot be opened may be there later: a server that does not answer yet. */
    boolean mayBecomeAvailable(Exception failure) {
        return false;
    }

    static <T extends Throwable> Optional<T> find(Class<T> type, Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return Optional.of(type.cast(cause));
            }
        }
        return Optional.empty();
    }
}
