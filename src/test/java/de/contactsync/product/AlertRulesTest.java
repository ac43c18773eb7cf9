package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** ops/prometheus/alerts.yml, read by Prometheus' own tool. */
class AlertRulesTest {

    @Test
    void prometheus_accepts_the_alert_rules() throws Exception {
        promtool("check", "rules", "ops/prometheus/alerts.yml");
    }

    /** Once, ContactDeliveriesStuck said that none got through while another worker delivered as fast as others came. */
    @Test
    void each_rule_fires_when_it_should_and_not_before() throws Exception {
        promtool("test", "rules", "src/test/prometheus/alerts.test.yml");
    }

    private static void promtool(String... arguments) throws Exception {
        Path tool = Stream.of("/usr/bin/promtool", "/usr/local/bin/promtool")
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
        assumeTrue(tool != null, "promtool is not installed (Debian: prometheus)");
        Process process = new ProcessBuilder(Stream.concat(Stream.of(tool.toString()), Stream.of(arguments))
                        .toList())
                .redirectErrorStream(true)
                .start();

        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).as(output).isZero();
    }
}
