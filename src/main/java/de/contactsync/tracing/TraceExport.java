package de.contactsync.tracing;

import io.opentelemetry.api.OpenTelemetry;
import java.lang.reflect.InvocationTargetException;
import java.net.URI;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Sends spans to a collector by OTLP. OpenTelemetry's SDK is no part of the program, as few need it: it is looked for
 * among the jars that users add, and configured as it always is, by {@code OTEL_…} in the environment.
 */
public final class TraceExport implements AutoCloseable {

    private static final String SDK = "io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk";

    private final AutoCloseable sdk;
    private final ExportFailures failures;

    private TraceExport(AutoCloseable sdk, ExportFailures failures) {
        this.sdk = sdk;
        this.failures = failures;
    }

    /**
     * @param endpoint of the collector, without {@code /v1/traces}
     * @throws ClassNotFoundException when the SDK is not there
     */
    public static TraceExport start(URI endpoint) throws ClassNotFoundException {
        Class<?> type = Class.forName(SDK, true, Thread.currentThread().getContextClassLoader());
        Map<String, String> defaults = Map.of(
                "otel.service.name", "jtl-contact-sync",
                "otel.exporter.otlp.endpoint", endpoint.toString(),
                "otel.exporter.otlp.protocol", "http/protobuf",
                "otel.propagators", "tracecontext",
                "otel.metrics.exporter", "none",
                "otel.logs.exporter", "none");
        try {
            Object builder = type.getMethod("builder").invoke(null);
            Class<?> builderType = builder.getClass();
            builderType
                    .getMethod("addPropertiesSupplier", Supplier.class)
                    .invoke(builder, (Supplier<Map<String, String>>) () -> defaults);
            builderType.getMethod("disableShutdownHook").invoke(builder);
            Object configured = builderType.getMethod("build").invoke(builder);
            Object sdk = type.getMethod("getOpenTelemetrySdk").invoke(configured);
            Traces.start((OpenTelemetry) sdk);
            return new TraceExport((AutoCloseable) sdk, ExportFailures.install(endpoint, System::nanoTime));
        } catch (InvocationTargetException e) {
            throw new IllegalStateException("OpenTelemetry cannot be started: " + e.getCause(), e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("lib/ has an OpenTelemetry SDK that is not understood: " + e, e);
        }
    }

    /** Waits some seconds for what has not been sent yet. */
    @Override
    public void close() throws Exception {
        Traces.stop();
        try {
            sdk.close();
        } finally {
            failures.close();
        }
    }
}
