package de.contactsync.persistence;

import de.contactsync.model.ProcessingHaltedException;
import java.sql.SQLException;

/** A database as its keys have it; the url is a JDBC URL without credentials. */
public record DatabaseSettings(String url, String username, String password) {

    /** The URL for messages and logs: drivers take credentials in it too, so whatever looks like some is left out. */
    public String shownUrl() {
        return withoutCredentials(url);
    }

    /** For messages and logs, which a driver may fill with its URL. */
    public static String withoutCredentials(String text) {
        return text.replaceAll("//[^/@\\s]*@", "//***@").replaceAll("(?i)([?&;]\\w*password=)[^&;\\s]*", "$1***");
    }

    /** What a failure to use it comes to, for people: the innermost cause, and what to do about it. */
    ProcessingHaltedException unusable(Exception e) {
        Throwable cause = e;
        while (cause.getCause() != null && cause.getCause() != cause) {
            cause = cause.getCause();
        }
        SQLException failure = Dialect.find(SQLException.class, e).orElseGet(SQLException::new);
        Dialect dialect = Dialect.of(url);
        String message = withoutCredentials(String.valueOf(cause.getMessage()));
        return dialect.refusal(failure)
                .map(by -> new ProcessingHaltedException(
                        "the database " + shownUrl() + " refuses a row (" + by + "): take away what refuses it", e))
                .orElseGet(() -> new ProcessingHaltedException(
                        "the database " + shownUrl() + " cannot be used: " + message + "; " + dialect.remedy(failure),
                        e));
    }

    /** Never the password: settings may end up in a log line. */
    @Override
    public String toString() {
        return "DatabaseSettings[" + shownUrl() + "]";
    }
}
