package de.contactsync.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.messaging.http.ReceivedKeys;
import de.contactsync.model.ContactKey;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.KeyPage;
import de.contactsync.outbox.Alert;
import de.contactsync.outbox.Alerts;
import de.contactsync.outbox.Channel;
import de.contactsync.outbox.DeliveryAudit;
import de.contactsync.outbox.Outbox;
import de.contactsync.outbox.OutboxFixture;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;

/** Asks the database for the plan of each statement as it is executed, on tables large enough that a plan matters. */
@ParameterizedClass
@EachDatabase
class StatementPlansTest extends OutboxFixture {

    private static final int ROWS = 30_000;
    /** SQLite's word for a scan of a whole index is SCAN as well; a partial index holds what is open alone. */
    private static final Pattern WHOLE_TABLE = Pattern.compile("Seq Scan on"
            + " (contact|delivery|dead_letter|run_key)\\b.*|^SCAN"
            + " (contact|c|delivery|other|dead_letter|l|run_key)\\b(?!.*(delivery_|dead_letter_open|dead_letter_claimed)).*"
            // All of a sink, or of a tenant, is as much.
            + "|^SEARCH .* USING PRIMARY KEY \\((sink|tenant_id)=\\?\\)$"
            + "|^Index Cond: (?!.*(customer_id|ROW)).*\\(tenant_id = .*"
            + "|^SEARCH contact .*\\(tenant_id=\\?\\)$");

    private static final String PER_ROW = "for each row: ";

    private final Set<String> scans = Collections.synchronizedSet(new TreeSet<>());
    private final Set<String> explained = Collections.synchronizedSet(new TreeSet<>());

