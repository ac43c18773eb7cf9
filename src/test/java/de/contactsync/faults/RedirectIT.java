package de.contactsync.faults;

import static de.contactsync.faults.HostileJtl.answer;
import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.http.FaultServer;
import de.contactsync.product.KeyFiles;
import de.contactsync.product.Product;
import de.contactsync.product.RunningProduct;
import de.contactsync.product.Tables;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Redirects would take the token elsewhere. */
class RedirectIT {

    private static final List<Integer> STATUSES = List.of(301, 302, 303, 307, 308);

    @TempDir
    Path folder;

    @Test
    void no_byte_reaches_the_place_that_a_redirect_names() throws IOException {
        KeyFiles file = KeyFiles.good(Scale.SEED, 200);
        try (FaultServer otherPort = new FaultServer((head, out, server) -> out.write(HostileJtl.json("{}")));
                FaultServer otherHost = new FaultServer(
                        InetAddress.getByName("127.0.0.2"), (head, out, server) -> out.write(HostileJtl.json("{}")));
                HostileJtl jtl = new HostileJtl();
                Product product = jtl.before(Product.in(folder.resolve("work")))) {
            List<String> places = List.of(
                    otherPort.uri("/erp/v2/customers").toString(),
                    otherHost.uri("/erp").toString(),
                    otherHost.uri("/").toString().replace("http:", ""),
                    otherPort.uri("/").toString().replace("http:", "https:"),
                    otherPort.uri("/").toString().replace("127.0.0.1", "somebody@127.0.0.1"));
            int record = 0;
            for (int status : STATUSES) {
                for (String place : places) {
                    // Among keys that pass: where all are sent away, the first ones halt the import.
                    record += 5;
                    jtl.answers(
                            file.keys().get(record), answer(status + " Elsewhere", "Location: " + place, new byte[0]));
                }
            }
            RunningProduct done = product.start("import", file.write(folder.resolve("keys.csv")));
            assertThat(done.exitCode()).as(done.toString()).isEqualTo(1);

            assertThat(otherPort.connections)
                    .as("connections to the other port")
                    .hasValue(0);
            assertThat(otherHost.connections)
                    .as("connections to the other host")
                    .hasValue(0);
            Tables tables = Tables.of(product);
            assertThat(tables.rows("SELECT reason, http_status, count(*) FROM dead_letter GROUP BY 1, 2 ORDER BY 2"))
                    .isEqualTo(STATUSES.stream()
                            .map(status -> List.of("rejected", "" + status, "" + places.size()))
                            .toList());
            assertThat(tables.number("SELECT count(*) FROM contact"))
                    .isEqualTo(file.keys().size() - STATUSES.size() * places.size());
        }
    }

    @Test
    void an_import_halts_where_all_keys_are_redirected_and_follows_no_redirect() throws IOException {
        KeyFiles file = KeyFiles.good(Scale.SEED, 50);
        try (FaultServer other = new FaultServer((head, out, server) -> out.write(HostileJtl.json("{}")));
                HostileJtl jtl = new HostileJtl();
                Product product = jtl.before(Product.in(folder.resolve("work")))) {
            byte[] redirect = answer("307 Elsewhere", "Location: " + other.uri("/erp"), new byte[0]);
            file.keys().forEach(key -> jtl.answers(key, redirect));
            RunningProduct halted = product.start("import", file.write(folder.resolve("keys.csv")));
            assertThat(halted.exitCode()).as(halted.toString()).isEqualTo(3);
            assertThat(halted.stdout() + halted.stderr()).contains("jtl.base-url");
            assertThat(other.connections).hasValue(0);
        }
    }
}
