package de.contactsync.ledger;

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

    /** Never the password: settings may end up in a log line. */
    @Override
    public String toString() {
        return "DatabaseSettings[" + shownUrl() + "]";
    }
}
