package de.contactsync.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.CapturedLog;
import java.io.IOException;
import java.net.URI;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

class ExportFailuresTest {

    /** Once, each batch of spans left a stack trace, in a format of its own. */
    @Test
    void failures_to_send_are_one_line_each_ten_minutes() {
        AtomicLong now = new AtomicLong();
        Logger exporter = Logger.getLogger("io.opentelemetry.exporter.otlp");
        Logger sdk = Logger.getLogger("io.opentelemetry.sdk.trace");
        try (CapturedLog log = new CapturedLog(ExportFailures.class.getName())) {
            ExportFailures failures = ExportFailures.install(URI.create("http://collector:4318"), now::get);
            try {
                for (int batch = 0; batch < 4; batch++) {
                    exporter.log(
                            Level.SEVERE,
                            "Failed to export spans. Connection refused\nat length",
                            new IOException("x"));
                }
                exporter.info("started");
                sdk.warning("queue full");
                now.set(ExportFailures.PAUSE.toNanos());
                exporter.log(Level.WARNING, "Failed to export spans. Status {0}", 503);
            } finally {
                failures.close();
            }

            assertThat(log.lines())
                    .containsExactly(
                            "WARN Traces cannot be sent to http://collector:4318 and are lost; nothing else waits for"
                                    + " them (Failed to export spans. Connection refused). The next failure is reported"
                                    + " in 10 minutes at the earliest",
                            "WARN OpenTelemetry: queue full",
                            "WARN Traces cannot be sent to http://collector:4318 and are lost; nothing else waits for"
                                    + " them (Failed to export spans. Status 503; 3 more failures since the last"
                                    + " report). The next failure is reported in 10 minutes at the earliest");
        }
    }
}
