package de.contactsync.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.persistence.TestDatabase.Kind;
import de.contactsync.resilience.TestBreakers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Databases of every earlier version of the tables. {@code schema-versions/} keeps the checksum of each migration as it
 * was when it was first used, so what these make is what they made then.
 */
class UpgradeTest {

    /** Workers of this version of the tables, and of later ones, may work beside newer ones. */
    private static final int ROLLING_FROM = 21;

    /** What takes nothing away from a program that does not know of it. */
    private static final Pattern ADDITION = Pattern.compile(
            "CREATE (UNIQUE )?INDEX .*|DROP INDEX .*|CREATE TABLE .*|INSERT INTO .*"
                    + "|ALTER TABLE \\w+ ADD COLUMN \\w+ (\\w+|TIMESTAMP WITH TIME ZONE)(?! NOT NULL$)( NOT NULL)?"
                    + "( DEFAULT .*)?",
            Pattern.DOTALL);

    private static final String TENANT = ChunkFixture.TENANT.toString();

    /** Rows as the program of that version wrote them, by the version that brought their table. */
    private static final Map<Integer, List<String>> ROWS = new TreeMap<>(Map.of(
            1,
            List.of(
                    "INSERT INTO contact (tenant_id, customer_id, contact_id, last_name, content_hash, first_seen_at,"
                            + " changed_at, enriched_at) VALUES ('" + TENANT + "', '" + uuid(1) + "', '" + uuid(2)
                            + "', 'Groß', 'hash', '2026-03-01T10:00:00.000Z', '2026-03-01T10:00:00.000Z',"
                            + " '2026-03-01T10:00:00.000Z')",
                    "INSERT INTO import_run (source, file_name, file_hash, chunk_size, total, done, stored, not_found,"
                            + " state, started_at, finished_at, owner, closed_at) VALUES ('file', 'done.csv', 'a', 500,"
                            + " 2, 2, 1, 1, 'finished', '2026-03-01T10:00:00.000Z', '2026-03-01T10:01:00.000Z',"
                            + " 'host/1/x', '2026-03-01T10:01:00.000Z')",
                    "INSERT INTO import_run (source, file_name, file_hash, chunk_size, done, stored, state, halt_reason,"
                            + " started_at, owner) VALUES ('file', 'open.csv', 'b', 500, 500, 500, 'halted',"
                            + " 'JTL is away', '2026-03-01T11:00:00.000Z', 'host/1/x')",
                    "INSERT INTO run_chunk (run_id, number) SELECT id, 0 FROM import_run WHERE file_hash = 'b'",
                    "INSERT INTO dead_letter (source, run_id, position, tenant_id, customer_id, contact_id, stage,"
                            + " reason, http_status, attempts, first_failed_at, last_failed_at) SELECT 'file', id, '2',"
                            + " '" + TENANT + "', '" + uuid(3) + "', '" + uuid(4) + "', 'jtl', 'not-found', 404, 1,"
                            + " '2026-03-01T10:00:00.000Z', '2026-03-01T10:00:00.000Z' FROM import_run"
                            + " WHERE file_hash = 'a'"),
            6,
            List.of("INSERT INTO delivery (sink, tenant_id, customer_id, contact_id, state, wanted_hash,"
                    + " pending_since) VALUES ('crm', '" + TENANT + "', '" + uuid(1) + "', '" + uuid(2)
                    + "', 'pending', 'hash', '2026-03-01T10:00:00.000Z')"),
            7,
            List.of(
                    "INSERT INTO timer_run (run_id, due_at, listed) SELECT id, '2026-03-01T10:00:00.000Z', 1"
                            + " FROM import_run WHERE file_hash = 'a'",
                    "INSERT INTO run_key (run_id, position, tenant_id, customer_id, contact_id) SELECT id, 1, '"
                            + TENANT + "', '" + uuid(1) + "', '" + uuid(2) + "' FROM import_run WHERE file_hash = 'a'"),
            12,
            List.of("INSERT INTO delivery_target (sink, kind, base_url, adopted_at) VALUES ('crm', 'hubspot',"
                    + " 'https://api.hubapi.com', '2026-03-01T10:00:00.000Z')"),
            15,
            List.of("INSERT INTO create_attempt (sink, tenant_id, customer_id, contact_id, tried_at) VALUES ('crm', '"
                    + TENANT + "', '" + uuid(1) + "', '" + uuid(2) + "', '2026-03-01T10:00:00.000Z')"),
            16,
            List.of("INSERT INTO refresh_token (sink, seed, token) VALUES ('crm', 'seed', 'token')")));

