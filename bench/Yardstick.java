import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.entity.StringEntity;

/**
 * The least a program can do for the same rows: read keys line by line, ask with HttpClient on virtual threads, upsert
 * in batches of 500 on one connection. Whatever goes wrong ends it; nothing is checked, retried, resumed or counted.
 *
 * <p>Arguments: base URL, token endpoint, tenant, calls in flight, key file, JDBC address of an empty database.
 */
public final class Yardstick {

    private static final int BATCH = 500;
    private static final String[] END = {};
    private static final Map<String, Integer> FIELDS = Map.of(
            "department",
            3,
            "honorific",
            4,
            "firstName",
            5,
            "lastName",
            6,
            "phoneNumber",
            7,
            "mobilePhoneNumber",
            8,
            "emailAddress",
            9,
            "fax",
            10,
            "id",
            2);
    private static final JsonFactory JSON = new JsonFactory();
    private static final String UPSERT = """
            INSERT INTO contact VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (tenant_id, customer_id, contact_id) DO UPDATE SET
                department = excluded.department, honorific = excluded.honorific,
                first_name = excluded.first_name, last_name = excluded.last_name,
                phone_number = excluded.phone_number, mobile_phone_number = excluded.mobile_phone_number,
                email_address = excluded.email_address, fax = excluded.fax,
                changed_at = CASE WHEN contact.content_hash = excluded.content_hash
                    THEN contact.changed_at ELSE excluded.changed_at END,
                content_hash = excluded.content_hash, enriched_at = excluded.enriched_at""";

    public static void main(String[] arguments) throws Exception {
        String baseUrl = arguments[0];
        String tenant = arguments[2];
        int concurrency = Integer.parseInt(arguments[3]);
        BlockingQueue<String[]> rows = new ArrayBlockingQueue<>(4 * BATCH);
        try (CloseableHttpClient client = client(concurrency);
                BufferedReader keys = Files.newBufferedReader(Path.of(arguments[4]));
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
                ExecutorService writer = Executors.newSingleThreadExecutor()) {
            String authorization = "Bearer " + token(client, arguments[1]);
            writer.execute(orExit(() -> write(arguments[5], rows)));
            keys.readLine();
            for (int i = 0; i < concurrency; i++) {
                callers.execute(orExit(() -> call(client, baseUrl, tenant, authorization, keys, rows)));
            }
            callers.close();
            rows.put(END);
        }
    }

    private static Runnable orExit(Callable<Void> work) {
        return () -> {
            try {
                work.call();
            } catch (Throwable e) {
                e.printStackTrace();
                Runtime.getRuntime().halt(1);
            }
        };
    }

    private static CloseableHttpClient client(int concurrency) {
        return HttpClients.custom()
                .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                        .setMaxConnPerRoute(concurrency)
                        .setMaxConnTotal(concurrency)
                        .build())
                .disableAutomaticRetries()
                .disableRedirectHandling()
                .disableCookieManagement()
                .disableAuthCaching()
                .build();
    }

    private static String token(CloseableHttpClient client, String endpoint) throws IOException {
        HttpPost post = new HttpPost(endpoint);
        post.setHeader("Authorization", "Basic " + Base64.getEncoder().encodeToString("demo:demo".getBytes()));
        post.setEntity(new StringEntity(
                "grant_type=client_credentials&scope=customers.read", ContentType.APPLICATION_FORM_URLENCODED));
        String answer = client.execute(post, response -> EntityUtils.toString(response.getEntity()));
        return answer.replaceFirst("(?s).*\"access_token\"\\s*:\\s*\"([^\"]+)\".*", "$1");
    }

    private static Void call(
            CloseableHttpClient client,
            String baseUrl,
            String tenant,
            String authorization,
            BufferedReader keys,
            BlockingQueue<String[]> rows)
            throws Exception {
        String line;
        while ((line = keys.readLine()) != null) {
            int comma = line.indexOf(',');
            String[] row = new String[11];
            row[0] = tenant;
            row[1] = line.substring(0, comma);
            row[2] = line.substring(comma + 1);
            HttpGet get = new HttpGet(baseUrl + "/v2/customers/" + row[1] + "/contacts/" + row[2]);
            get.setHeader("Authorization", authorization);
            get.setHeader("Accept", "application/json");
            get.setHeader("x-tenant-id", tenant);
            client.execute(get, response -> {
                if (response.getCode() != 200) {
                    throw new IOException("HTTP " + response.getCode());
                }
                read(response.getEntity().getContent(), row);
                return null;
            });
            rows.put(row);
        }
        return null;
    }

    private static void read(InputStream body, String[] row) throws IOException {
        try (JsonParser parser = JSON.createParser(body)) {
            parser.nextToken();
            String name;
            while ((name = parser.nextFieldName()) != null) {
                JsonToken value = parser.nextToken();
                Integer field = FIELDS.get(name);
                if (field == null) {
                    parser.skipChildren();
                } else if (value == JsonToken.VALUE_STRING) {
                    row[field] = parser.getText();
                }
            }
        }
    }

    private static Void write(String url, BlockingQueue<String[]> rows) throws Exception {
        boolean sqlite = url.startsWith("jdbc:sqlite:");
        try (Connection connection = DriverManager.getConnection(url
                + (sqlite
                        ? "?journal_mode=WAL&synchronous=FULL&wal_autocheckpoint=10000&cache_size=-32000"
                        : (url.contains("?") ? "&" : "?") + "stringtype=unspecified&reWriteBatchedInserts=true"))) {
            try (InputStream tables = Yardstick.class.getResourceAsStream(
                    "/db/" + (sqlite ? "sqlite" : "postgresql") + "/V1__contacts_dead_letters_runs.sql")) {
                connection.createStatement().executeUpdate(new String(tables.readAllBytes(), StandardCharsets.UTF_8));
            }
            connection.setAutoCommit(false);
            int pending = 0;
            try (PreparedStatement upsert = connection.prepareStatement(UPSERT)) {
                for (String[] row = rows.take(); row != END; row = rows.take()) {
                    for (int i = 0; i < row.length; i++) {
                        upsert.setString(i + 1, row[i]);
                    }
                    String now = Instant.now().toString();
                    upsert.setString(12, "");
                    upsert.setString(13, now);
                    upsert.setString(14, now);
                    upsert.setString(15, now);
                    upsert.addBatch();
                    if (++pending % BATCH == 0) {
                        upsert.executeBatch();
                        connection.commit();
                    }
                }
                upsert.executeBatch();
                connection.commit();
            }
        }
        return null;
    }
}
