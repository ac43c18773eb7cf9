package de.contactsync.cli;

import de.contactsync.app.ExitCode;
import de.contactsync.config.ConfigKey;
import de.contactsync.config.Settings;
import de.contactsync.simulator.HubSpotOptions;
import de.contactsync.simulator.HubSpotSimulator;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(
        name = "demo",
        description = "Imports a sample from a simulated JTL, through the real routes, into a fresh database and a"
                + " simulated HubSpot.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class)
final class DemoCommand implements Callable<Integer> {

    private static final String TENANT = "0d9f4f3e-7c1b-4a58-9e36-52c1a8b7d604";
    private static final double NOT_FOUND_SHARE = 0.03;
    private static final String FIRST = " WHERE last_name IS NOT NULL ORDER BY customer_id, contact_id LIMIT 5";
    private static final List<String> SENT =
            List.of("salutation", "firstname", "lastname", "jtl_department", "phone", "email");
    private static final String NONE = "–";

    @Override
    public Integer call() throws Exception {
        PrintStream out = System.out;
        Path folder = Files.createTempDirectory("jtl-contact-sync-demo-");
        Path keys = sample(folder);
        Path database = folder.resolve("contacts.db");
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.builder()
                        .contacts(SimulatorCommand.contactsIn(keys))
                        .notFoundShare(NOT_FOUND_SHARE)
                        .build());
                HubSpotSimulator hubSpot = HubSpotSimulator.start(HubSpotOptions.standard())) {
            out.println(
                    "A simulated JTL listens on " + jtl.baseUrl() + ", a simulated HubSpot on " + hubSpot.baseUrl());
            int exitCode = ImportCommand.run(settings(jtl, hubSpot, database), List.of(keys.toFile()), false, out);
            if (exitCode != ExitCode.DEAD_LETTERS) {
                return exitCode;
            }
            show(database, hubSpot.records(), out);
        }
        out.println("\nLook around:");
        out.println("  keys          " + keys);
        out.println("  dead letters  " + keys + ".errors.csv");
        out.println("  database      " + database + "  (tables contact, delivery, dead_letter, import_run)");
        out.println("\nYour own files: set jtl.oauth.client-id, jtl.oauth.client-secret and jtl.tenant-id in");
        out.println("application.properties, then: java -jar jtl-contact-sync.jar import FILE");
        return ExitCode.ALL_STORED;
    }

    /** @param records of the CRM, by their ids */
    private static void show(Path database, Map<String, Map<String, String>> records, PrintStream out)
            throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database)) {
            out.println("\nThe first contacts:");
            print(
                    out,
                    rows(
                            connection,
                            "SELECT honorific, first_name, last_name, department, phone_number, email_address FROM"
                                    + " contact"
                                    + FIRST));
            out.println("\nWhat HubSpot has of them, as mapping/hubspot.yaml says:");
            List<String[]> ids = rows(
                    connection,
                    "SELECT remote_id FROM contact JOIN delivery" + " USING (tenant_id, customer_id, contact_id)"
                            + FIRST);
            List<String[]> sent = new ArrayList<>();
            sent.add(SENT.toArray(String[]::new));
            ids.stream()
                    .skip(1)
                    .map(id -> records.getOrDefault(id[0], Map.of()))
                    .forEach(record -> sent.add(SENT.stream()
                            .map(name -> record.getOrDefault(name, NONE))
                            .toArray(String[]::new)));
            print(out, sent);
            out.println("\nSome of the dead letters:");
            print(
                    out,
                    rows(
                            connection,
                            "SELECT min(CASE WHEN stage IN ('key', 'jtl') THEN CAST(position AS INTEGER) END) AS line,"
                                    + " reason, http_status AS status,"
                                    + " CASE WHEN length(error_message) > 80 THEN substr(error_message, 1, 79) || '…'"
                                    + " ELSE error_message END AS message FROM dead_letter"
                                    + " GROUP BY reason, substr(error_message, 1, 12)"
                                    + " ORDER BY line IS NULL, line LIMIT 5"));
        }
    }

    private static Settings settings(JtlSimulator jtl, HubSpotSimulator hubSpot, Path database) {
        return Settings.of(Map.ofEntries(
                Map.entry(ConfigKey.BASE_URL, jtl.baseUrl().toString()),
                Map.entry(ConfigKey.TOKEN_ENDPOINT, jtl.tokenApi().toString()),
                Map.entry(ConfigKey.CLIENT_ID, "demo"),
                Map.entry(ConfigKey.CLIENT_SECRET, "demo"),
                Map.entry(ConfigKey.TENANT_ID, TENANT),
                Map.entry(ConfigKey.CHUNK_SIZE, "50"),
                Map.entry(ConfigKey.DATABASE_URL, "jdbc:sqlite:" + database),
                Map.entry(ConfigKey.SINKS, "database,crm"),
                Map.entry(ConfigKey.CRM_BASE_URL, hubSpot.baseUrl()),
                Map.entry(ConfigKey.CRM_TOKEN, hubSpot.token()),
                // Whoever has a mapping in the working directory sees what comes of it.
                Map.entry(ConfigKey.CRM_CREATE_PROPERTY, "true"),
                // The simulated contacts share some addresses, as those of a company do.
                Map.entry(ConfigKey.CRM_EMAIL_CONFLICT, "without-email")));
    }

    private static Path sample(Path folder) throws IOException {
        Path keys = folder.resolve("contact-keys.csv");
        try (InputStream in = DemoCommand.class.getResourceAsStream("/demo/contact-keys.csv")) {
            Files.copy(in, keys);
        }
        return keys;
    }

    /** The names of the columns, and below them what there is. */
    private static List<String[]> rows(Connection connection, String query) throws SQLException {
        List<String[]> rows = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            ResultSetMetaData columns = result.getMetaData();
            String[] names = new String[columns.getColumnCount()];
            for (int i = 0; i < names.length; i++) {
                names[i] = columns.getColumnLabel(i + 1);
            }
            rows.add(names);
            while (result.next()) {
                String[] row = new String[names.length];
                for (int i = 0; i < names.length; i++) {
                    row[i] = result.getString(i + 1) == null ? NONE : result.getString(i + 1);
                }
                rows.add(row);
            }
        }
        return rows;
    }

    private static void print(PrintStream out, List<String[]> rows) {
        int[] widths = new int[rows.get(0).length];
        for (String[] row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row[i].length());
            }
        }
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder(" ");
            for (int i = 0; i < widths.length; i++) {
                line.append(' ').append(row[i]).append(" ".repeat(widths[i] - row[i].length() + 1));
            }
            out.println(line.toString().stripTrailing());
        }
    }
}