    private static String uuid(int number) {
        return "00000000-0000-0000-0000-%012d".formatted(number);
    }

    static Stream<Arguments> versions() throws IOException {
        List<Arguments> versions = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            frozen(kind).stream()
                    .map(line -> Integer.parseInt(line.split(" ")[0]))
                    // The changes are the same on both; a server takes longer over each.
                    .filter(version -> kind == Kind.SQLITE || version % 5 == 1)
                    .forEach(version -> versions.add(Arguments.of(kind, version)));
        }
        return versions.stream();
    }

    /** Version, script and checksum a line. */
    private static List<String> frozen(Kind kind) throws IOException {
        return Files.readAllLines(checksums(kind));
    }

    private static Path checksums(Kind kind) {
        return Path.of("src/test/resources/schema-versions", kind.name().toLowerCase(Locale.ROOT) + ".txt");
    }

    private static FluentConfiguration flyway(TestDatabase test) {
        DatabaseSettings settings = test.settings();
        String fast = test.kind() == Kind.SQLITE ? "?synchronous=OFF" : "";
        return Flyway.configure()
                .dataSource(settings.url() + fast, settings.username(), settings.password())
                .locations("classpath:" + Dialect.of(settings.url()).migrations());
    }

    private static void make(TestDatabase test, int version) {
        flyway(test).target(String.valueOf(version)).load().migrate();
        ROWS.forEach((since, rows) -> {
            if (since <= version) {
                rows.forEach(test::execute);
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void no_migration_is_changed_after_it_was_used(Kind kind) throws Exception {
        try (TestDatabase test = TestDatabase.empty(kind)) {
            List<String> now = Arrays.stream(flyway(test).load().info().all())
                    .map(migration ->
                            migration.getVersion() + " " + migration.getScript() + " " + migration.getChecksum())
                    .toList();
            Path file = checksums(kind);
            List<String> then = Files.exists(file) ? Files.readAllLines(file) : List.of();
            assertThat(now).as("what was used before").containsAll(then);
            if (Boolean.getBoolean("docs.write")) {
                Files.createDirectories(file.getParent());
                Files.write(file, now);
            } else {
                assertThat(then).as("run this test with -Ddocs.write=true").isEqualTo(now);
            }
        }
    }

    @Tag("slow")
    @ParameterizedTest
    @MethodSource("versions")
    void a_database_of_each_version_is_migrated_and_works(Kind kind, int version) throws Exception {
        try (TestDatabase test = TestDatabase.empty(kind)) {
            make(test, version);
            if (version < newestVersion(kind)) {
                assertThatThrownBy(() -> Database.openToRead(test.settings(), TestBreakers.create()))
                        .isInstanceOf(ProcessingHaltedException.class)
                        .hasMessageContaining("older version")
                        .hasMessageContaining("run or import");
            }

            Database database = test.open();

            assertThat(test.rows("SELECT last_name, content_hash FROM contact")).containsExactly("Groß|hash");
            RunStore runs = test.closing(new RunStore(database, Clock.systemUTC()));
            assertThat(new OpenRuns(database, Clock.systemUTC()).list())
                    .singleElement()
                    .satisfies(open -> assertThat(open.run().fileName()).isEqualTo("open.csv"));
            assertThat(new DeadLetterQueries(database, Clock.systemUTC())
                            .keysToRetry(new DeadLetterFilter(null, null, null), 0, 10))
                    .hasSize(1);
            Run run = ((RunLease.Granted) runs.claim("file", "open.csv", "b", 500)).run();
            // Version 4 cuts chunks otherwise, so what was unfinished begins anew.
            assertThat(run.done()).isEqualTo(version < 4 ? 0 : 500);
            new ChunkStore(database, runs, Clock.systemUTC()).commit(ChunkFixture.found(run.id(), 1, 10, 5));
            runs.finish(run.id(), run.done() + 5);
            assertThat(test.count("contact")).isEqualTo(6);
            assertThat(test.count("delivery")).isEqualTo(version < 6 ? 0 : 1);
            assertThat(test.count("flyway_schema_history"))
                    .isEqualTo(frozen(kind).size());
            Database.openToRead(test.settings(), TestBreakers.create()).close();
        }
    }

    private static int newestVersion(Kind kind) throws IOException {
        List<String> frozen = frozen(kind);
        return Integer.parseInt(frozen.get(frozen.size() - 1).split(" ")[0]);
    }

    @ParameterizedTest
    @Tag("slow")
    @EnumSource
    void a_worker_continues_while_a_newer_version_adds_to_the_tables(Kind kind) throws Exception {
        try (TestDatabase test = TestDatabase.empty(kind)) {
            Database older = test.open();
            RunStore runs = test.closing(new RunStore(older, Clock.systemUTC()));
            ChunkStore chunks = new ChunkStore(older, runs, Clock.systemUTC());
            Run run = ((RunLease.Granted) runs.claim("file", "keys.csv", "hash", 500)).run();
            chunks.commit(ChunkFixture.mixed(run.id(), 0));

            // As a migration of tomorrow may do.
            test.execute("ALTER TABLE contact ADD COLUMN of_tomorrow TEXT");
            test.execute("ALTER TABLE import_run ADD COLUMN of_tomorrow BIGINT NOT NULL DEFAULT 0");
            test.execute("ALTER TABLE dead_letter ADD COLUMN of_tomorrow TEXT");
            test.execute("ALTER TABLE delivery ADD COLUMN of_tomorrow TEXT");
            test.execute("CREATE INDEX of_tomorrow ON contact (of_tomorrow)");
            for (int version = 989; version <= 990; version++) {
                test.execute(("INSERT INTO flyway_schema_history (installed_rank, version, description, type, script,"
                                + " checksum, installed_by, execution_time, success)"
                                + " VALUES (%d, '%1$d', 'of tomorrow', 'SQL', 'V%1$d__of_tomorrow.sql', 1, 'me', 1, true)")
                        .formatted(version));
            }

            chunks.commit(ChunkFixture.found(run.id(), 1, 20, 5));
            assertThat(runs.finish(run.id(), 15).state()).isEqualTo(Run.State.FINISHED);
            assertThat(test.count("contact")).isEqualTo(7);
            // Started again, it leaves the tables to the newer one, and names its version; once, the first that it did
            // not know.
            assertThatThrownBy(() -> Database.openToRead(test.settings(), TestBreakers.create()))
                    .isInstanceOf(ProcessingHaltedException.class)
                    .hasMessageContaining("newer version")
                    .hasMessageContaining("990")
                    .hasMessageContaining("up to " + newestVersion(kind));
        }
    }

    @Test
    void migrations_only_add_to_the_tables_so_that_older_workers_continue() throws IOException {
        List<String> others = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            Path folder = Path.of("src/main/resources/db", kind.name().toLowerCase(Locale.ROOT));
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    int version = Integer.parseInt(file.getFileName().toString().replaceFirst("^V(\\d+)__.*", "$1"));
                    String sql = Files.readAllLines(file).stream()
                            .filter(line -> !line.strip().startsWith("--"))
                            .collect(Collectors.joining(" "));
                    Stream.of(sql.split(";"))
                            .map(statement -> statement.strip().replaceAll("\\s+", " "))
                            .filter(statement -> !statement.isEmpty())
                            .filter(statement -> version >= ROLLING_FROM)
                            .filter(statement -> !ADDITION.matcher(statement).matches())
                            .forEach(statement -> others.add(file + ": " + statement));
                }
            }
        }
        assertThat(others)
                .as("a rolling upgrade has older workers on these tables: add columns that may be NULL or have a"
                        + " default, and tables; take away in the release after next")
                .isEmpty();
    }
}
