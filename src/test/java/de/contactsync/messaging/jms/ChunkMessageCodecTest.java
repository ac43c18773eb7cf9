package de.contactsync.messaging.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.contactsync.model.ContactKey;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.Reason;
import de.contactsync.model.RunChunk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChunkMessageCodecTest {

    @Test
    void a_chunk_arrives_as_it_was_sent() throws IOException {
        RunChunk chunk = new RunChunk(
                17,
                3,
                List.of(
                        new KeyEntry.Valid(5, new ContactKey(UUID.randomUUID(), new UUID(0, 0), new UUID(-1, -1))),
                        new KeyEntry.Invalid(
                                9_000_000_000L, "Müller;\"\n\uD83D\uDE80\uFFFD", "customerId is \"Müller\""),
                        new KeyEntry.Invalid(
                                9_000_000_001L, "4711", "no list", Reason.REJECTED, 400, new UUID(0x7E, 1))),
                2);

        assertThat(ChunkMessageCodec.read(ChunkMessageCodec.write(chunk))).isEqualTo(chunk);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "no JSON",
                "[]",
                "{}",
                "{\"run\":\"1\",\"chunk\":0,\"duplicates\":0,\"keys\":[]}",
                "{\"run\":1,\"chunk\":99999999999,\"duplicates\":0,\"keys\":[]}",
                "{\"run\":1,\"chunk\":0,\"duplicates\":0,\"keys\":{}}",
                "{\"run\":1,\"chunk\":0,\"duplicates\":0,\"keys\":[{}]}",
                "{\"run\":1,\"chunk\":0,\"duplicates\":0,\"keys\":[{\"position\":1,\"tenantId\":\"x\"}]}"
            })
    void what_this_program_has_not_sent_is_refused(String body) {
        assertThatThrownBy(() -> ChunkMessageCodec.read(body.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @CsvSource({"no JSON, it is not JSON", "[NUMBER], it has a number of more than 1000 digits"})
    void an_unreadable_message_is_reported_without_quoting_it(String body, String problem) {
        byte[] bytes = body.replace("NUMBER", "9".repeat(2_000)).getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> ChunkMessageCodec.read(bytes)).hasMessage(problem);
    }
}
