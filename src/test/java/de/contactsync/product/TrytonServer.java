package de.contactsync.product;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Debian's {@code tryton-server} with the module party, on SQLite. */
final class TrytonServer extends RealCrm {

    private static final Path PROGRAMS = Path.of("/usr/bin");
    private static final String DATABASE = "jtl";
    private static final String PASSWORD = "tryton-s3cr3t";

    private String session;

    private TrytonServer(Path folder) throws IOException {
        super(folder);
    }

    static TrytonServer start(Path folder) throws Exception {
        require(
                Files.isExecutable(PROGRAMS.resolve("trytond"))
                        && Files.isDirectory(Path.of("/usr/lib/python3/dist-packages/trytond/modules/party"))
                        && Files.isDirectory(Path.of("/usr/lib/python3/dist-packages/phonenumbers")),
                "there is no /usr/bin/trytond with the module party: RUNLEVEL=1 apt-get install --no-install-recommends"
                        + " tryton-server tryton-modules-party python3-phonenumbers");
        TrytonServer tryton = new TrytonServer(folder);
        try {
            tryton.prepare();
            tryton.start();
        } catch (Exception | Error e) {
            tryton.close();
            throw e;
        }
        return tryton;
    }

    private void prepare() throws IOException, InterruptedException {
        Files.writeString(folder.resolve("trytond.conf"), """
                [database]
                uri = sqlite://
                path = %s
                [web]
                listen = 127.0.0.1:%d
                """.formatted(folder.toAbsolutePath(), port));
        Files.createFile(sqlite());
        Files.writeString(folder.resolve("password"), PASSWORD);
        run(command("trytond-admin", "--all", "--email", "admin@tryton.example"));
        run(command("trytond-admin", "-u", "party", "--activate-dependencies"));
    }

    private Path sqlite() {
        return folder.resolve(DATABASE + ".sqlite");
    }

    private ProcessBuilder command(String program, String... arguments) {
        List<String> command =
                new ArrayList<>(List.of(PROGRAMS.resolve(program).toString(), "-c", "trytond.conf", "-d", DATABASE));
        command.addAll(Arrays.asList(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("TRYTONPASSFILE", "password");
        return builder;
    }

    @Override
    ProcessBuilder server() {
        return command("trytond");
    }

    @Override
    boolean isReady() throws IOException {
        JsonNode granted = rpc("common.db.login", null, "admin", Map.of("password", PASSWORD))
                .path("result");
        session = "Session "
                + Base64.getEncoder()
                        .encodeToString(("test:" + granted.path(0).asText() + ":"
                                        + granted.path(1).asText())
                                .getBytes(StandardCharsets.UTF_8));
        return granted.size() == 2;
    }

    private JsonNode rpc(String method, String authorization, Object... params) throws IOException {
        JsonNode answer = call(
                "POST",
                "/" + DATABASE + "/",
                authorization,
                Map.of("id", 1, "method", method, "params", Arrays.asList(params)));
        if (answer.has("error")) {
            throw new IOException(method + ": " + answer);
        }
        return answer;
    }

    private JsonNode party(String method, Object... params) throws IOException {
        return rpc("model.party." + method, session, params).path("result");
    }

    @Override
    List<Entry> entries() throws IOException {
        List<Entry> entries = new ArrayList<>();
        for (JsonNode identifier : party(
                "identifier.search_read",
                List.of(),
                0,
                100_000,
                null,
                List.of("code", "party", "party.name", "party.active"),
                Map.of("active_test", false))) {
            JsonNode party = identifier.path("party.");
            entries.add(new Entry(
                    identifier.path("party").asText(),
                    identifier.path("code").asText(),
                    party.path("name").asText(""),
                    party.path("active").asBoolean()));
        }
        return entries;
    }

    /** Types and values of what belongs to a party. */
    List<String> mechanisms(String party) throws IOException {
        List<String> mechanisms = new ArrayList<>();
        for (JsonNode each : party(
                "contact_mechanism.search_read",
                List.of(List.of("party", "=", Integer.parseInt(party))),
                0,
                100,
                null,
                List.of("type", "value"),
                Map.of())) {
            mechanisms.add(each.path("type").asText() + " " + each.path("value").asText());
        }
        return mechanisms;
    }

    @Override
    void rename(String id, String name) throws IOException {
        party("party.write", List.of(Integer.parseInt(id)), Map.of("name", name), Map.of());
    }

    @Override
    void delete(String id) throws IOException {
        party("party.delete", List.of(Integer.parseInt(id)), Map.of());
    }

    /** As after {@code session.max_age}. */
    void endSessions() {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + sqlite());
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA busy_timeout = 10000");
            statement.executeUpdate("DELETE FROM ir_session");
            // The one of the tests is over as well.
            isReady();
        } catch (SQLException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    boolean isCreate(CallRecorder.Call call) {
        return call.body().contains("\"model.party.party.create\"");
    }

    @Override
    boolean isWrite(CallRecorder.Call call) {
        return call.body().matches("(?s).*\"model\\.party\\.[a-z_]+\\.(create|write|delete)\".*");
    }

    @Override
    String updated(CallRecorder.Call call) {
        try {
            return call.body().contains("\"model.party.party.write\"")
                    ? JSON.readTree(call.body()).at("/params/0/0").asText()
                    : null;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    String example() {
        return "tryton";
    }

    @Override
    Product configure(Product product) {
        return product.with("contacts.crm.rest.username", "admin").with("contacts.crm.rest.password", PASSWORD);
    }

    @Override
    UnaryOperator<String> filled() {
        return text -> text.replace("DATABASE", DATABASE);
    }
}
