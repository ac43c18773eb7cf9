package de.contactsync.app;

import de.contactsync.config.ConfigurationException;
import de.contactsync.config.Settings;
import de.contactsync.crm.CrmSink;
import de.contactsync.imports.FileFinalizer;
import de.contactsync.imports.FileRunOpener;
import de.contactsync.imports.RunCoordinator;
import de.contactsync.imports.ScheduledRunOpener;
import de.contactsync.jtl.ContactLookupService;
import de.contactsync.messaging.ConsumerLifecycle;
import de.contactsync.messaging.http.KeyAcceptor;
import de.contactsync.messaging.http.PlatformHttpRoutes;
import de.contactsync.messaging.http.ReceivedKeys;
import de.contactsync.messaging.http.UnservedHttpRoutes;
import de.contactsync.messaging.jms.ChunkPublisher;
import de.contactsync.messaging.jms.QueuePublisher;
import de.contactsync.messaging.kafka.KafkaPublisher;
import de.contactsync.outbox.Outbox;
import de.contactsync.persistence.ChunkStore;
import de.contactsync.resilience.BreakerRegistry;
import de.contactsync.routes.ContactFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.Main;
import org.apache.camel.main.MainListenerSupport;
import org.apache.camel.model.BeanDefinition;
import org.apache.camel.model.FromDefinition;
import org.apache.camel.model.HasExpressionType;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.ModelLifecycleStrategySupport;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.language.MethodCallExpression;

/**
 * Builds all routes as a start does, those of the program and those of the user, and starts none of them: nothing is
 * taken in and nothing goes out. Beans of the program are stand-ins, whose names are all that is looked at.
 */
final class RouteTrial {

    /** What routes of the program name; a route of the user may as well, most of all a changed one. */
    private static final Map<String, Class<?>> BEANS = Map.ofEntries(
            Map.entry("chunkPublisher", ChunkPublisher.class),
            Map.entry("chunkStore", ChunkStore.class),
            Map.entry("contactLookup", ContactLookupService.class),
            Map.entry("crmOutbox", Outbox.class),
            Map.entry("crmSink", CrmSink.class),
            Map.entry("fileFinalizer", FileFinalizer.class),
            Map.entry("fileRunOpener", FileRunOpener.class),
            Map.entry("kafkaPublisher", KafkaPublisher.class),
            Map.entry("keyAcceptor", KeyAcceptor.class),
            Map.entry("queuePublisher", QueuePublisher.class),
            Map.entry("receivedKeys", ReceivedKeys.class),
            Map.entry("runCoordinator", RunCoordinator.class),
            Map.entry("scheduledRunOpener", ScheduledRunOpener.class));

    /** Components of the program, which only its own sources begin with. */
    private static final Set<String> SOURCES = Set.of("key-queue", "chunk-queue", "key-topic", "received-keys");

    private static final Map<String, String> PLACEHOLDERS = Map.ofEntries(
            Map.entry("chunks.via.queue", "true"),
            Map.entry("sink.kafka.enabled", "true"),
            Map.entry("sink.queue.enabled", "true"),
            Map.entry("source.chunks.enabled", "true"),
            Map.entry("source.file.enabled", "true"),
            Map.entry("source.http.enabled", "true"),
            Map.entry("source.kafka.enabled", "true"),
            Map.entry("source.queue.enabled", "true"),
            Map.entry("source.timer.enabled", "true"),
            Map.entry("contacts.chunk-size", "500"),
            Map.entry("contacts.file.directory", "inbox"),
            Map.entry("contacts.kafka.topic", "topic"),
            Map.entry("contacts.queue.chunks", "chunks"),
            Map.entry("contacts.queue.consumers", "1"),
            Map.entry("contacts.queue.name", "keys"));

    /** What a route begins with, which is taken out of it so that nothing is created that takes in work. */
    private record Begin(RouteDefinition route, String uri) {}

    private final Main main = new Main();
    private final List<Begin> begins = new ArrayList<>();

    private RouteTrial(Settings settings, RouteFiles files) throws IOException {
        // One of them is a step by itself, and so a processor.
        BEANS.keySet().forEach(bean -> main.bind(bean, (Processor) exchange -> {}));
        main.bind("consumerLifecycle", new ConsumerLifecycle(BreakerRegistry.ofTrial(Duration.ZERO)));
        main.bind("contactsJson", new ContactFormat.Json());
        main.bind("contactsCsv", new ContactFormat.Csv());
        main.bind("chunkThreads", Executors.newSingleThreadExecutor());
        main.bind(PlatformHttpRoutes.BEAN, new UnservedHttpRoutes(true));
        Properties properties = new Properties();
        PLACEHOLDERS.forEach(properties::setProperty);
        settings.camel().forEach(properties::setProperty);
        properties.setProperty("camel.main.name", "jtl-contact-sync-check");
        properties.setProperty("camel.main.routes-include-pattern", files.patterns(name -> true, new Properties()));
        properties.setProperty("camel.main.auto-startup", "false");
        properties.setProperty("camel.main.shutdown-timeout", "4");
        main.setDefaultPropertyPlaceholderLocation("false");
        main.setOverrideProperties(properties);
        main.addMainListener(new MainListenerSupport() {
            @Override
            public void beforeInitialize(BaseMainSupport configured) {
                ((ModelCamelContext) configured.getCamelContext())
                        .addModelLifecycleStrategy(new ModelLifecycleStrategySupport() {
                            @Override
                            public void onAddRouteDefinition(RouteDefinition route) {
                                takeBegin(route);
                                RouteErrors.steps(route).forEach(step -> takeMethods(route, step));
                            }
                        });
            }
        });
    }

