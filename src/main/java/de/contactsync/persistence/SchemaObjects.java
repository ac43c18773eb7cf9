package de.contactsync.persistence;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The tables, columns and indexes that the migrations make, each by its name: {@code table t}, {@code column t.c},
 * {@code index t.i}; an index with the statement that creates it. The files {@code db/tables-*.txt} hold them, in lines
 * such as {@code index t.i = CREATE INDEX i ON t (c)}; a test keeps them true.
 */
final class SchemaObjects {

    private static final String IS = " = ";

    private SchemaObjects() {}

    /** What is there, each as a line of the file; an index that is not valid counts as none. */
    static SortedSet<String> present(Connection connection, Dialect dialect) throws SQLException {
        SortedSet<String> found = new TreeSet<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(dialect.schemaObjects())) {
            while (row.next()) {
                String created = row.getString(2);
                found.add(row.getString(1) + (created == null ? "" : IS + created.replaceAll("\\s+", " ")));
            }
        }
        return found;
    }

    private static String name(String line) {
        return line.split(IS, 2)[0];
    }

    private static Optional<String> created(String line) {
        return Arrays.stream(line.split(IS, 2)).skip(1).findAny();
    }

    /**
     * What is not there although the migrations made it, by name and creating statement; columns and indexes of a
     * missing table are left out.
     */
    static Map<String, Optional<String>> missing(Connection connection, Dialect dialect)
            throws SQLException, IOException {
        Set<String> present =
                present(connection, dialect).stream().map(SchemaObjects::name).collect(Collectors.toSet());
        Map<String, Optional<String>> missing = new LinkedHashMap<>();
        for (String line : written(dialect)) {
            String object = name(line);
            boolean ofMissing = missing.containsKey(object.replaceFirst("^\\w+ (.*)\\..*$", "table $1"));
            if (!present.contains(object) && (object.startsWith("table ") || !ofMissing)) {
                missing.put(object, created(line));
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
