package de.contactsync.jtl;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ErrorResponseTest {

    @Test
    void both_spellings_are_read_and_the_stack_trace_is_dropped() {
        ErrorResponse camel = read("{'errorCode':'NOT_FOUND','errorMessage':'no','errors':{'id':['a','b']},"
                        + "'stacktrace':'at Secret.Class()'}")
                .orElseThrow();
        ErrorResponse pascal = read("{'ErrorCode':'NOT_FOUND','ErrorMessage':'no','Errors':{'id':['a','b']},"
                        + "'Stacktrace':'at Secret.Class()'}")
                .orElseThrow();

        assertThat(camel).isEqualTo(pascal).isEqualTo(new ErrorResponse("NOT_FOUND", "no", "{\"id\":[\"a\",\"b\"]}"));
    }

    @Test
    void deprecated_validation_errors_count_as_errors() {
        assertThat(read("{'errorCode':'VALIDATION_ERROR','validationErrors':{'customerId':'not a uuid'}}")
                        .orElseThrow()
                        .errors())
                .isEqualTo("{\"customerId\":[\"not a uuid\"]}");
    }

    @Test
    void long_and_unprintable_texts_are_bounded_and_cleaned() {
        ErrorResponse error =
                read("{'errorMessage':'a\\u0000\\n" + "x".repeat(5_000) + "'}").orElseThrow();

        assertThat(error.errorMessage()).startsWith("a  xxx").hasSizeLessThan(1_100);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "null", "[]", "{}", "{'message':'proxy says no'}", "<html>404</html>", "{'errorCode':'X'"})
    void anything_else_is_no_error_response(String body) {
        assertThat(read(body)).isEmpty();
    }

    private static Optional<ErrorResponse> read(String json) {
        return ErrorResponse.read(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }
}