    private void takeBegin(RouteDefinition route) {
        FromDefinition input = route.getInput();
        String uri = input.getEndpointUri();
        begins.add(new Begin(route, uri));
        if (!uri.startsWith("direct:")) {
            input.setUri("direct:taken-out-" + begins.size());
        }
    }

    /** Looks for the methods of beans of the program itself: Camel would look for them in the stand-ins. */
    private static void takeMethods(RouteDefinition route, ProcessorDefinition<?> step) {
        if (step instanceof BeanDefinition bean && isOurs(bean.getRef(), bean.getMethod())) {
            requireMethod(route, step, bean.getRef(), bean.getMethod());
            bean.setMethod(null);
        }
        if (step instanceof HasExpressionType has
                && has.getExpressionType() instanceof MethodCallExpression call
                && isOurs(call.getRef(), call.getMethod())) {
            requireMethod(route, step, call.getRef(), call.getMethod());
            call.setMethod(null);
        }
    }

    private static boolean isOurs(String bean, String method) {
        return bean != null && BEANS.containsKey(bean) && method != null;
    }

    private static void requireMethod(RouteDefinition route, NamedNode step, String bean, String method) {
        String name = method.replaceFirst("\\(.*", "").strip();
        if (Arrays.stream(BEANS.get(bean).getMethods())
                .noneMatch(each -> each.getName().equals(name))) {
            throw RouteErrors.of(route, step, "the bean " + bean + " has no method " + name);
        }
    }

    /**
     * @return a line for each route that the program sends to, or what else the user has, for people; empty when all
     *     routes are the program's
     * @throws ConfigurationException when a start would end with it
     */
    static List<String> run(Settings settings, Path workingDirectory) throws Exception {
        RouteFiles files = RouteFiles.in(workingDirectory);
        CamelRouteSettings.require(settings.camel());
        if (!files.isAny()
                && settings.routeSinks().isEmpty()
                && settings.camel().keySet().stream().noneMatch(CamelRouteSettings::namesClasses)) {
            return List.of();
        }
        RouteTrial trial = new RouteTrial(settings, files);
        try {
            trial.main.start();
            return trial.look(settings, files);
        } catch (ConfigurationException e) {
            throw e;
        } catch (Exception e) {
            throw RouteErrors.explain(e, trial.main.getCamelContext(), files)
                    .map(Exception.class::cast)
                    .orElse(e);
        } finally {
            trial.main.stop();
        }
    }

    private List<String> look(Settings settings, RouteFiles files) throws IOException {
        CamelContext camel = main.getCamelContext();
        Set<String> direct = new HashSet<>();
        for (Begin begin : sorted()) {
            requireEndpoint(begin, camel);
            if (begin.uri.startsWith("direct:") && !direct.add(begin.uri.replace("//", ""))) {
                throw RouteErrors.of(begin.route, begin.route, "another route begins with " + begin.uri + " as well");
            }
        }
        settings.routeSinks().forEach(sink -> RouteSinkModule.requireRoute(sink, camel));
        DirectRoutes.require(
                ShippedRoutes.offered(name -> true, new Properties()), settings.routeSinks(), files, camel);
        return begins.stream()
                .filter(begin -> !RouteErrors.isShipped(begin.route))
                .map(begin -> begin.route.getRouteId() + " (" + begin.uri.replaceFirst("[?].*", "") + ")")
                .sorted()
                .collect(Collectors.toList());
    }

    /** Those of the program first, so that those of the user are to be mended. */
    private List<Begin> sorted() {
        return begins.stream()
                .sorted(Comparator.comparing(begin -> !RouteErrors.isShipped(begin.route)))
                .toList();
    }

    private static void requireEndpoint(Begin begin, CamelContext camel) {
        String scheme = begin.uri.replaceFirst(":.*", "");
        if (RouteErrors.isShipped(begin.route) || SOURCES.contains(scheme)) {
            return;
        }
        try {
            PlatformHttpRoutes.requireFree(camel.getEndpoint(begin.uri).getEndpointUri());
        } catch (RuntimeException e) {
            throw RouteErrors.of(begin.route, begin.route, RouteErrors.cause(e));
        }
    }
}
