package de.contactsync.faults;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.faults.agent.FailPoint;
import de.contactsync.model.ProcessingHaltedException;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every step that leaves something behind, one by one: the process dies in front of it or behind it, or the step fails.
 * What stands in the tables and the folders in the end is what an undisturbed run leaves.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FailPointIT {

    private static final String HALT = FailPoint.HALT;
    private static final String OUT_OF_REACH = ProcessingHaltedException.class.getName();
    private static final String REFUSED = SQLException.class.getName();
    private static final String BROKEN = SQLTransientConnectionException.class.getName();
    private static final String NO_ROOM = IOException.class.getName();

    private static final String LEDGER = "de.contactsync.persistence.RunStore";
    private static final String STORE = "de.contactsync.persistence.ChunkStore";
    private static final String DEAD_LETTERS = "de.contactsync.persistence.DeadLetterTable";
    private static final String CONTACTS = "de.contactsync.persistence.ContactUpsert";
    private static final String OUTBOX = "de.contactsync.outbox.Outbox";
    private static final String CLAIMS = "de.contactsync.outbox.DeliveryClaims";
    private static final String RECORDER = "de.contactsync.outbox.DeliveryRecorder";
    private static final String CRM = "de.contactsync.crm.hubspot.HubSpotCrm";
    private static final String SETTLEMENT = "de.contactsync.imports.FileFinalizer";
    private static final String REPORT = "de.contactsync.imports.ErrorReportWriter";
    private static final String FILE_MOVE = "de.contactsync.imports.FileMove";
    /** Set to false a transaction begins, set to true it is committed. */
    private static final String CONNECTION = "org.sqlite.SQLiteConnection";

    @TempDir
    static Path folder;

    private final AtomicInteger cases = new AtomicInteger();
    private FaultCase.End importedUndisturbed;
    private FaultCase.End ranUndisturbed;
    private FaultCase.End deliveredUndisturbed;

    @BeforeAll
    void undisturbed() throws IOException {
        try (FaultCase imported = aCase();
                FaultCase ran = aCase();
                FaultCase delivered = aCase().intoCrm()) {
            importedUndisturbed = imported.importUndisturbed();
            ranUndisturbed = ran.runUndisturbed();
            deliveredUndisturbed = delivered.importUndisturbed();
        }
        assertThat(deliveredUndisturbed.records()).hasSameSizeAs(importedUndisturbed.contacts());
        assertThat(deliveredUndisturbed.deliveries()).hasSameSizeAs(importedUndisturbed.contacts());
        assertThat(importedUndisturbed.contacts()).hasSizeGreaterThan(100).isEqualTo(ranUndisturbed.contacts());
        assertThat(importedUndisturbed.deadLetters()).hasSizeGreaterThan(5);
        assertThat(importedUndisturbed.unclosed()).isEmpty();
        assertThat(ranUndisturbed.unclosed()).isEmpty();
        assertThat(ranUndisturbed.files())
                .containsExactly(
                        "inbox/.done/keys.csv", "inbox/.done/keys.csv.errors.csv", "inbox/.work/.inbox", "keys.csv");
    }

    @Execution(ExecutionMode.CONCURRENT)
    @ParameterizedTest(name = "{0}")
    @MethodSource("pointsOfAnImport")
    void an_import_disturbed_once_ends_the_same(FailPoint point) throws IOException {
        try (FaultCase disturbed = aCase()) {
            assertThat(disturbed.importDisturbed(point, Faults.at(point))).isEqualTo(importedUndisturbed);
        }
    }

    @Execution(ExecutionMode.CONCURRENT)
    @ParameterizedTest(name = "{0}")
    @MethodSource("pointsOfARun")
    void a_run_disturbed_once_ends_the_same(FailPoint point) throws IOException {
        try (FaultCase disturbed = aCase()) {
            assertThat(disturbed.runDisturbed(point, Faults.at(point))).isEqualTo(ranUndisturbed);
        }
    }

    @Execution(ExecutionMode.CONCURRENT)
    @ParameterizedTest(name = "{0}")
    @MethodSource("pointsOfADelivery")
    void an_import_into_the_crm_disturbed_once_ends_the_same(FailPoint point) throws IOException {
        try (FaultCase disturbed = aCase().intoCrm()) {
            assertThat(disturbed.importDisturbed(point, Faults.at(point))).isEqualTo(deliveredUndisturbed);
        }
    }

    /** From the chunk's transaction, which marks what is to be sent, to the one that writes down what the CRM said. */
    static Stream<FailPoint> pointsOfADelivery() {
        List<FailPoint> points = new ArrayList<>();
        points.addAll(around("de.contactsync.outbox.DeliveryEnqueuer", "enqueue", HALT, REFUSED));
        points.addAll(around(CLAIMS, "claim", HALT, REFUSED));
        points.addAll(around(OUTBOX, "claim", HALT, OUT_OF_REACH));
        points.addAll(around(CRM, "upsert", HALT, OUT_OF_REACH));
        points.addAll(around(OUTBOX, "recordResults", HALT, OUT_OF_REACH));
        points.addAll(around(RECORDER, "accepted", HALT, REFUSED));
        // The last step before the commit.
        points.addAll(around(CLAIMS, "freeOwn", HALT, REFUSED));
        return points.stream();
    }

    static Stream<FailPoint> pointsOfAnImport() {
        List<FailPoint> points = stepsOfAChunk();
        // An import does not fail for its report, which is in the database anyway.
        points.addAll(around(SETTLEMENT, "report", HALT));
        points.addAll(around(REPORT, "write", HALT));
        points.addAll(around(LEDGER, "close", HALT, OUT_OF_REACH));
        return points.stream();
    }

    static Stream<FailPoint> pointsOfARun() {
        List<FailPoint> points = new ArrayList<>(stepsOfAChunk().stream()
                // The same code as in an import: for most of its failures once is enough.
                .filter(point ->
                        Scale.of(0, 1) == 1 || point.kills() && !point.type().equals(STORE))
                .toList());
        points.addAll(around(SETTLEMENT, "finalizeRun", HALT));
        points.addAll(around(LEDGER, "movingTo", HALT, OUT_OF_REACH));
        points.addAll(around(REPORT, "write", HALT, NO_ROOM));
        points.addAll(around(FILE_MOVE, "move", HALT, NO_ROOM));
        points.addAll(around(LEDGER, "close", HALT, OUT_OF_REACH));
        return points.stream();
    }

    /** From the claim of the file to the end of its run in the database. */
    private static List<FailPoint> stepsOfAChunk() {
        List<FailPoint> points = new ArrayList<>();
        points.addAll(around(LEDGER, "claim", HALT, OUT_OF_REACH));
        points.addAll(around(STORE, "commit", HALT, OUT_OF_REACH));
        points.add(new FailPoint(STORE, "commit", false, 6, HALT, ""));
        points.addAll(around(STORE, "markChunk", HALT, REFUSED));
        points.addAll(around(CONTACTS, "writeAtOnce", HALT, BROKEN));
        points.addAll(around(DEAD_LETTERS, "write", HALT));
        points.addAll(around(STORE, "addProgress", HALT, REFUSED));
        // The second call of each transaction is its commit; the third chunk's comes when others are done and under
        // way.
        for (int commit : new int[] {2, 6}) {
            for (String action : List.of(HALT, REFUSED, BROKEN)) {
                points.add(new FailPoint(CONNECTION, "setAutoCommit", true, commit, action, STORE));
                points.add(new FailPoint(CONNECTION, "setAutoCommit", false, commit, action, STORE));
            }
        }
        points.addAll(around(LEDGER, "finish", HALT, OUT_OF_REACH));
        return points;
    }

    private static List<FailPoint> around(String type, String method, String... actions) {
        List<FailPoint> points = new ArrayList<>();
        for (String action : actions) {
            points.add(new FailPoint(type, method, true, 1, action, ""));
            points.add(new FailPoint(type, method, false, 1, action, ""));
        }
        return points;
    }

    private FaultCase aCase() throws IOException {
        return new FaultCase(folder.resolve("case-" + cases.incrementAndGet()));
    }
}
