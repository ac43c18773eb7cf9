package de.contactsync.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.fge.jackson.JsonLoader;
import com.github.fge.jsonschema.core.report.ProcessingReport;
import com.github.fge.jsonschema.main.JsonSchema;
import com.github.fge.jsonschema.main.JsonSchemaFactory;
import de.contactsync.app.Application;
import de.contactsync.http.HeaderAllowlist;
import de.contactsync.http.HttpGuard;
import de.contactsync.simulator.HubSpotOptions;
import de.contactsync.simulator.HubSpotSimulator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.component.http.HttpEndpoint;
import org.apache.camel.model.DynamicRouterDefinition;
import org.apache.camel.model.EnrichDefinition;
import org.apache.camel.model.Model;
import org.apache.camel.model.PollDefinition;
import org.apache.camel.model.PollEnrichDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RecipientListDefinition;
import org.apache.camel.model.RouteConfigurationDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.RoutingSlipDefinition;
import org.apache.camel.model.SetPropertyDefinition;
import org.apache.camel.model.ToDefinition;
import org.apache.camel.model.ToDynamicDefinition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Rules for all shipped routes, checked on the model that Camel has made of them. */
class RoutesTest {

    /** Routes in Java, which have no file. */
    private static final List<String> IN_JAVA =
            List.of("get-customer-contact", "query-customer-contacts", "query-customers", "call-crm");

    @TempDir
    static Path folder;

    private static HubSpotSimulator hubSpot;
    private static Application application;
    private static CamelContext camel;
    private static Model model;

    @BeforeAll
    static void start() throws Exception {
        hubSpot = HubSpotSimulator.start(HubSpotOptions.standard());
        application = Application.startSources(Settings.of(Map.ofEntries(
                Map.entry(ConfigKey.CLIENT_ID, "id"),
                Map.entry(ConfigKey.CLIENT_SECRET, "secret"),
                Map.entry(ConfigKey.SOURCES, "file,queue,kafka,timer,http"),
                Map.entry(ConfigKey.HTTP_TOKEN, "a-token-of-the-test-with-length"),
                Map.entry(ConfigKey.TIMER_SCHEDULE, "24h"),
                Map.entry(ConfigKey.KAFKA_BROKERS, "127.0.0.1:1"),
                Map.entry(ConfigKey.FILE_VIA, "queue"),
                Map.entry(ConfigKey.SINKS, "database,queue,crm"),
                Map.entry(ConfigKey.QUEUE_DIRECTORY, folder.resolve("broker").toString()),
                Map.entry(ConfigKey.QUEUE_PORT, "off"),
                Map.entry(ConfigKey.CRM_BASE_URL, hubSpot.baseUrl()),
                Map.entry(ConfigKey.CRM_TOKEN, hubSpot.token()),
                Map.entry(ConfigKey.STATUS_PORT, "off"),
                Map.entry(ConfigKey.FILE_DIRECTORY, folder.resolve("inbox").toString()),
                Map.entry(ConfigKey.DATABASE_URL, "jdbc:sqlite:" + folder.resolve("contacts.db")))));
        camel = application.camel();
        model = camel.getCamelContextExtension().getContextPlugin(Model.class);
    }

    @AfterAll
    static void stop() {
        application.close();
        hubSpot.close();
    }

