package de.contactsync.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import de.contactsync.config.Settings;
import de.contactsync.crm.CrmCallRoute;
import de.contactsync.crm.CrmClient;
import de.contactsync.crm.CrmSettings;
import de.contactsync.crm.CrmSink;
import de.contactsync.crm.CrmTimeouts;
import de.contactsync.crm.mapping.MappingFile;
import de.contactsync.crm.rest.RestApiFixture;
import de.contactsync.crm.rest.RestCrmServer;
import de.contactsync.http.HttpGuard;
import de.contactsync.http.Network;
import de.contactsync.model.ContactKey;
import de.contactsync.model.CreateAttempts;
import de.contactsync.model.CustomerContact;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryBatch;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.RecordOwners;
import de.contactsync.model.RefreshTokens;
import de.contactsync.model.TenantNames;
import de.contactsync.resilience.Backoff;
import de.contactsync.resilience.BreakerRegistry;
import de.contactsync.resilience.ClientLoop;
import de.contactsync.resilience.Outage;
import de.contactsync.resilience.TestBreakers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.apache.camel.impl.DefaultCamelContext;

/** The CRM's side of the house as properties and a mapping file describe it, with the route it calls through. */
final class RestCrmFixture implements AutoCloseable {

    static final UUID TENANT = UUID.fromString("0d9f4f3e-7c1b-4a58-9e36-52c1a8b7d604");

    private static final String PIPEDRIVE = """
            contacts.crm.token=rest-s3cr3t-t0ken
            contacts.crm.rest.auth=header
            contacts.crm.rest.auth-header=x-api-token: {token}
            contacts.crm.rest.mode=find-then-write
            contacts.crm.rest.find=GET /api/v2/persons/search?term={key}&fields=custom_fields&exact_match=true
            contacts.crm.rest.found=/data/items
            contacts.crm.rest.found-id=/item/id
            contacts.crm.rest.create=POST /api/v2/persons
            contacts.crm.rest.update=PATCH /api/v2/persons/{remoteId}
            contacts.crm.rest.id=/data/id
            contacts.crm.rest.message=/error
            contacts.crm.rest.wait-headers=x-ratelimit-reset:ms
            """;
    static final String DATAVERSE = """
            contacts.crm.token=rest-s3cr3t-t0ken
            contacts.crm.rest.mode=single
            contacts.crm.rest.key={contactId}
            contacts.crm.rest.write=PATCH /api/data/v9.2/contacts(jtl_contactid='{key}')
            contacts.crm.rest.delete=DELETE /api/data/v9.2/contacts(jtl_contactid='{key}')
            contacts.crm.rest.headers=OData-Version: 4.0 | OData-MaxVersion: 4.0
            """;
    static final String DATAVERSE_FIELDS =
            "emailaddress1: {from: emailAddress}\nlastname: {from: lastName}\nfirstname: {from: firstName}\n";
    private static final String PIPEDRIVE_KEY = "/custom_fields/" + RestApiFixture.Pipedrive.FIELD;
    private static final String PIPEDRIVE_FIELDS = """
            name: {template: "{firstName} {lastName}", transform: trim}
            /emails/0/value: {from: emailAddress}
            /emails/0/primary: {constant: true}
            /phones/0/value: {from: phoneNumber}
            /phones/0/label: {constant: work}
            """;

    /** What is added to the clock of the breakers. */
    final AtomicLong later = new AtomicLong();

    final BreakerRegistry breakers = TestBreakers.create(() -> System.nanoTime() + later.get());
    final CrmSink sink;
    /** As nothing is remembered. */
    volatile RecordOwners owners = RecordOwners.NONE;
    /** Of which the CRM must have a record. */
    volatile Delivery delivered;
    /** By the clock of the breakers. */
    final CreateAttempts attempts = new CreateAttempts() {
        private final Map<ContactKey, Long> noted = new ConcurrentHashMap<>();

        @Override
        public boolean isRecent(ContactKey key, Duration within) {
            return noted.containsKey(key) && System.nanoTime() + later.get() - noted.get(key) < within.toNanos();
        }

        @Override
        public void note(ContactKey key, Duration within) {
            noted.put(key, System.nanoTime() + later.get());
        }

        @Override
        public void forget(ContactKey key) {
            noted.remove(key);
        }
    };

