package de.contactsync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.persistence.OpenRuns.OpenRun;
import de.contactsync.persistence.ProcessId;
import de.contactsync.persistence.Run;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** It showed a key of 100 characters as the process, and of a run that was interrupted not what to do. */
class RunsCommandTest {

    private static final ProcessId OWNER = new ProcessId("vm", 32049, "ca5ec774-9d1f:4026531836:0:3311949:7c1e");

    private static String line(String source, Run.State state, String haltReason, boolean gone, boolean inInbox) {
        Run run = new Run(3, source, "a.csv", "hash", 100, 10L, 5, 5, 0, 0, 0, 0, 0, state, null, haltReason);
        return RunsCommand.line(new OpenRun(run, Instant.parse("2026-03-01T10:00:00Z"), OWNER, gone, inInbox));
    }

    @Test
    void a_run_that_is_worked_on_names_its_process() {
        assertThat(line("file", Run.State.RUNNING, null, false, false))
                .isEqualTo("3  running      file a.csv, since 2026-03-01T10:00:00Z, 5 records done of 10:"
                        + " process 32049 on vm");
    }

    @Test
    void an_interrupted_run_says_what_resumes_it() {
        assertThat(line("replay", Run.State.RUNNING, null, true, false))
                .startsWith("3  interrupted  replay a.csv, ")
                .endsWith(": process 32049 on vm has ended; the next replay resumes it, or end it: runs discard 3");
        assertThat(line("file", Run.State.RUNNING, null, true, false))
                .endsWith("has ended; the same import resumes it, or end it: runs discard 3");
        assertThat(line("file", Run.State.RUNNING, null, true, true))
                .endsWith("has ended; the running program resumes it, or end it: runs discard 3");
        assertThat(line("timer", Run.State.RUNNING, null, true, false))
                .endsWith("has ended; the running program, or run --once, resumes it, or end it: runs discard 3");
    }

    @Test
    void a_halted_run_says_why_and_what_resumes_it() {
        assertThat(line("file", Run.State.HALTED, "JTL is out of reach", false, false))
                .startsWith("3  halted       file a.csv, ")
                .endsWith(
                        "5 records done of 10; JTL is out of reach: the same import resumes it, or end it: runs discard"
                                + " 3");
    }
}
