package de.contactsync.persistence;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The tables, columns and indexes that the migrations make, each by its name: {@code table t}, {@code column t.c},
 * {@code index t.i}. The files {@code db/tables-*.txt} hold them; a test keeps them true.
 */
final class SchemaObjects {

    private SchemaObjects() {}

    /** What is there; an index that is not valid counts as none. */
    static SortedSet<String> present(Connection connection, Dialect dialect) throws SQLException {
        SortedSet<String> found = new TreeSet<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(dialect.schemaObjects())) {
            while (row.next()) {
                found.add(row.getString(1));
            }
        }
        return found;
    }

    /** What is not there although the migrations made it; columns and indexes of a missing table are left out. */
    static List<String> missing(Connection connection, Dialect dialect) throws SQLException, IOException {
        SortedSet<String> present = present(connection, dialect);
        List<String> missing = new ArrayList<>();
        for (String object : written(dialect)) {
            boolean ofMissing = missing.contains(object.replaceFirst("^\\w+ (.*)\\..*$", "table $1"));
            if (!present.contains(object) && (object.startsWith("table ") || !ofMissing)) {
                missing.add(object);
            }
        }
        return missing;
    }

    /** The names of all tables. */
    static List<String> tables(Dialect dialect) throws IOException {
        return written(dialect).stream()
                .filter(object -> object.startsWith("table "))
                .map(object -> object.substring("table ".length()))
                .toList();
    }

    /** On the class path. */
    static String file(Dialect dialect) {
        return dialect.migrations().replace("db/", "db/tables-") + ".txt";
    }

    /** Tables first, so that their columns need not be named. */
    private static List<String> written(Dialect dialect) throws IOException {
        String name = "/" + file(dialect);
        try (BufferedReader in = new BufferedReader(
                new InputStreamReader(SchemaObjects.class.getResourceAsStream(name), StandardCharsets.UTF_8))) {
            return in.lines()
                    .sorted((a, b) -> Boolean.compare(b.startsWith("table "), a.startsWith("table ")))
                    .toList();
        }
    }
}