    private final DefaultCamelContext camel = new DefaultCamelContext();
    private final HttpGuard guard;
    private final CrmAuthenticator access;
    private final CrmClient calls;

    /** Begins with {@code first-refresh}. */
    final RefreshTokens refresh = new RefreshTokens() {
        private String token = "first-refresh";

        @Override
        public synchronized Turn claim(String unwanted) {
            return new Turn.Spend(token);
        }

        @Override
        public synchronized void release(String rotated, Access access) {
            token = rotated == null ? token : rotated;
        }

        @Override
        public void refused() {
            throw new AssertionError("one of the settings may be taken later");
        }
    };

    /** @param mapping of {@code mapping/rest.yaml}, the fields only */
    RestCrmFixture(Path folder, RestCrmServer crm, String key, String mapping, String properties) throws Exception {
        this(written(folder, key, mapping, properties), crm);
    }

    /** As {@code examples/crm-rest} has it. @param more properties */
    static RestCrmFixture example(Path folder, RestCrmServer crm, String name, String more) throws Exception {
        Path example = Path.of("examples/crm-rest", name);
        Files.createDirectories(folder.resolve("mapping"));
        Files.copy(example.resolve("mapping/rest.yaml"), folder.resolve("mapping/rest.yaml"));
        String properties = Files.readString(example.resolve("application.properties"));
        Files.writeString(
                folder.resolve("application.properties"),
                onlyLast(properties.replaceAll("(?m)^[^#=]+=$", "").replaceAll("(?m)^#.*$", "") + more));
        return new RestCrmFixture(folder, crm);
    }

    private RestCrmFixture(Path folder, RestCrmServer crm) throws Exception {
        CrmSettings settings = settings(folder, crm.baseUrl());
        access = new CrmAuthenticator(settings.kind(), CrmTimeouts.DEFAULT, Network.DIRECT, breakers, first -> refresh);
        guard = new HttpGuard(settings.baseUrl(), Set.of(), 8 << 20, Duration.ofSeconds(10), Network.DIRECT);
        camel.getRegistry().bind("crmGuard", guard);
        camel.addRoutes(new CrmCallRoute(settings, access));
        camel.start();
        calls = new CrmClient(
                "the CRM",
                breakers.forSink("the CRM"),
                access::renew,
                new ClientLoop.Retries(
                        new Backoff(Duration.ofMillis(5), Duration.ofMillis(20)), Duration.ofDays(1), new Random(1)));
        calls.connect(camel);
        sink = CrmSink.of(
                settings,
                calls,
                MappingFile.read(folder, "rest", TenantNames.only(null)),
                target -> null,
                attempts,
                new RecordOwners() {
                    @Override
                    public ContactKey living(ContactKey contact, Collection<String> ids) {
                        return owners.living(contact, ids);
                    }

                    @Override
                    public Delivery anyDelivered() {
                        return delivered;
                    }
                },
                hashes -> {},
                CrmTimeouts.DEFAULT.patience());
    }

    static RestCrmFixture dataverse(Path folder, RestCrmServer crm, String more) throws Exception {
        return new RestCrmFixture(folder, crm, "jtl_contactid", DATAVERSE_FIELDS, DATAVERSE + more);
    }

    static RestCrmFixture jsonRpc(Path folder, RestCrmServer crm, String more) throws Exception {
        return new RestCrmFixture(
                folder, crm, "ref", "name: {from: lastName}\nemail: {from: emailAddress}\n", """
                contacts.crm.rest.auth=basic
                contacts.crm.rest.username=user
                contacts.crm.rest.password=rest-s3cr3t-t0ken
                contacts.crm.rest.mode=single
                contacts.crm.rest.write=POST /jsonrpc {"jsonrpc": "2.0", "params": {"key": "{key}", "vals": "{record}"}}
                contacts.crm.rest.success=!/error
                contacts.crm.rest.id=/result/id
                contacts.crm.rest.code=/error/code
                contacts.crm.rest.message=/error/message
                contacts.crm.rest.halt=100
                """ + more);
    }

