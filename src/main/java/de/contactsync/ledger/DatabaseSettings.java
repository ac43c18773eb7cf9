package de.contactsync.ledger;

/** The keys under {@code contacts.database.}; the url is a JDBC URL of SQLite or PostgreSQL without credentials. */
public record DatabaseSettings(String url, String username, String password) {

    /** The URL for messages and logs: drivers take credentials in it too, so whatever looks like some is left out. */
    public String shownUrl() {
        return withoutCredentials(url);
    }

    static String withoutCredentials(String text) {
        return text.replaceAll("//[^/@\\s]*@", "//***@").replaceAll("(?i)([?&;]\\w*password=)[^&;\\s]*", "$1***");
    }

    /** Never the password: settings may end up in a log line. */
    @Override
    public String toString() {
        return "DatabaseSettings[" + shownUrl() + "]";
    }
}