    private static List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("routes"))) {
            return files.sorted().toList();
        }
    }

    private static List<String> idsIn(Path file, String kind) throws IOException {
        return Pattern.compile("(?m)^- " + kind + ":\\n    id: (\\S+)$")
                .matcher(Files.readString(file))
                .results()
                .map(match -> match.group(1))
                .toList();
    }

    /** All steps of all routes and policies, however deep. */
    private static List<ProcessorDefinition<?>> steps() {
        List<ProcessorDefinition<?>> steps = new ArrayList<>();
        model.getRouteDefinitions().forEach(route -> collect(route, steps));
        for (RouteConfigurationDefinition policy : model.getRouteConfigurationDefinitions()) {
            policy.getOnExceptions().forEach(step -> collect(step, steps));
            policy.getOnCompletions().forEach(step -> collect(step, steps));
            policy.getIntercepts().forEach(step -> collect(step, steps));
            policy.getInterceptFroms().forEach(step -> collect(step, steps));
            policy.getInterceptSendTos().forEach(step -> collect(step, steps));
        }
        return steps;
    }

    private static void collect(ProcessorDefinition<?> step, List<ProcessorDefinition<?>> steps) {
        steps.add(step);
        step.getOutputs().forEach(child -> collect(child, steps));
    }

    @Test
    @Tag("slow")
    void every_file_is_valid_against_the_schema_of_camels_yaml_dsl() throws Exception {
        JsonNode schema = JsonLoader.fromResource("/schema/camelYamlDsl.json");
        JsonSchema validator = JsonSchemaFactory.byDefault().getJsonSchema(schema);
        ObjectMapper json = new ObjectMapper();
        for (Path file : files()) {
            JsonNode routes =
                    json.valueToTree(new Load(LoadSettings.builder().build()).loadFromString(Files.readString(file)));
            ProcessingReport report = validator.validate(routes);
            assertThat(report.isSuccess()).as("%s: %s", file, report).isTrue();
        }
    }

    @Test
    void every_file_is_loaded_and_holds_one_flow_under_its_own_name() throws IOException {
        List<String> loaded = new ArrayList<>(IN_JAVA);
        for (Path file : files()) {
            assertThat(file.getFileName().toString()).endsWith(".camel.yaml");
            String name = file.getFileName().toString().replace(".camel.yaml", "");
            List<String> routes = idsIn(file, "route");
            if (idsIn(file, "routeConfiguration").isEmpty()) {
                assertThat(routes).containsExactly(name);
                loaded.add(name);
            } else {
                assertThat(routes).isEmpty();
            }
        }
        assertThat(camel.getRoutes())
                .extracting(org.apache.camel.Route::getRouteId)
                .containsExactlyInAnyOrderElementsOf(loaded);
    }

    @Test
    void every_route_says_in_words_what_it_does() {
        assertThat(model.getRouteDefinitions()).isNotEmpty().allSatisfy(route -> {
            assertThat(route.hasCustomIdAssigned()).as(route.getRouteId()).isTrue();
            assertThat(route.getDescriptionText()).as(route.getRouteId()).matches("[A-Z].{20,}\\.");
        });
    }

    @Test
    void every_step_that_does_something_has_a_name() {
        assertThat(steps())
                .filteredOn(step -> step.getOutputs().isEmpty() && !(step instanceof SetPropertyDefinition))
                .hasSizeGreaterThan(15)
                .allSatisfy(step ->
                        assertThat(step.hasCustomIdAssigned()).as("%s", step).isTrue());
    }

    @Test
    void a_route_that_others_call_is_called_by_its_id() {
        assertThat(model.getRouteDefinitions())
                .filteredOn(route -> route.getInput().getEndpointUri().startsWith("direct"))
                .hasSizeGreaterThan(4)
                .allSatisfy(
                        route -> assertThat(route.getInput().getEndpointUri().replace("direct://", "direct:"))
                                .isEqualTo("direct:" + route.getRouteId()));
    }

    @Test
    void every_call_of_another_route_finds_it() {
        assertThat(steps())
                .filteredOn(ToDefinition.class::isInstance)
                .extracting(step -> ((ToDefinition) step).getEndpointUri())
                .filteredOn(uri -> uri.startsWith("direct:"))
                .hasSizeGreaterThan(3)
                .allSatisfy(uri -> assertThat(camel.getRoute(uri.replaceFirst("direct:(//)?", "")))
                        .as(uri)
                        .isNotNull());
    }

    /** All of them make an address of what may come from a message, and resolve placeholders in it. */
    @Test
    void no_step_takes_an_address_from_a_message() throws IOException {
        assertThat(steps())
                .hasSizeGreaterThan(20)
                .noneMatch(step -> step instanceof ToDynamicDefinition
                        || step instanceof RecipientListDefinition<?>
                        || step instanceof EnrichDefinition
                        || step instanceof PollEnrichDefinition
                        || step instanceof PollDefinition
                        || step instanceof DynamicRouterDefinition<?>
                        || step instanceof RoutingSlipDefinition<?>);
        Pattern steps = Pattern.compile(
                "(?i)\\b(toD|to-d|recipientList|recipient-list|enrich|wireTap|wire-tap|pollEnrich|poll-enrich|poll"
                        + "|dynamicRouter|dynamic-router|routingSlip|routing-slip|groovy|script)\\s*:");
        for (Path file : files()) {
            assertThat(steps.matcher(Files.readString(file)).results().map(MatchResult::group))
                    .as("%s", file)
                    .isEmpty();
        }
    }

    @Test
    void every_http_endpoint_is_guarded() {
        List<HttpEndpoint> endpoints = camel.getEndpoints().stream()
                .filter(HttpEndpoint.class::isInstance)
                .map(HttpEndpoint.class::cast)
                .toList();
        List<String> addresses =
                endpoints.stream().map(HttpEndpoint::getEndpointUri).toList();

        assertThat(addresses)
                .as("those of JTL are made when they are needed, see SeveralTenantsTest")
                .hasSize(1)
                .allSatisfy(
                        uri -> assertThat(uri)
                                .contains("copyHeaders=false", "throwExceptionOnFailure=false")
                                .containsPattern(
                                        "headerFilterStrategy=%23crmAllowedHeaders.*clientConnectionManager=%23crmConnections"));
        assertThat(endpoints).allSatisfy(endpoint -> {
            assertThat(endpoint.getHttpClientConfigurer()).isInstanceOf(HttpGuard.class);
            assertThat(endpoint.getHeaderFilterStrategy()).isInstanceOf(HeaderAllowlist.class);
            assertThat(endpoint.isCopyHeaders()).isFalse();
            assertThat(endpoint.isFollowRedirects()).isFalse();
        });
    }

    @Test
    void no_endpoint_address_holds_a_secret() {
        assertThat(camel.getEndpoints())
                .extracting(Endpoint::getEndpointUri)
                .isNotEmpty()
                .noneMatch(uri -> Pattern.compile("(?i)secret|password|token|oauth2|authUsername")
                        .matcher(uri)
                        .find());
    }

    @Test
    void every_policy_that_a_route_names_is_there_and_used() throws IOException {
        TreeSet<String> named = new TreeSet<>();
        model.getRouteDefinitions().stream()
                .map(RouteDefinition::getRouteConfigurationId)
                .filter(id -> id != null)
                .forEach(named::add);
        TreeSet<String> inFiles = new TreeSet<>();
        for (Path file : files()) {
            inFiles.addAll(idsIn(file, "routeConfiguration"));
        }

        assertThat(named).isNotEmpty().isEqualTo(inFiles);
        assertThat(model.getRouteConfigurationDefinitions())
                .extracting(RouteConfigurationDefinition::getId)
                .containsExactlyInAnyOrderElementsOf(named);
    }

    /** Else a failure of a step behind the split would be logged with all its data and tried by rules of its own. */
    @Test
    void where_a_chunk_is_worked_on_no_other_policy_handles_its_failures() {
        for (String id : List.of(
                "enrich",
                "sink-database",
                "get-customer-contact",
                "query-customer-contacts",
                "query-customers",
                "sink-crm",
                "call-crm")) {
            assertThat(model.getRouteDefinition(id).getErrorHandlerFactory())
                    .as(id)
                    .isInstanceOf(org.apache.camel.model.errorhandler.NoErrorHandlerDefinition.class);
        }
    }
}
