package de.contactsync.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import de.contactsync.FreePort;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Behind a real pgbouncer, if there is one on this machine. */
class PgBouncerTest {

    @TempDir
    Path folder;

    private Process start(Path binary, int port, URI server, String user) throws Exception {
        Path config = Files.writeString(folder.resolve("pgbouncer.ini"), """
                [databases]
                * = host=127.0.0.1 port=%d user=postgres
                [pgbouncer]
                listen_addr = 127.0.0.1
                listen_port = %d
                auth_type = any
                pool_mode = transaction
                default_pool_size = 3
                ignore_startup_parameters = extra_float_digits
                unix_socket_dir =
                """.formatted(server.getPort(), port));
        ProcessBuilder builder = user.equals("root")
                ? new ProcessBuilder(binary.toString(), "-u", "nobody", config.toString())
                : new ProcessBuilder(binary.toString(), config.toString());
        folder.toFile().setExecutable(true, false);
        config.toFile().setReadable(true, false);
        return builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    /**
     * Each transaction may be with another session of the server: statements that were prepared before are not there.
     */
    @Test
    @Tag("slow")
    void a_pooler_in_transaction_mode_is_worked_with_as_it_is() throws Exception {
        Path binary = Path.of("/usr/sbin/pgbouncer");
        assumeTrue(Files.isExecutable(binary), "skipped: there is no /usr/sbin/pgbouncer (apt-get install pgbouncer)");
        try (TestDatabase test = TestDatabase.create(TestDatabase.Kind.POSTGRESQL)) {
            int port = FreePort.next();
            URI server = URI.create(test.settings().url().substring("jdbc:".length()));
            Process pooler = start(binary, port, server, System.getProperty("user.name"));
            try {
                await().atMost(Duration.ofSeconds(30)).ignoreExceptions().until(() -> {
                    try (Socket socket = new Socket("127.0.0.1", port)) {
                        return socket.isConnected();
                    }
                });
                DatabaseSettings pooled = new DatabaseSettings(
                        "jdbc:postgresql://127.0.0.1:" + port + server.getPath(), "postgres", "postgres");
                Database database = test.closing(TestDatabase.open(pooled));
                SettableClock clock = new SettableClock("2026-03-01T10:00:00Z");
                RunStore runs = test.closing(new RunStore(database, clock));
                ChunkStore store = new ChunkStore(database, runs, clock);
                long run = ((RunLease.Granted) runs.claim("file", "keys.csv", "hash", 500))
                        .run()
                        .id();
                for (int chunk = 0; chunk < 20; chunk++) {
                    store.commit(ChunkFixture.found(run, chunk, 1 + chunk * 10, 10));
                }
                assertThat(runs.finish(run, 200).isReconciled()).isTrue();
                assertThat(test.count("contact")).isEqualTo(200);
            } finally {
                pooler.destroy();
                pooler.waitFor(10, TimeUnit.SECONDS);
            }
        }
    }
}
