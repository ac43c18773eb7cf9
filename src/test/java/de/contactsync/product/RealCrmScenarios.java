package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the settings of {@code examples/crm-rest} promise, into a CRM that nobody here has written. */
@Tag("realcrm")
abstract class RealCrmScenarios {

    /** Of the test with the kills; {@code -Drealcrm.contacts=60} for a first look. */
    private static final int CONTACTS = Integer.getInteger("realcrm.contacts", 500);

    private static final int KILLS = 5;
    static final Duration LONG = Duration.ofMinutes(60);

    @TempDir
    Path folder;

    abstract RealCrm crm();

    final Product product(JtlSimulator jtl) throws IOException {
        return crm().product(folder.resolve("home")).against(jtl);
    }

    static JtlSimulator jtl() {
        return JtlSimulator.start(SimulatorOptions.builder().changedShare(0.1).build());
    }

    /** With dead letters or without: among made-up contacts there are some that a CRM refuses. */
    static RunningProduct finish(Product product, Object... arguments) throws IOException {
        RunningProduct done = product.start(arguments);
        assertThat(done.exitCode(LONG)).as(done.toString()).isBetween(0, 1);
        return done;
    }

    /** Names by keys, as they must be. */
    static Map<String, String> expected(KeyFiles keys, JtlSimulator jtl) throws IOException {
        Map<String, String> names = new TreeMap<>();
        for (KeyFiles.Key key : keys.keys()) {
            JsonNode contact = RealCrm.JSON.readTree(
                    jtl.contact(UUID.fromString(Product.TENANT), key.customerId(), key.contactId())
                            .orElseThrow());
            names.put(
                    key.contactId().toString(),
                    Stream.of("firstName", "lastName")
                            .map(field -> contact.path(field).asText("").strip())
                            .filter(part -> !part.isEmpty())
                            .collect(Collectors.joining(" ")));
        }
        return names;
    }

    /** Names by keys, as they are; of two records with one key both are in it. */
    final Map<String, String> names(KeyFiles keys) throws IOException {
        Set<String> wanted = ids(keys);
        Map<String, String> names = new TreeMap<>();
        for (RealCrm.Entry entry : crm().entries()) {
            if (wanted.contains(entry.key())) {
                names.merge(entry.key(), entry.name(), (one, other) -> one + " and " + other);
            }
        }
        return names;
    }

