package de.contactsync.crm;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.crm.CrmSettings.Company;
import de.contactsync.crm.hubspot.HubSpotSettings;
import de.contactsync.crm.hubspot.HubSpotSettings.EmailConflict;
import de.contactsync.crm.mapping.Mapping;
import de.contactsync.crm.mapping.MappingFile;
import de.contactsync.http.HttpGuard;
import de.contactsync.http.Network;
import de.contactsync.model.ContactKey;
import de.contactsync.model.CreateAttempts;
import de.contactsync.model.CustomerContact;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryBatch;
import de.contactsync.model.DeliveryReport;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.DeliveryTarget;
import de.contactsync.model.RecordOwners;
import de.contactsync.model.TenantNames;
import de.contactsync.resilience.Backoff;
import de.contactsync.resilience.BreakerRegistry;
import de.contactsync.resilience.ClientLoop;
import de.contactsync.resilience.TestBreakers;
import de.contactsync.simulator.HubSpotSimulator;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.camel.Processor;
import org.apache.camel.impl.DefaultCamelContext;

/** The CRM's side of the house, with the route it calls through, against a CRM of one's choice. */
public final class CrmFixture implements AutoCloseable {

    private static final UUID TENANT = UUID.fromString("0d9f4f3e-7c1b-4a58-9e36-52c1a8b7d604");

    /** By how much the breakers' clock is ahead, in ns. */
    public final AtomicLong ahead = new AtomicLong();

    public final BreakerRegistry breakers = TestBreakers.create(() -> System.nanoTime() + ahead.get());
    /** As nothing is remembered. */
    public volatile RecordOwners owners = RecordOwners.NONE;

    /** What is known of single fields before they are written, as the outbox keeps it. */
    public final Map<Delivery, String> attempts = new ConcurrentHashMap<>();

    public final CrmSink sink;
    public final Mapping mapping;
    private final DefaultCamelContext camel = new DefaultCamelContext();
    private final HttpGuard guard;
    final CrmClient calls;

    public CrmFixture(HubSpotSimulator hubSpot) throws Exception {
        this(hubSpot, settings(hubSpot, EmailConflict.DEAD_LETTER, false));
    }

    public CrmFixture(HubSpotSimulator hubSpot, CrmSettings settings) throws Exception {
        this(settings, exchange -> exchange.getMessage().setHeader("Authorization", "Bearer " + hubSpot.token()));
    }

    /** @param longestWait between the tries of a call, whatever HubSpot asks for */
    public CrmFixture(HubSpotSimulator hubSpot, Duration longestWait) throws Exception {
        this(
                settings(hubSpot, EmailConflict.DEAD_LETTER, false),
                exchange -> exchange.getMessage().setHeader("Authorization", "Bearer " + hubSpot.token()),
                target -> null,
                MappingFile.read(Path.of("/nowhere"), "hubspot", TenantNames.only(null)),
                longestWait);
    }

    /** @param refusal as of {@link CrmSink#of} */
    public CrmFixture(HubSpotSimulator hubSpot, Function<DeliveryTarget, String> refusal) throws Exception {
        this(
                settings(hubSpot, EmailConflict.DEAD_LETTER, true),
                exchange -> exchange.getMessage().setHeader("Authorization", "Bearer " + hubSpot.token()),
                refusal);
    }

    public CrmFixture(CrmSettings settings, Processor authorization) throws Exception {
        this(settings, authorization, target -> null);
    }

    private CrmFixture(CrmSettings settings, Processor authorization, Function<DeliveryTarget, String> refusal)
            throws Exception {
        this(
                settings,
                authorization,
                refusal,
                MappingFile.read(Path.of("/nowhere"), settings.kind().id(), TenantNames.only(null)));
    }

    /** @param fields of a mapping file for HubSpot, in one line each */
    public CrmFixture(HubSpotSimulator hubSpot, CrmSettings settings, String... fields) throws Exception {
        this(
                settings,
                exchange -> exchange.getMessage().setHeader("Authorization", "Bearer " + hubSpot.token()),
                "key: jtl_contact_id\ndefault-country: DE\nfields:\n  " + String.join("\n  ", fields));
    }

