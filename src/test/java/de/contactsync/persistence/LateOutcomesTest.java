package de.contactsync.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.model.Chunk;
import de.contactsync.model.EnrichedChunk;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.MessageChunk;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import de.contactsync.model.RunChunk;
import de.contactsync.outbox.Outbox;
import de.contactsync.outbox.OutboxFixture;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;

/**
 * What came of a key is committed in any order, by any source and process: an outcome of an earlier call changes nothing
 * that a later one told, be it a contact, that JTL has none, or a failure.
 */
@ParameterizedClass
@EachDatabase
class LateOutcomesTest extends OutboxFixture {

    private enum Source {
        FILE,
        TIMER,
        REPLAY,
        QUEUE,
        KAFKA,
        HTTP;

        String code() {
            return name().toLowerCase(Locale.ROOT);
        }

        boolean isRun() {
            return this == FILE || this == TIMER || this == REPLAY;
        }
    }

    /** How JTL answered, and when the call began. */
    private enum Answered {
        FOUND,
        MISSING,
        FAILED,
        REJECTED;

        Outcome at(long askedAt) {
            return switch (this) {
                case FOUND -> new Outcome.Found(ChunkFixture.named("v" + askedAt), askedAt);
                case MISSING -> ChunkFixture.notFound().withAskedAt(askedAt);
                case FAILED -> new Outcome.Failed(Reason.RETRIES_EXHAUSTED, 500, null, "no", null, 5, askedAt);
                case REJECTED -> new Outcome.Failed(Reason.REJECTED, 409, null, "no", null, 1, askedAt);
            };
        }

        boolean isAnswer() {
            return this == FOUND || this == MISSING;
        }
    }

    private final Map<Source, Long> runOf = new EnumMap<>(Source.class);
    private final Map<Source, Integer> records = new EnumMap<>(Source.class);
    private ChunkStore another;
    private int keys;

    @BeforeEach
    void begin_a_run_of_each_source() {
        Outbox taking = new Outbox(database, "crm", runs, clock, true, 1);
        runs.addOutbox(taking);
        store = new ChunkStore(database, runs, clock, taking);
        Database theirs = test.open();
        RunStore sameRuns = test.closing(new RunStore(theirs, clock, System::nanoTime, runs.owner()));
        another = new ChunkStore(theirs, sameRuns, clock, new Outbox(theirs, "crm", sameRuns, clock, true, 1));
        for (Source source : Source.values()) {
            if (source.isRun()) {
                runOf.put(
                        source,
                        ((RunLease.Granted) runs.claim(source.code(), source + ".csv", source.code(), 500))
                                .run()
                                .id());
            }
        }
    }

    private EnrichedChunk chunk(Source source, Map<Integer, Outcome> outcomes) {
        List<KeyEntry> entries = new ArrayList<>();
        List<String> positions = new ArrayList<>();
        for (int number : outcomes.keySet()) {
            int record = records.merge(source, 1, Integer::sum);
            entries.add(new KeyEntry.Valid(record, ChunkFixture.key(number)));
            positions.add(source + ":" + record);
        }
        Chunk of = source.isRun()
                ? new RunChunk(runOf.get(source), chunk++, entries, 0)
                : new MessageChunk(source.code(), entries, positions);
        return new EnrichedChunk(of, List.copyOf(outcomes.values()));
    }

    /**
     * @param open     the reasons of its open dead letters
     * @param delivery its state, whether it is wanted, and whether a run has missed it
     */
    private record State(String contact, String open, String delivery) {}

    private Map<Integer, State> states() {
        String number = kind == TestDatabase.Kind.SQLITE ? "substr(%s, 25)" : "substr(%s::text, 25)";
        Map<String, String> contacts = grouped("SELECT " + number.formatted("contact_id") + ", last_name FROM contact");
        Map<String, String> open = grouped("SELECT " + number.formatted("contact_id")
                + ", reason FROM dead_letter WHERE state = 'open' ORDER BY reason");
        Map<String, String> deliveries = grouped("SELECT " + number.formatted("contact_id")
                + ", state || (wanted_hash IS NULL) || (missing_in IS NULL) FROM delivery");
        Map<Integer, State> states = new HashMap<>();
        for (int i = 1; i <= keys; i++) {
            String id = ChunkFixture.key(i).contactId().toString().substring(24);
            states.put(
                    i,
                    new State(
                            contacts.getOrDefault(id, ""), open.getOrDefault(id, ""), deliveries.getOrDefault(id, "")));
        }
        return states;
    }