    private Connection explaining(Connection connection) {
        return (Connection) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                    Object made = call(connection, method, arguments);
                    return method.getName().equals("prepareStatement")
                            ? explaining(connection, (PreparedStatement) made, (String) arguments[0])
                            : made;
                });
    }

    private PreparedStatement explaining(Connection connection, PreparedStatement statement, String sql) {
        List<Object[]> parameters = new ArrayList<>();
        List<Method> setters = new ArrayList<>();
        return (PreparedStatement) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {PreparedStatement.class}, (proxy, method, arguments) -> {
                    boolean sets = method.getName().startsWith("set") && arguments != null && arguments.length > 1;
                    if (sets) {
                        setters.add(method);
                        parameters.add(arguments);
                    }
                    // Of a batch its first row; one that is executed may be empty.
                    boolean single = method.getName().startsWith("execute")
                            && !method.getName().equals("executeBatch");
                    if ((single || method.getName().equals("addBatch"))
                            && explained.add(sql.replaceAll("\\?(, \\?)+", "?"))) {
                        explain(connection, sql, setters, parameters);
                    }
                    return call(statement, method, arguments);
                });
    }

    private void explain(Connection connection, String sql, List<Method> setters, List<Object[]> parameters)
            throws Throwable {
        String prefix = kind == TestDatabase.Kind.SQLITE ? "EXPLAIN QUERY PLAN " : "EXPLAIN ";
        try (PreparedStatement plan = connection.prepareStatement(prefix + sql)) {
            for (int i = 0; i < setters.size(); i++) {
                call(plan, setters.get(i), parameters.get(i));
            }
            List<String> lines = new ArrayList<>();
            try (ResultSet row = plan.executeQuery()) {
                while (row.next()) {
                    lines.add(row.getString(kind == TestDatabase.Kind.SQLITE ? 4 : 1));
                }
            }
            noteScans(lines, sql.strip().replaceAll("\\s+", " "));
        }
    }

    /** A subplan of PostgreSQL runs for each row around it, unless its result is hashed. */
    private void noteScans(List<String> lines, String sql) {
        int subplan = Integer.MAX_VALUE;
        for (String line : lines) {
            String node = line.strip();
            int indent = line.indexOf(node);
            if (indent <= subplan) {
                boolean repeated = node.matches("SubPlan \\w+")
                        && lines.stream().noneMatch(other -> other.contains("hashed " + node + ")"));
                subplan = repeated ? indent : Integer.MAX_VALUE;
            }
            if (WHOLE_TABLE.matcher(node.replaceFirst("^-> +", "")).find()) {
                scans.add((indent > subplan ? PER_ROW : "") + node + " of " + sql);
            }
        }
    }

    private static Object call(Object target, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private void generate() throws SQLException {
        String uuid = kind == TestDatabase.Kind.SQLITE
                ? "'00000000-0000-%s-0000-' || substr('000000000000' || (n * 7919 %% 99991), -12)"
                : "('00000000-0000-%s-0000-' || lpad((n * 7919 %% 99991)::text, 12, '0'))::uuid";
        String key = "(SELECT tenant), " + uuid.formatted("00c0") + ", " + uuid.formatted("ffff");
        String tenant = kind == TestDatabase.Kind.SQLITE
                ? "'" + ChunkFixture.TENANT + "'"
                : "'" + ChunkFixture.TENANT + "'::uuid";
        key = key.replace("(SELECT tenant)", tenant);
        String time =
                kind == TestDatabase.Kind.SQLITE ? "'2026-01-01T00:00:00.000Z'" : "'2026-01-01T00:00:00Z'::timestamptz";
        String numbers =
                "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < " + ROWS + ") ";
        test.execute(numbers + "INSERT INTO contact (tenant_id, customer_id, contact_id, content_hash, first_seen_at,"
                + " changed_at, enriched_at) SELECT " + key + ", 'h', " + time + ", " + time + ", " + time
                + " FROM numbers");
        test.execute(numbers + "INSERT INTO delivery (sink, tenant_id, customer_id, contact_id, state, wanted_hash,"
                + " content_hash, pending_since) SELECT 'crm', " + key
                + ", CASE WHEN n % 100 = 0 THEN 'pending' ELSE 'delivered'"
                + " END, 'h', 'h', " + time + " FROM numbers");
        test.execute(numbers
                + "INSERT INTO dead_letter (source, position, tenant_id, customer_id, contact_id, stage, reason,"
                + " attempts, first_failed_at, last_failed_at, state) SELECT 'queue', CAST(n AS TEXT), " + key
                + ", 'jtl',"
                + " 'not-found', 1, " + time + ", " + time
                + ", CASE WHEN n % 100 = 0 THEN 'open' ELSE 'replayed' END FROM numbers");
        test.execute(numbers + "INSERT INTO run_key (run_id, position, tenant_id, customer_id, contact_id) SELECT "
                + run + ", n, "
                + key + " FROM numbers");
        // Of other runs, so that a page is a small part of the table.
        test.execute(numbers + "INSERT INTO run_key (run_id, position) SELECT " + run
                + " + 1 + others.n, numbers.n FROM numbers,"
                + " (SELECT n FROM numbers LIMIT 5) others");
    }

    /**
     * Before autovacuum came to a table that had grown fast, {@code sync --full} looked through all deliveries of the
     * tenant for each of its contacts. To read a table of this size once is all right; a subplan that read it for each
     * row went unnoticed here.
     */
    @Test
    @Tag("slow")
    void no_row_scans_a_whole_tenant_before_there_are_statistics() throws SQLException {
        generate();
        executeAll();
        assertThat(scans)
                .noneMatch(
                        scan -> scan.startsWith("Index Cond") || scan.startsWith("SEARCH") || scan.startsWith(PER_ROW));
    }

    /** With five million contacts some of these took minutes, met their time-outs and were begun again. */
    @Test
    @Tag("slow")
    void no_statement_that_is_repeated_reads_a_whole_table() throws SQLException {
        generate();
        if (kind == TestDatabase.Kind.POSTGRESQL) {
            test.execute("ANALYZE");
        }
        executeAll();
        assertThat(scans).isEmpty();
    }

    /** Each contact that JTL does not know was looked up once more, although no sink was to remove any. */
    @Test
    void contacts_that_sinks_keep_are_not_looked_up_again() {
        database.observe(this::explaining);
        store.commit(
                ChunkFixture.failed(run, chunk++, new KeyEntry.Valid(1, ChunkFixture.key(1)), ChunkFixture.notFound()));
        assertThat(explained).noneMatch(sql -> sql.contains("reason = 'not-found'"));

        new ChunkStore(database, runs, clock, new Outbox(database, "crm", runs, clock, true, 1))
                .commit(ChunkFixture.failed(
                        run, chunk++, new KeyEntry.Valid(2, ChunkFixture.key(2)), ChunkFixture.notFound()));
        assertThat(explained).anyMatch(sql -> sql.contains("reason = 'not-found'"));
    }

    private void executeAll() throws SQLException {
        test.execute("INSERT INTO timer_run (run_id, due_at) VALUES (" + run + ", '2026-01-01T00:00:00.000Z')");
        database.observe(this::explaining);
        Outbox taking = new Outbox(database, "crm", runs, clock, true, 1);
        runs.addOutbox(taking);
        store = new ChunkStore(database, runs, clock, taking);
        runs.passDeadLettersTo("dead-letter");

        store.commit(ChunkFixture.mixed(run, chunk++));
        store.commit(ChunkFixture.found(run, chunk++, 1, 500));
        taking.claim(100, Duration.ZERO);
        taking.release();
        taking.pending();
        taking.oldestPending();
        taking.whyHeld(1);
        taking.enqueueAll();
        DeliveryAudit audit = new DeliveryAudit(database, "crm", clock);
        assertThat(audit.next()).hasSize(1_000);
        audit.repair(audit.next().stream()
                .map(DeliveryAudit.Entry::delivery)
                .filter(Objects::nonNull)
                .toList());
        Channel<Long> channel =
                new Channel<>(database, runs, clock, "dead_letter", "dead-letter", (dialect, row) -> row.getLong("id"));
        channel.record(Set.of(channel.claim(100, Duration.ZERO).entries().get(0).id()), Set.of());
        channel.pending();
        channel.whyHeld(1);
        Alerts alerts = new Alerts(database, runs, clock, List.of("alert"), 0.05, Duration.ZERO);
        alerts.update(List.of(new Alert("out-of-reach", "JTL", Alert.Severity.ERROR, "away")), Alerts::wellAgain);
        Channel<Map<String, Object>> alert = Alerts.channel(database, runs, clock, "alert", () -> false);
        alert.record(
                Set.of(),
                Set.of(alert.claim(100, Duration.ZERO).entries().get(0).id()));
        alerts.update(List.of(), Alerts::wellAgain);
        DeadLetterFilter all = new DeadLetterFilter(null, null, null);
        DeadLetterQueries letters = new DeadLetterQueries(database, clock);
        letters.keysToRetry(all, 0, 1_000);
        letters.sendAgain("crm", all);
        KeySnapshotStore lists = new KeySnapshotStore(database, runs);
        lists.growth(run);
        lists.read(run, ROWS / 2, 1_000);
        lists.addKnown(run, ROWS, ContactTable.BEFORE_ALL, Duration.ZERO);
        lists.addPage(
                run,
                new KeyPage(List.of(new KeyEntry.Valid(2 * ROWS, ChunkFixture.key(1))), true, 1, 0, -1, false),
                null);
        Set<ContactKey> keys = Set.of(new ContactKey(ChunkFixture.TENANT, new UUID(0, 1), new UUID(0, 2)));
        runs.audit().stored(keys);
        new ReceivedKeys(database, runs, clock)
                .storedResults("request", List.of(new KeyEntry.Valid(1, ChunkFixture.key(1))));
        new Retention(database, clock, Duration.ofDays(9_000), Duration.ofDays(9_000)).apply();
        runs.audit().deadLetters(run, letter -> {});
        runs.finish(run, 510);
        runs.close(run);
        new OpenRuns(database, clock).discard(run);
        long halted = ((RunLease.Granted) runs.claim("file", "halted.csv", "hash", 500))
                .run()
                .id();
        test.execute(
                "UPDATE import_run SET state = 'halted', total = 1, finished_at = started_at WHERE id = " + halted);
        clock.advance(Duration.ofMinutes(1));
        RunStore restarted = test.closing(new RunStore(database, clock));
        assertThat(restarted.claim("file", "halted.csv", "hash", 500)).isInstanceOf(RunLease.Granted.class);
        restarted.supersede(halted, "its file was removed");

        assertThat(explained).hasSizeGreaterThan(30);
    }
}
