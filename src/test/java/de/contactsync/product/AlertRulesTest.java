package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** ops/prometheus/alerts.yml, read by Prometheus' own tool. */
class AlertRulesTest {

    @Test
    void prometheus_accepts_the_alert_rules() throws Exception {
        Path tool = Stream.of("/usr/bin/promtool", "/usr/local/bin/promtool")
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
        assumeTrue(tool != null, "promtool is not installed (Debian: prometheus)");

        Process check = new ProcessBuilder(List.of(tool.toString(), "check", "rules", "ops/prometheus/alerts.yml"))
                .redirectErrorStream(true)
                .start();
        String output = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(check.waitFor()).as(output).isZero();
    }
}
