package de.contactsync.observability;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogLineTest {

    private static final Instant TIME = Instant.parse("2026-03-01T10:00:00.250Z");

    @TempDir
    Path folder;

    @Test
    void json_is_one_line_whatever_the_message_holds() throws Exception {
        String json = new LogLine(TIME, "WARN", "de.contactsync.X", "main", "one\n\"two\" ü", "java.io.IOException: no")
                .json();

        assertThat(json).doesNotContain("\n");
        JsonNode read = new ObjectMapper().readTree(json);
        assertThat(read.path("time").textValue()).isEqualTo("2026-03-01T10:00:00.250Z");
        assertThat(read.path("level").textValue()).isEqualTo("WARN");
        assertThat(read.path("message").textValue()).isEqualTo("one\n\"two\" ü");
        assertThat(read.path("exception").textValue()).isEqualTo("java.io.IOException: no");
        assertThat(new LogLine(TIME, "INFO", "x", "main", "m", null).json()).doesNotContain("exception");
    }

    @Test
    void each_line_carries_the_priority_of_its_message() {
        LogLine line = new LogLine(TIME, "ERROR", "x", "main", "one\ntwo", "java.io.IOException: three");

        assertThat(line.withPriority(line.plain())).isEqualTo("<3>one\n<3>two\n<3>java.io.IOException: three");
        assertThat(new LogLine(TIME, "INFO", "x", "main", "one", null).withPriority("one"))
                .isEqualTo("<6>one");
    }

    @Test
    void only_the_stream_that_systemd_names_is_the_journal() throws Exception {
        Path stream = Files.createFile(folder.resolve("stream"));
        String id = Files.getAttribute(stream, "unix:dev") + ":" + Files.getAttribute(stream, "unix:ino");

        assertThat(LogLine.isJournal(id, stream)).isTrue();
        assertThat(LogLine.isJournal(id, Files.createFile(folder.resolve("redirected"))))
                .isFalse();
        assertThat(LogLine.isJournal(null, stream)).isFalse();
        assertThat(LogLine.isJournal(id, folder.resolve("none"))).isFalse();
    }
}
