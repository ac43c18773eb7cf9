package de.contactsync.persistence;

import java.sql.PreparedStatement;
import java.sql.SQLException;

/**
 * The stages of one sink's dead letters in SQL: {@code sink:crm}, and those of a part of the delivery, such as
 * {@code sink:crm:company}.
 */
public final class SinkStage {

    private SinkStage() {}

    /** @param part of what is delivered; null for the whole */
    public static String of(String sink, String part) {
        return "sink:" + sink + (part == null ? "" : ":" + part);
    }

    /** @param column such as {@code l.stage} */
    public static String condition(String column) {
        return "(" + column + " = ? OR substr(" + column + ", 1, ?) = ?)";
    }

    /**
     * Of {@link #condition}.
     *
     * @param parameter the first
     * @return the one behind
     */
    public static int bind(PreparedStatement statement, int parameter, String sink) throws SQLException {
        String parts = of(sink, "");
        statement.setString(parameter, of(sink, null));
        statement.setInt(parameter + 1, parts.length());
        statement.setString(parameter + 2, parts);
        return parameter + 3;
    }
}
