package de.contactsync.persistence;

import de.contactsync.model.ProcessingHaltedException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The schemas in which PostgreSQL looks for tables, and makes them in the first that is there and may be used.
 *
 * @see <a href="https://www.postgresql.org/docs/current/ddl-schemas.html#DDL-SCHEMAS-PATH">The schema search path</a>
 */
final class SearchPath {

    private static final Pattern NAME = Pattern.compile("\"((?:[^\"]|\"\")*)\"|[^,\\s]+");
    private static final String CURRENT_SCHEMA = "currentSchema=";

    private SearchPath() {}

    /**
     * @param used that PostgreSQL chose; null where it found none
     * @throws ProcessingHaltedException when that is none, or another than the URL names first
     */
    static void requireUsable(Connection connection, DatabaseSettings settings, String used) throws SQLException {
        List<String> names = names(connection);
        boolean named = settings.url().contains(CURRENT_SCHEMA);
        if (used != null && (!named || names.isEmpty() || names.get(0).equals(used))) {
            return;
        }
        String user = connection.getMetaData().getUserName();
        for (String name : names) {
            if (exists(connection, name)) {
                throw new ProcessingHaltedException("the user " + user + " may not use the schema " + name + " of "
                        + settings.shownUrl() + ": GRANT USAGE, CREATE ON SCHEMA " + name + " TO " + user
                        + (named ? ", or put another schema into currentSchema of contacts.database.url" : ""));
            }
            if (named) {
                throw new ProcessingHaltedException("there is no schema " + name + " in " + settings.shownUrl()
                        + ": CREATE SCHEMA " + name + " AUTHORIZATION " + user
                        + ", or put another schema into currentSchema of contacts.database.url");
            }
        }
        throw new ProcessingHaltedException(
                "there is no schema in " + settings.shownUrl() + " that the user's search_path"
                        + " names: CREATE SCHEMA contacts AUTHORIZATION " + user
                        + ", and put ?currentSchema=contacts into contacts.database.url");
    }

    /** What to do about a schema that cannot be used. */
    static String another(DatabaseSettings settings) {
        return settings.url().contains(CURRENT_SCHEMA)
                ? "CREATE SCHEMA of a name of its own, and put another schema into currentSchema of"
                        + " contacts.database.url"
                : "CREATE SCHEMA contacts, and add " + (settings.url().contains("?") ? "&" : "?")
                        + "currentSchema=contacts to contacts.database.url";
    }

    private static List<String> names(Connection connection) throws SQLException {
        String path;
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SHOW search_path")) {
            row.next();
            path = row.getString(1);
        }
        List<String> names = new ArrayList<>();
        Matcher name = NAME.matcher(path == null ? "" : path);
        while (name.find()) {
            String quoted = name.group(1);
            names.add(quoted == null ? name.group().toLowerCase(Locale.ROOT) : quoted.replace("\"\"", "\""));
        }
        names.remove("$user");
        return names;
    }

    private static boolean exists(Connection connection, String name) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT 1 FROM pg_namespace WHERE nspname = ?")) {
            statement.setString(1, name);
            try (ResultSet row = statement.executeQuery()) {
                return row.next();
            }
        }
    }
}
