package de.contactsync.product;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** What stands in the product's tables, read from outside. */
public final class Tables {

    /** Without the timestamps. */
    public static final String CONTACTS =
            "SELECT tenant_id, customer_id, contact_id, department, honorific, first_name,"
                    + " last_name, phone_number, mobile_phone_number, email_address, fax, content_hash FROM contact"
                    + " ORDER BY customer_id, contact_id";

    /** Without id and timestamps. */
    public static final String DEAD_LETTERS =
            "SELECT source, run_id, position, tenant_id, customer_id, contact_id, raw_key,"
                    + " stage, reason, http_status, error_code, error_message, errors, attempts, state FROM dead_letter"
                    + " ORDER BY run_id, CAST(position AS BIGINT)";

    /** Without timestamps. */
    public static final String RUNS =
            "SELECT id, source, file_name, file_hash, total, done, stored, not_found, rejected,"
                    + " invalid, failed, duplicates, state FROM import_run ORDER BY id";

    private final String url;

    private Tables(String url) {
        this.url = url;
    }

    public static Tables of(Product product) {
        return new Tables(product.databaseUrl());
    }

    public List<List<String>> contacts() {
        return rows(CONTACTS);
    }

    public List<List<String>> deadLetters() {
        return rows(DEAD_LETTERS);
    }

    public List<List<String>> runs() {
        return rows(RUNS);
    }

    /** Every cell as text, null where it is NULL. */
    public List<List<String>> rows(String query) {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            List<List<String>> rows = new ArrayList<>();
            while (result.next()) {
                List<String> row = new ArrayList<>();
                for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                    row.add(result.getString(i));
                }
                rows.add(row);
            }
            return rows;
        } catch (SQLException e) {
            throw new IllegalStateException(query, e);
        }
    }

    public long number(String query) {
        return Long.parseLong(rows(query).get(0).get(0));
    }

    /** How far the newest run is; 0 as long as there are no tables. */
    public long done() {
        try {
            List<List<String>> runs = rows("SELECT done FROM import_run ORDER BY id DESC");
            return runs.isEmpty() ? 0 : Long.parseLong(runs.get(0).get(0));
        } catch (IllegalStateException e) {
            return 0;
        }
    }

    /** Runs that are over, file and all; 0 as long as there are no tables. */
    public long closed() {
        try {
            return number("SELECT count(*) FROM import_run WHERE closed_at IS NOT NULL");
        } catch (IllegalStateException e) {
            return 0;
        }
    }
}
