package de.contactsync.crm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import de.contactsync.config.Settings;
import de.contactsync.crm.mapping.Mapping;
import de.contactsync.crm.rest.RestApiFixture;
import de.contactsync.crm.rest.RestCrmServer;
import de.contactsync.http.Network;
import de.contactsync.model.CustomerContact;
import de.contactsync.model.Delivery;
import de.contactsync.oauth.OAuthClientCredentialsProcessor;
import de.contactsync.oauth.OAuthSettings;
import de.contactsync.oauth.TokenSource;
import de.contactsync.resilience.TestBreakers;
import de.contactsync.simulator.HubSpotOptions;
import de.contactsync.simulator.HubSpotSimulator;
import de.contactsync.simulator.SalesforceOptions;
import de.contactsync.simulator.SalesforceSimulator;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.Processor;

/** A CRM of each kind, set up as users do it; fields go by the names that JTL has for them, and {@code key}. */
public final class CrmDouble implements AutoCloseable {

    /** Names of {@code key, lastName, firstName, department, phoneNumber, emailAddress}. */
    public enum Kind {
        HUBSPOT("jtl_contact_id", "lastname", "firstname", "jobtitle", "phone", "email"),
        SALESFORCE("Jtl_Contact_Id__c", "LastName", "FirstName", "Department", "Phone", "Email"),
        REST("jtlContactId", "lastName", "firstName", "department", "phone", "email");

        private final Map<String, String> names = new LinkedHashMap<>();

        Kind(String... names) {
            List<String> ours = List.of("key", "lastName", "firstName", "department", "phoneNumber", "emailAddress");
            for (int i = 0; i < names.length; i++) {
                this.names.put(ours.get(i), names[i]);
            }
        }
    }

    private static final ObjectMapper JSON = new ObjectMapper();

    public final Kind kind;
    private final HubSpotSimulator hubSpot;
    private final SalesforceSimulator salesforce;
    public final RestApiFixture.Plain api = new RestApiFixture.Plain();
    private final RestCrmServer rest;
    private final Path folder;
    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    /** @param folder for its review file */
    public CrmDouble(Kind kind, Path folder) throws IOException {
        this.kind = kind;
        this.folder = folder;
        this.hubSpot = kind == Kind.HUBSPOT ? HubSpotSimulator.start(HubSpotOptions.standard()) : null;
        this.salesforce = kind == Kind.SALESFORCE ? SalesforceSimulator.start(SalesforceOptions.standard()) : null;
        this.rest = kind == Kind.REST ? new RestCrmServer(api) : null;
        Stream.of(hubSpot, salesforce, rest)
                .filter(each -> each != null)
                .map(AutoCloseable.class::cast)
                .forEach(open::push);
    }

    /** What it is called in the CRM. */
    public String name(String field) {
        return kind.names.get(field);
    }

    public Path review() {
        return folder.resolve("review.csv");
    }

    /**
     * @param settings such as {@code contacts.crm.match=email}
     * @param fields   of the mapping, by our names: how they are filled
     */
    public CrmFixture station(Map<String, String> settings, Map<String, String> fields) throws Exception {
        return station(settings, fields, "");
    }

    /** @param rest of the mapping file */
    public CrmFixture station(Map<String, String> settings, Map<String, String> fields, String rest) throws Exception {
        Properties all = new Properties();
        all.putAll(Map.of(
                "jtl.oauth.client-id",
                "id",
                "jtl.oauth.client-secret",
                "secret",
                "contacts.sinks",
                "database,crm",
                "contacts.crm.kind",
                kind.name().toLowerCase(java.util.Locale.ROOT),
                "contacts.crm.base-url",
                baseUrl(),
                "contacts.crm.review-file",
                review().toString()));
        switch (kind) {
            case HUBSPOT -> all.put("contacts.crm.token", hubSpot.token());
            case SALESFORCE -> {
                all.put("contacts.crm.oauth.token-endpoint", salesforce.tokenEndpoint());
                all.put("contacts.crm.oauth.client-id", SalesforceOptions.CLIENT_ID);
                all.put("contacts.crm.oauth.client-secret", SalesforceOptions.CLIENT_SECRET);
            }
            case REST ->
                all.putAll(Map.of(
                        "contacts.crm.token", RestCrmServer.TOKEN,
                        "contacts.crm.rest.mode", "find-then-write",
                        "contacts.crm.rest.find", "GET /contacts?jtlContactId={key}",
                        "contacts.crm.rest.found", "/items",
                        "contacts.crm.rest.found-key", "/jtlContactId",
                        "contacts.crm.rest.read", "GET /contacts/{remoteId}",
                        "contacts.crm.rest.create", "POST /contacts",
                        "contacts.crm.rest.update", "PATCH /contacts/{remoteId}"));
        }
        if (kind == Kind.REST && settings.getOrDefault("contacts.crm.match", "").equals("email")) {
            all.put("contacts.crm.rest.find-by-email", "GET /contacts?email={emailAddress}");
        }
        all.putAll(settings);
        CrmSettings crm = Settings.load(folder, Map.of(), all).crm().orElseThrow();
        String mapping = "key: " + name("key") + "\ndefault-country: DE\n" + rest + "fields:\n"
                + fields.entrySet().stream()
                        .map(field -> "  " + name(field.getKey()) + ": " + field.getValue() + "\n")
                        .collect(Collectors.joining());
        CrmFixture station = new CrmFixture(crm, authorization(), mapping);
        open.push(station);
        return station;
    }

