package de.contactsync.persistence;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** By the SQLState of PostgreSQL. */
final class PostgresqlErrors extends DatabaseErrors {

    private static final String NO_PRIMARY = "targetServerType";
    private static final String NO_PASSWORD = "no password was provided";

    /** All of the appendix "PostgreSQL Error Codes". */
    private static final String CLASSES =
            "(0[0-3]|0[89]|0[ABFLPZ]|10|2[0-8]|2[BDF]|34|38|39|3[BDF]|40|42|44|5[34578]|72|F0|HV|P0|XX)...";

    /** The pool has tried for seconds before it abandons. */
    @Override
    boolean isImmediatelyRetryable(SQLException e) {
        return !(e instanceof SQLTransientConnectionException);
    }

    /**
     * Connection lost (class 08), server going down or statement canceled (57), no room for now (53), serialization
     * or deadlock (40), lock not available or object in use (55), disk or file of the server (58), idle in a
     * transaction for too long (25P03), and what {@link #isOfConnection} gives a new connection for.
     */
    @Override
    boolean isTransient(SQLException e) {
        String state = e.getSQLState();
        return e instanceof SQLTransientConnectionException
                || state != null && state.matches("(08|40|53|55|57|58)...|25P03")
                || isOfConnection(e);
    }

    @Override
    boolean mayBecomeAvailable(Exception failure) {
        return find(SQLException.class, failure).filter(this::isTransient).isPresent();
    }

    /**
     * A server that was a primary takes no writes any more (25006), and another may by now; a statement that was
     * prepared is not there, or is another one (26000, 42P05), as behind a pooler.
     */
    @Override
    boolean isOfConnection(SQLException e) {
        String state = e.getSQLState();
        return state != null && state.matches("25006|26000|42P05");
    }

    /** Without the driver's names of its options, and without advice, which {@link #remedy} gives. */
    @Override
    String message(String text) {
        return text.contains(NO_PRIMARY)
                ? "no server that it names takes writes"
                : text.contains(NO_PASSWORD)
                        ? "the server asks for a password"
                        : text.replaceFirst("(?s)^Connection to (\\S+) refused\\..*$", "$1 refuses the connection");
    }

    @Override
    String remedy(SQLException e) {
        String state = String.valueOf(e.getSQLState());
        if (state.startsWith("28")) {
            return "check contacts.database.username and .password";
        }
        if (state.startsWith("08")) {
            // A pool puts an exception of its own around that of the driver.
            return ofConnection(Stream.iterate((Throwable) e, Objects::nonNull, Throwable::getCause)
                    .map(cause -> String.valueOf(cause.getMessage()))
                    .collect(Collectors.joining("\n")));
        }
        return switch (state) {
            case "25006" ->
                "the server takes no writes, as a standby does: name the primary in contacts.database.url, or"
                        + " all servers (jdbc:postgresql://one,two/name)";
            case "26000", "42P05" ->
                "a connection pooler in between does not support prepared statements: add prepareThreshold=0 to"
                        + " contacts.database.url";
            case "53100" -> "the server's disk is full: make room";
            case "53300" -> "the server has no connection left: raise its max_connections, or end other programs";
            case "42501" -> "grant the role the missing privileges";
            case "42P01", "42703" ->
                "tables or columns are missing: the command check says which; see to contacts.database.url and the"
                        + " user's search_path";
            case "3D000", "3F000" -> "create it, or check contacts.database.url";
            case "55P03", "57014", "25P03", "40001", "40P01" ->
                "other work on the database is in its way: look into"
                        + " pg_stat_activity, and at the role's lock_timeout and statement_timeout";
            default -> "look into the server's log";
        };
    }

    /** The driver has one state for everything that prevents a connection; only its message says which. */
    private static String ofConnection(String message) {
        if (message.contains(NO_PASSWORD)) {
            return "set contacts.database.password";
        }
        if (message.contains(NO_PRIMARY)) {
            return "name the primary in contacts.database.url, or see that the user's"
                    + " default_transaction_read_only is off";
        }
        return "check contacts.database.url, and that the server runs there";
    }

    /**
     * What a row is refused for: a constraint or its data by class, anything that a trigger raises, and states that
     * are no class of PostgreSQL's, which triggers in other languages make up. Without the text, which may be made
     * of the row.
     *
     * @see <a href="https://www.postgresql.org/docs/current/errcodes-appendix.html">PostgreSQL Error Codes</a>
     */
    @Override
    Optional<String> refusal(SQLException e) {
        String state = e.getSQLState();
        ServerErrorMessage server = find(PSQLException.class, e)
                .map(PSQLException::getServerErrorMessage)
                .orElse(null);
        boolean raised = RaisedByTrigger.isCauseOf(e);
        if (state == null || isTransient(e) && !raised) {
            return Optional.empty();
        }
        boolean ofRow = state.matches("(21|22|23|27|2F|38|39|44|54|P0)...");
        if (!raised && !ofRow && (server == null || state.matches(CLASSES))) {
            return Optional.empty();
        }
        String place = server == null
                ? null
                : server.getConstraint() != null
                        ? "constraint " + server.getConstraint()
                        : server.getColumn() != null ? "column " + server.getColumn() : raised ? "a trigger" : null;
        return Optional.of((place == null ? "" : place + ", ") + "SQLState " + state);
    }
}
