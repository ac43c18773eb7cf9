package de.contactsync.product;

import com.fasterxml.jackson.databind.JsonNode;
import de.contactsync.persistence.TestDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Directus from the npm registry, in the folder that {@code realcrm.directus} names, on a PostgreSQL of the tests. */
final class DirectusServer extends RealCrm {

    private static final Path MODULES = Path.of(System.getProperty("realcrm.directus", "target/realcrm/directus"))
            .toAbsolutePath()
            .resolve("node_modules");
    /** The command {@code directus} asks the registry for updates before it gets here. */
    private static final Path PROGRAM = MODULES.resolve("@directus/api/dist/cli/run.js");

    private static final String ADMIN = "Bearer admin-t0ken-of-the-tests";
    private static final List<String> FIELDS = List.of(
            "jtl_contact_id",
            "email",
            "salutation",
            "first_name",
            "last_name",
            "department",
            "phone",
            "mobile_phone",
            "fax",
            "jtl_customer_id");

    private final TestDatabase database = TestDatabase.empty(TestDatabase.Kind.POSTGRESQL);
    private String user;
    private String token = "sync-t0ken-1";

    private DirectusServer(Path folder) throws IOException {
        super(folder);
    }

    static DirectusServer start(Path folder) throws Exception {
        require(
                Files.isRegularFile(PROGRAM),
                "there is no Directus in " + MODULES + ": npm install --prefix " + MODULES.getParent()
                        + " directus@11 node@22");
        DirectusServer directus = new DirectusServer(folder);
        try {
            directus.run(directus.command("bootstrap"));
            directus.start();
            directus.prepare();
        } catch (Exception | Error e) {
            directus.close();
            throw e;
        }
        return directus;
    }

    private ProcessBuilder command(String command) {
        Path node = MODULES.resolve("node/bin/node");
        ProcessBuilder builder =
                new ProcessBuilder(Files.isExecutable(node) ? node.toString() : "node", PROGRAM.toString(), command);
        builder.environment()
                .putAll(Map.of(
                        "HOST", "127.0.0.1",
                        "PORT", Integer.toString(port),
                        "SECRET", "secret-of-the-tests",
                        "DB_CLIENT", "pg",
                        "DB_CONNECTION_STRING",
                                database.settings().url().replace("jdbc:", "").replace("//", "//postgres:postgres@"),
                        "ADMIN_EMAIL", "admin@directus.example.com",
                        "ADMIN_PASSWORD", "admin-s3cr3t",
                        "ADMIN_TOKEN", ADMIN.substring("Bearer ".length()),
                        "TELEMETRY", "false"));
        return builder;
    }

    @Override
    ProcessBuilder server() {
        return command("start");
    }

    @Override
    boolean isReady() throws IOException {
        return !call("GET", "/server/info", ADMIN, null).path("data").isEmpty();
    }

    /** What the README asks for: a collection, and a user who may do no more than is needed. */
    private void prepare() throws IOException {
        collection("contacts", null);
        collection("strict", 17);
        String policy = id(call("POST", "/policies", ADMIN, Map.of("name", "JTL", "app_access", false)));
        String role = id(call("POST", "/roles", ADMIN, Map.of("name", "JTL")));
        call("POST", "/access", ADMIN, Map.of("role", role, "policy", policy));
        for (String collection : List.of("contacts", "strict")) {
            for (String action : List.of("create", "read", "update", "delete")) {
                call(
                        "POST",
                        "/permissions",
                        ADMIN,
                        Map.of(
                                "policy",
                                policy,
                                "collection",
                                collection,
                                "action",
                                action,
                                "fields",
                                List.of("*"),
                                "permissions",
                                Map.of(),
                                "validation",
                                Map.of()));
            }
        }
        user = id(call(
                "POST",
                "/users",
                ADMIN,
                Map.of("email", "sync@directus.example.com", "role", role, "token", token, "status", "active")));
    }

    /** @param longest text of a department, and then an e-mail address must be there; null for any, or none */
    private void collection(String name, Integer longest) throws IOException {
        List<Object> fields = new ArrayList<>();
        fields.add(Map.of(
                "field",
                "id",
                "type",
                "integer",
                "meta",
                Map.of("hidden", true),
                "schema",
                Map.of("is_primary_key", true, "has_auto_increment", true)));
        for (String field : FIELDS) {
            Map<String, Object> schema = new LinkedHashMap<>();
            schema.put("is_unique", field.equals("jtl_contact_id"));
            if (field.equals("department") && longest != null) {
                schema.put("max_length", longest);
            }
            schema.put("is_nullable", !field.equals("email") || longest == null);
            fields.add(Map.of("field", field, "type", "string", "meta", Map.of(), "schema", schema));
        }
        fields.add(Map.of(
                "field", "jtl_gone", "type", "boolean", "meta", Map.of(), "schema", Map.of("default_value", false)));
        call(
                "POST",
                "/collections",
                ADMIN,
                Map.of("collection", name, "meta", Map.of(), "schema", Map.of(), "fields", fields));
    }

    private static String id(JsonNode answer) {
        return answer.at("/data/id").asText();
    }

    @Override
    List<Entry> entries() throws IOException {
        List<Entry> entries = new ArrayList<>();
        for (JsonNode each :
                call("GET", "/items/contacts?limit=-1", ADMIN, null).path("data")) {
            entries.add(new Entry(
                    each.path("id").asText(),
                    each.path("jtl_contact_id").asText().replaceFirst("^.*/", ""),
                    (each.path("first_name").asText("") + " "
                                    + each.path("last_name").asText(""))
                            .trim(),
                    !each.path("jtl_gone").asBoolean()));
        }
        return entries;
    }

    @Override
    void rename(String id, String name) throws IOException {
        call("PATCH", "/items/contacts/" + id, ADMIN, Map.of("last_name", name));
    }

    @Override
    void delete(String id) throws IOException {
        call("DELETE", "/items/contacts/" + id, ADMIN, null);
    }

    /** The token that was used until then is no longer accepted. */
    String newToken() {
        token = token + "1";
        try {
            call("PATCH", "/users/" + user, ADMIN, Map.of("token", token));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return token;
    }

    @Override
    boolean isCreate(CallRecorder.Call call) {
        return call.method().equals("POST");
    }

    @Override
    boolean isWrite(CallRecorder.Call call) {
        return !call.method().equals("GET");
    }

    @Override
    String updated(CallRecorder.Call call) {
        return call.method().equals("PATCH") ? call.path().replaceFirst("^.*/", "") : null;
    }

    @Override
    String example() {
        return "directus";
    }

    @Override
    Product configure(Product product) {
        return product.with("contacts.crm.token", token);
    }

    @Override
    UnaryOperator<String> filled() {
        return UnaryOperator.identity();
    }

    @Override
    public void close() {
        super.close();
        try {
            database.close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