    private Map<String, String> grouped(String sql) {
        return test.rows(sql).stream()
                .map(row -> row.split("\\|"))
                .collect(Collectors.toMap(row -> row[0], row -> row[1], (one, other) -> one + "," + other));
    }

    private record Case(Source newerOf, Answered newer, Source olderOf, Answered older, boolean before) {

        String reasons(Answered... answered) {
            return Stream.of(answered)
                    .filter(one -> one != Answered.FOUND)
                    .map(one -> ((Outcome.Failed) one.at(1)).reason().code())
                    .sorted()
                    .collect(Collectors.joining(","));
        }

        String open() {
            return newer.isAnswer() ? reasons(newer) : reasons(newer, older);
        }

        /** Only runs remove, and a later answer that says the same does not keep them from it. */
        boolean isMissedByRunAsWell() {
            return before && newer == Answered.MISSING && older == Answered.MISSING && olderOf.isRun();
        }

        String contact() {
            return newer == Answered.FOUND
                    ? "v20"
                    : older == Answered.FOUND && newer != Answered.MISSING ? "v10" : before ? "v5" : "";
        }
    }

    private void commit(ChunkStore by, Map<Source, Map<Answered, Map<Integer, Outcome>>> chunks) {
        chunks.forEach((source, each) -> each.values().forEach(outcomes -> by.commit(chunk(source, outcomes))));
    }

    private static void put(
            Map<Source, Map<Answered, Map<Integer, Outcome>>> chunks,
            Source source,
            Answered answered,
            int number,
            long askedAt) {
        chunks.computeIfAbsent(source, k -> new EnumMap<>(Answered.class))
                .computeIfAbsent(answered, k -> new TreeMap<>())
                .put(number, answered.at(askedAt));
    }

    /** Both orders of each two outcomes, from each source behind each other one, with and without a contact before. */
    @Test
    void of_two_outcomes_of_a_key_the_one_that_was_asked_for_later_stays() {
        Map<Integer, Case> cases = new TreeMap<>();
        Map<Integer, Outcome> before = new TreeMap<>();
        Map<Source, Map<Answered, Map<Integer, Outcome>>> newer = new EnumMap<>(Source.class);
        Map<Source, Map<Answered, Map<Integer, Outcome>>> older = new EnumMap<>(Source.class);
        for (Source newerOf : Source.values()) {
            for (Source olderOf : Source.values()) {
                for (Answered one : Answered.values()) {
                    for (Answered other : Answered.values()) {
                        for (boolean stored : new boolean[] {false, true}) {
                            Case each = new Case(newerOf, one, olderOf, other, stored);
                            cases.put(++keys, each);
                            if (stored) {
                                before.put(keys, Answered.FOUND.at(5));
                            }
                            put(newer, newerOf, one, keys, 20);
                            put(older, olderOf, other, keys, 10);
                        }
                    }
                }
            }
        }
        store.commit(chunk(Source.QUEUE, before));
        test.execute("UPDATE delivery SET state = 'delivered', content_hash = wanted_hash");
        commit(store, newer);
        Map<Integer, State> answered = states();

        commit(another, older);

        Map<Integer, State> end = states();
        cases.forEach((number, each) -> {
            State state = end.get(number);
            assertThat(state.contact).as("the contact, %s", each).isEqualTo(each.contact());
            assertThat(state.open).as("open dead letters, %s", each).isEqualTo(each.open());
            if (each.newer.isAnswer()) {
                assertThat(state.delivery)
                        .as("the sink, %s", each)
                        .isEqualTo(
                                each.isMissedByRunAsWell()
                                        ? kind == TestDatabase.Kind.SQLITE ? "delivered00" : "deliveredfalsefalse"
                                        : answered.get(number).delivery);
            }
        });
        for (Source source : Source.values()) {
            if (source.isRun()) {
                assertThat(runs.finish(runOf.get(source), records.get(source)).isReconciled())
                        .as("the account of %s", source)
                        .isTrue();
                assertThat(test.rows("SELECT count(*) FROM dead_letter WHERE run_id = " + runOf.get(source)))
                        .as("each failure has its dead letter, open or not")
                        .isEqualTo(test.rows("SELECT not_found + rejected + failed FROM import_run WHERE id = "
                                + runOf.get(source)));
            }
        }
    }