    static JsonNode record(String key) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("name", "someone")
                .set("custom_fields", JsonNodeFactory.instance.objectNode().put(RestApiFixture.Pipedrive.FIELD, key));
    }

    /** Records, by their ids, as those of living contacts. */
    static RecordOwners ownedBy(Map<String, Delivery> living) {
        return (contact, ids) -> ids.stream()
                .filter(living::containsKey)
                .map(id -> living.get(id).key())
                .findFirst()
                .orElse(null);
    }

    /** @param more properties */
    static RestCrmFixture pipedrive(Path folder, RestCrmServer crm, String more) throws Exception {
        return new RestCrmFixture(folder, crm, "'" + PIPEDRIVE_KEY + "'", PIPEDRIVE_FIELDS, PIPEDRIVE + more);
    }

    private static Path written(Path folder, String key, String mapping, String properties) throws IOException {
        Files.createDirectories(folder.resolve("mapping"));
        Files.writeString(
                folder.resolve("mapping/rest.yaml"),
                "key: " + key + "\ndefault-country: DE\ngone: {gone: 'yes'}\n" + "fields:\n" + mapping.indent(2));
        Files.writeString(folder.resolve("application.properties"), onlyLast(properties));
        return folder;
    }

    /** What a test adds takes the place of what it is added to: a file must not have a setting twice. */
    private static String onlyLast(String properties) {
        Map<String, String> lines = new LinkedHashMap<>();
        properties.lines().filter(line -> !line.isBlank()).forEach(line -> lines.put(line.split("=", 2)[0], line));
        return String.join("\n", lines.values()) + "\n";
    }

    static CrmSettings settings(Path folder, String baseUrl) {
        Properties system = new Properties();
        system.setProperty("jtl.oauth.client-id", "id");
        system.setProperty("jtl.oauth.client-secret", "secret");
        system.setProperty("contacts.sinks", "database,crm");
        system.setProperty("contacts.crm.kind", "rest");
        system.setProperty("contacts.crm.base-url", baseUrl);
        return Settings.load(folder, Map.of(), system).crm().orElseThrow();
    }

    static Delivery delivery(int number, String email, String lastName) {
        return delivery(number, email, lastName, null);
    }

    static Delivery delivery(int number, String email, String lastName, String remoteId) {
        ContactKey key = new ContactKey(TENANT, new UUID(0xC0, number), new UUID(0xCC, number));
        CustomerContact contact = new CustomerContact(null, null, "", lastName, null, null, email, null);
        return new Delivery(key, contact, contact.contentHash(), remoteId, false);
    }

    /** One that JTL has no longer. */
    static Delivery gone(int number, String remoteId) {
        Delivery delivery = delivery(number, "c@example.org", "Name");
        return new Delivery(delivery.key(), delivery.contact(), null, remoteId, false);
    }

    static List<Delivery> deliveries(int from, int to) {
        return IntStream.rangeClosed(from, to)
                .mapToObj(number -> delivery(number, "c" + number + "@example.org", "Name " + number))
                .toList();
    }

    static String id(int number) {
        return new UUID(0xCC, number).toString();
    }

    static DeliveryResult.Refused refusal(DeliveryResult result) {
        assertThat(result).isInstanceOf(DeliveryResult.Refused.class);
        return (DeliveryResult.Refused) result;
    }

    static List<DeliveryResult> accepted(List<DeliveryResult> receipts) {
        return receipts.stream()
                .filter(DeliveryResult.Accepted.class::isInstance)
                .toList();
    }

    static Outage outage(RestCrmFixture station) {
        assertThat(station.breakers.outages()).hasSize(1);
        return station.breakers.outages().get(0);
    }

    List<DeliveryResult> send(Delivery... deliveries) {
        return send(List.of(deliveries));
    }

    List<DeliveryResult> send(List<Delivery> deliveries) {
        return sink
                .send(new DeliveryBatch(
                        deliveries, System.nanoTime() + Duration.ofMinutes(1).toNanos()))
                .receipts()
                .stream()
                // Whether it was tried concerns the outbox alone.
                .map(result -> result instanceof DeliveryResult.Unsent ? new DeliveryResult.Unsent() : result)
                .toList();
    }

    @Override
    public void close() throws Exception {
        calls.close();
        camel.close();
        guard.close();
        access.close();
    }
}
