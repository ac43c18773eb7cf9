package de.contactsync.ledger;

/** The keys under {@code contacts.database.}; the url is a JDBC URL of SQLite or PostgreSQL without credentials. */
public record DatabaseSettings(String url, String username, String password) {

    /** Never the password: settings may end up in a log line. */
    @Override
    public String toString() {
        return "DatabaseSettings[" + url + "]";
    }
}