    @Test
    void of_one_message_that_is_delivered_twice_the_later_outcome_stays() {
        KeyEntry entry = new KeyEntry.Valid(1, ChunkFixture.key(1));
        MessageChunk message = new MessageChunk("queue", List.of(entry), List.of("m1"));

        store.commit(new EnrichedChunk(message, List.of(Answered.MISSING.at(20))));
        another.commit(new EnrichedChunk(message, List.of(Answered.FAILED.at(10))));
        another.commit(new EnrichedChunk(message, List.of(Answered.FOUND.at(15))));

        assertThat(test.rows("SELECT reason, state FROM dead_letter")).containsExactly("not-found|open");
        assertThat(test.count("contact")).isZero();
    }

    /** Several processes and threads commit what was asked for in one order in another; each key ends as if in order. */
    @Test
    @Tag("slow")
    void whoever_commits_at_the_same_time_each_key_ends_as_its_latest_outcome_has_it() throws Exception {
        Random random = new Random(7);
        keys = 12;
        List<EnrichedChunk> chunks = new ArrayList<>();
        Map<Integer, Map<Answered, Long>> latest = new HashMap<>();
        Map<Integer, Source> missingOf = new HashMap<>();
        for (long askedAt = 1; askedAt <= 240; askedAt++) {
            Source source = Source.values()[random.nextInt(Source.values().length)];
            Map<Integer, Outcome> outcomes = new TreeMap<>();
            for (int i = 0; i < 4; i++) {
                int number = 1 + random.nextInt(keys);
                Answered answered = Answered.values()[random.nextInt(Answered.values().length)];
                if (outcomes.putIfAbsent(number, answered.at(askedAt)) == null) {
                    latest.computeIfAbsent(number, k -> new EnumMap<>(Answered.class))
                            .put(answered, askedAt);
                    if (answered == Answered.MISSING) {
                        missingOf.put(number, source);
                    }
                }
            }
            chunks.add(chunk(source, outcomes));
        }
        Collections.shuffle(chunks, random);
        ExecutorService threads = Executors.newFixedThreadPool(6);
        CountDownLatch start = new CountDownLatch(1);
        List<Future<?>> commits = new ArrayList<>();
        for (int i = 0; i < chunks.size(); i++) {
            EnrichedChunk each = chunks.get(i);
            ChunkStore by = i % 2 == 0 ? store : another;
            commits.add(threads.submit(() -> {
                start.await();
                return by.commit(each);
            }));
        }
        start.countDown();
        for (Future<?> commit : commits) {
            commit.get(60, TimeUnit.SECONDS);
        }
        threads.shutdown();

        Map<Integer, State> end = states();
        latest.forEach((number, answered) -> {
            long found = answered.getOrDefault(Answered.FOUND, 0L);
            boolean isThere = found > answered.getOrDefault(Answered.MISSING, 0L);
            State state = end.get(number);
            if (isThere) {
                assertThat(state.contact).as("%s", answered).isEqualTo("v" + found);
            }
            Set<String> open = answered.entrySet().stream()
                    .filter(each -> each.getKey() != Answered.FOUND && each.getValue() > found)
                    .map(each -> ((Outcome.Failed) each.getKey().at(1)).reason().code())
                    .collect(Collectors.toSet());
            assertThat(Stream.of(state.open.split(",")).filter(reason -> !reason.isEmpty()))
                    .as("open dead letters of %s", answered)
                    .allMatch(open::contains)
                    .matches(reasons -> isThere || reasons.contains("not-found"));
            // What a message tells JTL not to have is left to runs, which know how many are gone at once.
            if (isThere || missingOf.get(number).isRun()) {
                assertThat(state.delivery.matches("pending(0|false)(1|true)"))
                        .as("to be sent, %s", answered)
                        .isEqualTo(isThere);
            }
        });
        for (Map.Entry<Source, Long> run : runOf.entrySet()) {
            assertThat(runs.finish(run.getValue(), records.get(run.getKey())).isReconciled())
                    .as("the account of %s", run.getKey())
                    .isTrue();
        }
        assertThat(store.committed().accepted() + another.committed().accepted())
                .isEqualTo(records.values().stream().mapToInt(n -> n).sum());
    }
}
