package de.contactsync.command;

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
        description = "Imports a sample through the real routes from a simulated JTL into a fresh database.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class)
final class DemoCommand implements Callable<Integer> {

    private static final String TENANT = "0d9f4f3e-7c1b-4a58-9e36-52c1a8b7d604";
    private static final double NOT_FOUND_SHARE = 0.03;

    @Override
    public Integer call() throws Exception {
        PrintStream out = System.out;
        Path folder = Files.createTempDirectory("jtl-contact-sync-demo-");
        Path keys = sample(folder);
        Path database = folder.resolve("contacts.db");
        try (JtlSimulator simulator = JtlSimulator.start(
                SimulatorOptions.builder()
                        .contacts(SimulatorCommand.contactsIn(keys))
                        .notFoundShare(NOT_FOUND_SHARE)
                        .build())) {
            out.println("A simulated JTL listens on " + simulator.baseUrl());
            int exitCode = ImportCommand.run(settings(simulator, database), List.of(keys.toFile()), false, out);
            if (exitCode != ExitCode.DEAD_LETTERS) {
                return exitCode;
            }
        }
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database)) {
            out.println("\nThe first contacts:");
            print(connection, out,
                    "SELECT honorific, first_name, last_name, department, phone_number, email_address FROM contact"
                            + " WHERE last_name IS NOT NULL ORDER BY customer_id, contact_id LIMIT 5");
            out.println("\nSome of the dead letters:");
            print(connection, out,
                    "SELECT min(CAST(position AS INTEGER)) AS line, reason, http_status AS status,"
                            + " CASE WHEN length(error_message) > 80 THEN substr(error_message, 1, 79) || '…'"
                            + " ELSE error_message END AS message FROM dead_letter"
                            + " GROUP BY reason, substr(error_message, 1, 12) ORDER BY line LIMIT 5");
        }
        out.println("\nLook around:");
        out.println("  keys          " + keys);
        out.println("  dead letters  " + keys + ".errors.csv");
        out.println("  database      " + database + "  (tables contact, dead_letter, import_run)");
        out.println("\nYour own files: set jtl.oauth.client-id, jtl.oauth.client-secret and jtl.tenant-id in");
        out.println("application.properties, then: java -jar jtl-contact-sync.jar import FILE");
        return ExitCode.ALL_STORED;
    }

    private static Settings settings(JtlSimulator simulator, Path database) {
        return Settings.of(Map.of(
                Setting.BASE_URL, simulator.baseUrl().toString(),
                Setting.TOKEN_ENDPOINT, simulator.tokenEndpoint().toString(),
                Setting.CLIENT_ID, "demo",
                Setting.CLIENT_SECRET, "demo",
                Setting.TENANT_ID, TENANT,
                Setting.CHUNK_SIZE, "50",
                Setting.DATABASE_URL, "jdbc:sqlite:" + database));
    }

    private static Path sample(Path folder) throws IOException {
        Path keys = folder.resolve("contact-keys.csv");
        try (InputStream in = DemoCommand.class.getResourceAsStream("/demo/contact-keys.csv")) {
            Files.copy(in, keys);
        }
        return keys;
    }

    private static void print(Connection connection, PrintStream out, String query) throws SQLException {
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
                    row[i] = result.getString(i + 1) == null ? "–" : result.getString(i + 1);
                }
                rows.add(row);
            }
        }
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