    /** @param mapping text of a mapping file */
    public CrmFixture(CrmSettings settings, Processor authorization, String mapping) throws Exception {
        this(
                settings,
                authorization,
                target -> null,
                MappingFile.parse("mapping/" + settings.kind().id() + ".yaml", mapping));
    }

    private CrmFixture(
            CrmSettings settings, Processor authorization, Function<DeliveryTarget, String> refusal, Mapping mapping)
            throws Exception {
        this(settings, authorization, refusal, mapping, Duration.ofDays(1));
    }

    private CrmFixture(
            CrmSettings settings,
            Processor authorization,
            Function<DeliveryTarget, String> refusal,
            Mapping mapping,
            Duration longestWait)
            throws Exception {
        this.mapping = mapping;
        guard = new HttpGuard(settings.baseUrl(), Set.of(), 8 << 20, Duration.ofSeconds(10), Network.DIRECT);
        camel.getRegistry().bind("crmGuard", guard);
        camel.addRoutes(new CrmCallRoute(settings, authorization));
        camel.start();
        calls = new CrmClient(
                "the CRM",
                breakers.forSink("the CRM"),
                () -> false,
                new ClientLoop.Retries(
                        new Backoff(Duration.ofMillis(5), Duration.ofMillis(20)), longestWait, new Random(1)));
        calls.connect(camel);
        sink = CrmSink.of(
                settings,
                calls,
                mapping,
                refusal,
                CreateAttempts.NONE,
                (gone, ids) -> owners.living(gone, ids),
                attempts::putAll,
                CrmTimeouts.DEFAULT.patience());
    }

    public static CrmSettings settings(HubSpotSimulator hubSpot, EmailConflict conflict, boolean create) {
        return new CrmSettings(
                new HubSpotSettings("v3", hubSpot.token(), create, conflict, Company.NONE),
                URI.create(hubSpot.baseUrl()),
                CrmSettings.Gone.KEEP,
                0.05,
                false);
    }

    public static CrmSettings linking(HubSpotSimulator hubSpot, boolean create) {
        return new CrmSettings(
                new HubSpotSettings("v3", hubSpot.token(), create, EmailConflict.DEAD_LETTER, Company.LINK),
                URI.create(hubSpot.baseUrl()),
                CrmSettings.Gone.KEEP,
                0.05,
                false);
    }

    public static Delivery delivery(int number, String email, String lastName) {
        ContactKey key = new ContactKey(TENANT, new UUID(0xC0, number), new UUID(0xCC, number));
        CustomerContact contact = new CustomerContact(null, "Frau", null, lastName, "030 901820", null, email, null);
        return new Delivery(key, contact, contact.contentHash(), null, false);
    }

    /** @return numbers {@code from} to {@code to}, good ones */
    public static List<Delivery> deliveries(int from, int to) {
        return IntStream.rangeClosed(from, to)
                .mapToObj(number -> delivery(number, "c" + number + "@example.org", "Name " + number))
                .toList();
    }

    public List<DeliveryResult> send(List<Delivery> deliveries) {
        return report(deliveries).receipts().stream()
                // Whether it was tried concerns the outbox alone.
                .map(result -> result instanceof DeliveryResult.Unsent ? new DeliveryResult.Unsent() : result)
                .toList();
    }

    public DeliveryReport report(List<Delivery> deliveries) {
        return sink.send(new DeliveryBatch(
                deliveries, System.nanoTime() + Duration.ofMinutes(1).toNanos()));
    }

    @Override
    public void close() throws Exception {
        calls.close();
        camel.close();
        guard.close();
    }

    public static DeliveryResult.Refused refusal(DeliveryResult result) {
        assertThat(result).isInstanceOf(DeliveryResult.Refused.class);
        return (DeliveryResult.Refused) result;
    }

    public static List<DeliveryResult> accepted(List<DeliveryResult> receipts) {
        return receipts.stream()
                .filter(DeliveryResult.Accepted.class::isInstance)
                .toList();
    }
}
