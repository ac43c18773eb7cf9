package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import de.contactsync.FreePort;
import de.contactsync.brokers.QueueClient;
import de.contactsync.brokers.TcpProxy;
import de.contactsync.simulator.HubSpotOptions;
import de.contactsync.simulator.HubSpotSimulator;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.jar.JarFile;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Traces by OTLP, as a collector in this process receives them. */
class TracingIT {

    private static final Duration LONG = Duration.ofMinutes(2);
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String PARENT = "00f067aa0ba902b7";
    /** A class out of each jar that examples/tracing brings. */
    private static final List<String> SDK = List.of(
            "io.opentelemetry.sdk.OpenTelemetrySdk",
            "io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk",
            "io.opentelemetry.sdk.autoconfigure.spi.AutoConfigurationCustomizer",
            "io.opentelemetry.sdk.common.Clock",
            "io.opentelemetry.sdk.logs.SdkLoggerProvider",
            "io.opentelemetry.sdk.metrics.SdkMeterProvider",
            "io.opentelemetry.sdk.trace.SdkTracerProvider",
            "io.opentelemetry.exporter.internal.marshal.Marshaler",
            "io.opentelemetry.exporter.internal.otlp.traces.TraceRequestMarshaler",
            "io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter",
            "io.opentelemetry.exporter.sender.jdk.internal.JdkHttpSender");

    @TempDir
    Path folder;

    private final List<Span> spans = new CopyOnWriteArrayList<>();
    private HttpServer collector;
    private JtlSimulator jtl;
    private HubSpotSimulator hubSpot;
    private TcpProxy toJtl;
    private TcpProxy toHubSpot;
    private Product product;

