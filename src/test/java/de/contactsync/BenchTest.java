package de.contactsync;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The benchmarks are run by hand, so nothing else tells when a change breaks them. */
@Tag("slow")
class BenchTest {

    @TempDir
    Path classes;

    /** They once did not, since a record of the product had got one component more. */
    @Test
    void the_programs_of_the_benchmarks_compile_against_the_product() {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        int code = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        said,
                        said,
                        "-d",
                        classes.toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        "bench/Messages.java",
                        "bench/Figures.java");
        assertThat(code).as(said.toString(StandardCharsets.UTF_8)).isZero();
    }
}