    private static Set<String> ids(KeyFiles keys) {
        return keys.keys().stream()
                .map(key -> key.contactId().toString())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    final RealCrm.Entry entry(KeyFiles.Key key) throws IOException {
        List<RealCrm.Entry> found = crm().entries().stream()
                .filter(entry -> entry.key().equals(key.contactId().toString()))
                .toList();
        assertThat(found).as("records of " + key).hasSize(1);
        return found.get(0);
    }

    final List<CallRecorder.Call> since(int calls) {
        List<CallRecorder.Call> all = crm().calls.calls();
        return all.subList(calls, all.size());
    }

    @Test
    void a_contact_is_made_once_whatever_is_killed_and_sent_again_only_when_changed() throws Exception {
        KeyFiles keys = KeyFiles.good(1801, CONTACTS);
        Path file = keys.write(folder.resolve("keys.csv"));
        try (JtlSimulator jtl = jtl();
                Product product = product(jtl)) {
            int before = crm().calls.calls().size();
            for (int kill = 1; kill <= KILLS; kill++) {
                RunningProduct importing = product.start("import", file);
                int goal = CONTACTS * kill / (KILLS + 1);
                await().alias(importing.toString())
                        .atMost(LONG)
                        .pollInterval(Duration.ofMillis(20))
                        .until(() ->
                                since(before).stream().filter(crm()::isCreate).count() >= goal || !importing.isAlive());
                assertThat(importing.kill()).as(importing.toString()).isTrue();
            }
            RunningProduct last = finish(product, "import", file);
            System.out.println(last.stdout());
            Map<String, String> first = expected(keys, jtl);
            assertThat(names(keys)).isEqualTo(first);

            int calls = crm().calls.calls().size();
            finish(product, "import", file);
            assertThat(since(calls)).filteredOn(crm()::isWrite).as("again").isEmpty();

            Map<String, String> contents = contents(keys, jtl);
            jtl.revision(1);
            Set<String> changed = new TreeSet<>();
            Map<String, String> now = contents(keys, jtl);
            now.forEach((key, content) -> {
                if (!content.equals(contents.get(key))) {
                    changed.add(key);
                }
            });
            assertThat(changed).hasSizeBetween(1, CONTACTS / 3);
            finish(product, "import", file);
            assertThat(names(keys)).isEqualTo(expected(keys, jtl));
            Map<String, String> keyOf = new HashMap<>();
            crm().entries().forEach(entry -> keyOf.put(entry.id(), entry.key()));
            assertThat(since(calls).stream()
                            .map(crm()::updated)
                            .filter(id -> id != null)
                            .map(keyOf::get))
                    .as("updates")
                    .containsExactlyInAnyOrderElementsOf(changed);
            assertThat(since(calls)).filteredOn(crm()::isCreate).isEmpty();
        }
    }

    private static Map<String, String> contents(KeyFiles keys, JtlSimulator jtl) throws IOException {
        Map<String, String> contents = new TreeMap<>();
        for (List<String> row : keys.contacts(jtl)) {
            contents.put(row.get(2), row.get(row.size() - 1));
        }
        return contents;
    }

    @Test
    void a_contact_that_jtl_has_no_longer_is_flagged_or_deleted_and_comes_back() throws Exception {
        KeyFiles keys = KeyFiles.good(1802, 12);
        Path file = keys.write(folder.resolve("keys.csv"));
        KeyFiles.Key gone = keys.keys().get(0);
        try (JtlSimulator jtl = jtl();
                JtlSimulator fewer = JtlSimulator.start(SimulatorOptions.builder()
                        .changedShare(0.1)
                        .contacts(keys.calledKeys().subList(1, 12))
                        .build());
                Product product = product(jtl).with("contacts.on-gone", "flag")) {
            finish(product, "import", file);
            String id = entry(gone).id();

            finish(product.against(fewer), "import", file);
            assertThat(entry(gone).there()).as("flagged").isFalse();
            finish(product.against(jtl), "import", file);
            assertThat(entry(gone).there()).as("back").isTrue();
            assertThat(entry(gone).id()).isEqualTo(id);

            finish(product.with("contacts.on-gone", "delete").against(fewer), "import", file);
            assertThat(names(keys))
                    .as("deleted")
                    .hasSize(11)
                    .doesNotContainKey(gone.contactId().toString());
            finish(product.against(jtl), "import", file);
            assertThat(names(keys)).as("back").isEqualTo(expected(keys, jtl));
        }
    }

    @Test
    void what_people_changed_or_deleted_is_found_by_an_audit_and_mended() throws Exception {
        KeyFiles keys = KeyFiles.good(1803, 10);
        Path file = keys.write(folder.resolve("keys.csv"));
        KeyFiles.Key edited = keys.keys().get(3);
        KeyFiles.Key deleted = keys.keys().get(7);
        try (JtlSimulator jtl = jtl();
                Product product = product(jtl)) {
            finish(product, "import", file);
            Map<String, String> expected = expected(keys, jtl);
            crm().rename(entry(edited).id(), "Von Hand");
            crm().delete(entry(deleted).id());

            RunningProduct audit = finish(product, "audit");
            System.out.println(audit.stdout());
            assertThat(audit.stdout())
                    .containsPattern("(?m)^edited .*" + edited.contactId())
                    .containsPattern("(?m)^missing .*" + deleted.contactId())
                    .contains(" + 1 edited + 1 missing + 0 merged + 0 doubled + 0 unreadable");
            finish(product, "audit", "--repair");
            finish(product, "sync");
            assertThat(names(keys)).isEqualTo(expected);
            RunningProduct mended = finish(product, "audit");
            assertThat(mended.stdout()).contains(" + 0 edited + 0 missing + 0 merged + 0 doubled + 0 unreadable");

            RunningProduct explained = finish(product, "explain", deleted.customerId(), deleted.contactId());
            System.out.println(explained.stdout());
            assertThat(explained.stdout()).contains(entry(deleted).id());
        }
    }

    @Test
    void a_crm_that_is_down_for_a_while_costs_no_contact() throws Exception {
        KeyFiles keys = KeyFiles.good(1804, 20);
        Path file = keys.write(folder.resolve("keys.csv"));
        try (JtlSimulator jtl = jtl();
                Product product = product(jtl)) {
            int unanswered = crm().calls.unanswered();
            crm().calls.after(30, crm()::stop);
            RunningProduct importing = product.start("import", file);
            await().alias(importing.toString())
                    .atMost(LONG)
                    .until(() -> crm().calls.unanswered() >= unanswered + 2);
            crm().start();
            assertThat(importing.exitCode(LONG)).as(importing.toString()).isBetween(0, 1);
            System.out.println(importing.stderr());
            assertThat(names(keys)).isEqualTo(expected(keys, jtl));
        }
    }
}
