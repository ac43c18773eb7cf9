package de.contactsync.keyfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class JsonLimitsTest {

    private static final JsonFactory TEN_OF_EACH = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(10)
                    .maxNumberLength(11)
                    .maxNameLength(12)
                    .maxNestingDepth(13)
                    .maxTokenCount(14)
                    .build())
            .build();
    private static final JsonFactory SHORT = JsonFactory.builder()
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxDocumentLength(15).build())
            .build();

    /** Once, a long number was told as one of three things, none of which it was. */
    @ParameterizedTest(name = "{2}")
    @MethodSource
    void each_limit_is_reported_with_what_exceeds_it(JsonFactory factory, String json, String exceeded) {
        assertThat(JsonLimits.exceeded(read(factory, json))).isEqualTo(exceeded);
    }

    static Stream<Arguments> each_limit_is_reported_with_what_exceeds_it() {
        String number = "a number of more than 11 digits";
        return Stream.of(
                Arguments.of(TEN_OF_EACH, "[\"" + "secret".repeat(99) + "\"]", "a text of more than 10 characters"),
                Arguments.of(TEN_OF_EACH, "[" + "9".repeat(99) + "]", number),
                Arguments.of(TEN_OF_EACH, "[-0." + "9".repeat(99) + "]", number),
                Arguments.of(TEN_OF_EACH, "[1e" + "9".repeat(99) + "]", number),
                Arguments.of(TEN_OF_EACH, "{\"" + "n".repeat(99) + "\":1}", "a field name of more than 12 characters"),
                Arguments.of(TEN_OF_EACH, "[".repeat(99), "more than 13 levels of nesting"),
                Arguments.of(TEN_OF_EACH, "[" + "1,".repeat(99) + "1]", "more than 14 values"),
                Arguments.of(SHORT, "[" + "1,".repeat(99_999) + "1]", "more than 15 characters"));
    }

    private static StreamConstraintsException read(JsonFactory factory, String json) {
        return catchThrowableOfType(StreamConstraintsException.class, () -> {
            try (JsonParser parser = factory.createParser(json.getBytes(StandardCharsets.UTF_8))) {
                for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                    if (token.isScalarValue()) {
                        parser.getText();
                    }
                }
            }
        });
    }
}