    @BeforeEach
    void start() throws Exception {
        collector = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        collector.createContext("/v1/traces", exchange -> {
            boolean zipped = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
            try (InputStream body =
                    zipped ? new GZIPInputStream(exchange.getRequestBody()) : exchange.getRequestBody()) {
                ExportTraceServiceRequest.parseFrom(body)
                        .getResourceSpansList()
                        .forEach(resource ->
                                resource.getScopeSpansList().forEach(scope -> spans.addAll(scope.getSpansList())));
            }
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        collector.start();
        jtl = JtlSimulator.start(
                SimulatorOptions.builder().port(FreePort.next()).build());
        hubSpot = HubSpotSimulator.start(HubSpotOptions.standard());
        toJtl = new TcpProxy(jtl.port());
        toHubSpot = new TcpProxy(hubSpot.port());
        product = Product.in(folder.resolve("work"))
                .withLibraries(jars())
                .against(jtl)
                .with("jtl.base-url", jtl.baseUrl().replace(":" + jtl.port(), ":" + toJtl.port()))
                .into(hubSpot)
                .with("contacts.crm.base-url", hubSpot.baseUrl().replace(":" + hubSpot.port(), ":" + toHubSpot.port()))
                .withHarmlessMapping()
                .with(
                        "contacts.tracing.endpoint",
                        "http://127.0.0.1:" + collector.getAddress().getPort());
    }

    @AfterEach
    void stop() {
        product.close();
        toHubSpot.close();
        toJtl.close();
        hubSpot.close();
        jtl.close();
        collector.stop(0);
    }

    private static Path[] jars() throws Exception {
        List<Path> jars = new ArrayList<>();
        for (String type : SDK) {
            jars.add(Path.of(Class.forName(type)
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI()));
        }
        return jars.toArray(Path[]::new);
    }

    private List<Span> named(String name) {
        return spans.stream().filter(span -> span.getName().equals(name)).toList();
    }

    private List<Span> deliveries() {
        return spans.stream()
                .filter(span -> span.getName().startsWith("deliver to HubSpot"))
                .toList();
    }

    private static String hex(com.google.protobuf.ByteString id) {
        return HexFormat.of().formatHex(id.toByteArray());
    }

    @Test
    void the_trace_of_a_message_continues_to_jtl_and_into_the_crm() throws IOException {
        int port = FreePort.next();
        TcpProxy.Recording asked = toJtl.record();
        TcpProxy.Recording sent = toHubSpot.record();
        RunningProduct running = product.with("contacts.sources", "queue")
                .with("contacts.queue.port", port)
                .with("contacts.queue.username", "shop")
                .with("contacts.queue.password", "secret")
                .start("run");
        QueueClient client = QueueClient.of("amqp://127.0.0.1:" + port, "shop", "secret");
        KeyFiles.Key key = KeyFiles.good(17, 1).keys().get(0);

        await().atMost(LONG)
                .ignoreExceptions()
                .until(() -> client.send("contact-keys", List.of(session -> {
                                    var message = session.createTextMessage(key.json());
                                    message.setStringProperty("traceparent", "00-" + TRACE + "-" + PARENT + "-01");
                                    return message;
                                }))
                                .size()
                        == 1);

        await().atMost(LONG).untilAsserted(() -> assertThat(deliveries()).hasSize(1));
        Span call = named("GET 127.0.0.1").stream()
                .filter(span -> hex(span.getParentSpanId()).equals(PARENT))
                .findFirst()
                .orElseThrow();
        assertThat(hex(call.getTraceId())).isEqualTo(TRACE);
        assertThat(asked.text()).contains("traceparent: 00-" + TRACE + "-" + hex(call.getSpanId()) + "-01");
        Span delivery = deliveries().get(0);
        assertThat(hex(delivery.getTraceId())).isEqualTo(TRACE);
        assertThat(sent.text()).contains("traceparent: 00-" + TRACE);
        // The bytes of a trace's id may be any characters.
        assertThat(spans.stream()
                        .map(span -> span.toBuilder()
                                .clearTraceId()
                                .clearSpanId()
                                .clearParentSpanId()
                                .build()
                                .toString()))
                .as("neither ids nor contacts")
                .noneMatch(text -> text.contains(key.contactId().toString()) || text.contains("@"));
        running.terminate();
    }

    @Test
    void the_calls_of_a_run_are_in_its_trace() throws IOException {
        KeyFiles keys = KeyFiles.good(18, 5);

        RunningProduct running =
                product.with("contacts.sinks", "database").start("import", keys.write(folder.resolve("keys.csv")));

        assertThat(running.exitCode()).as(running::toString).isZero();
        Span run = named("run").get(0);
        assertThat(named("GET 127.0.0.1"))
                .hasSize(5)
                .allSatisfy(call -> assertThat(call.getParentSpanId()).isEqualTo(run.getSpanId()));
    }

    /** Once, each batch that could not be sent left a stack trace, and not even as JSON; nor was the first line JSON. */
    @Test
    void a_collector_that_is_away_costs_one_line_and_no_contact() throws IOException {
        collector.stop(0);

        RunningProduct running = product.with("contacts.sinks", "database")
                .with("contacts.log.format", "json")
                .start("import", KeyFiles.good(19, 5).write(folder.resolve("keys.csv")));

        assertThat(running.exitCode()).as(running::toString).isZero();
        assertThat(running.stdout()).contains("stored             5");
        List<String> log = running.stderr().lines().toList();
        assertThat(log).allMatch(line -> line.startsWith("{"));
        assertThat(log)
                .filteredOn(line -> line.contains("Traces cannot be sent to"))
                .hasSize(1);
    }

    @Test
    void an_endpoint_without_the_sdk_is_refused_with_what_to_do() throws IOException {
        try (JarFile jar = new JarFile(System.getProperty("product.jar"))) {
            assumeTrue(
                    jar.getEntry("org/apache/camel/CamelContext.class") != null,
                    "a jar that names the tests' libraries has the SDK");
        }
        Product bare = Product.in(folder.resolve("bare"))
                .against(jtl)
                .with("contacts.tracing.endpoint", "http://127.0.0.1:4318");

        try (RunningProduct running = bare.start("import", KeyFiles.good(19, 1).write(folder.resolve("keys.csv")))) {
            assertThat(running.exitCode()).isEqualTo(2);
            assertThat(running.stderr()).contains("contacts.tracing.endpoint").contains("lib/");
        }
    }
}