    private Processor authorization() {
        if (kind != Kind.SALESFORCE) {
            String token = kind == Kind.HUBSPOT ? hubSpot.token() : RestCrmServer.TOKEN;
            return exchange -> exchange.getMessage().setHeader("Authorization", "Bearer " + token);
        }
        TokenSource tokens = new TokenSource(
                new OAuthSettings(
                        "contacts.crm.oauth",
                        URI.create(salesforce.tokenEndpoint()),
                        SalesforceOptions.CLIENT_ID,
                        SalesforceOptions.CLIENT_SECRET,
                        ""),
                Network.DIRECT,
                TestBreakers.create()::forSink,
                new Random(1));
        open.push(tokens);
        return new OAuthClientCredentialsProcessor(tokens);
    }

    private String baseUrl() {
        return switch (kind) {
            case HUBSPOT -> hubSpot.baseUrl();
            case SALESFORCE -> salesforce.baseUrl();
            case REST -> rest.baseUrl();
        };
    }

    public long calls() {
        return switch (kind) {
            case HUBSPOT -> hubSpot.stats().calls();
            case SALESFORCE -> salesforce.stats().calls();
            case REST -> rest.calls().size();
        };
    }

    /** As people make a record, which shows at a CRM of one's own that it has no key. @return its id */
    public String create(Map<String, String> fields) {
        Map<String, String> named = named(fields);
        return switch (kind) {
            case HUBSPOT -> hubSpot.create(named);
            case SALESFORCE -> salesforce.create(named);
            case REST -> {
                named.putIfAbsent(name("key"), null);
                yield api.put(null, JSON.valueToTree(named));
            }
        };
    }

    /** As people change a record. */
    public void edit(String id, Map<String, String> fields) {
        Map<String, String> named = named(fields);
        switch (kind) {
            case HUBSPOT -> hubSpot.edit(id, named);
            case SALESFORCE -> salesforce.edit(id, named);
            case REST ->
                api.put(id, ((ObjectNode) rest.records().get(id).deepCopy()).setAll((ObjectNode)
                                JSON.valueToTree(named)));
        }
    }

    private Map<String, String> named(Map<String, String> fields) {
        Map<String, String> named = new LinkedHashMap<>();
        fields.forEach((field, value) -> named.put(name(field), value));
        return named;
    }

    /** The records, by their ids. */
    public Map<String, Map<String, String>> records() {
        Map<String, Map<String, String>> there =
                switch (kind) {
                    case HUBSPOT -> hubSpot.records();
                    case SALESFORCE -> salesforce.records();
                    case REST -> texts(rest.records());
                };
        Map<String, Map<String, String>> records = new LinkedHashMap<>();
        there.forEach((id, record) -> {
            Map<String, String> ours = new LinkedHashMap<>();
            kind.names.forEach((field, name) -> {
                if (record.get(name) != null && !record.get(name).isEmpty()) {
                    ours.put(field, record.get(name));
                }
            });
            records.put(id, ours);
        });
        return records;
    }

    private static Map<String, Map<String, String>> texts(Map<String, JsonNode> records) {
        Map<String, Map<String, String>> texts = new LinkedHashMap<>();
        records.forEach((id, record) -> {
            Map<String, String> fields = new LinkedHashMap<>();
            record.properties()
                    .forEach(
                            field -> fields.put(field.getKey(), field.getValue().asText("")));
            texts.put(id, fields);
        });
        return texts;
    }

    /** As its record has it. */
    public static String key(Delivery delivery) {
        return Mapping.id(delivery);
    }

    public static Delivery contact(int number, String first, String last, String email) {
        CustomerContact contact = new CustomerContact(null, null, first, last, null, null, email, null);
        return new Delivery(CrmFixture.delivery(number, null, last).key(), contact, contact.contentHash(), null, false);
    }

    @Override
    public void close() throws Exception {
        while (!open.isEmpty()) {
            open.pop().close();
        }
    }
}
