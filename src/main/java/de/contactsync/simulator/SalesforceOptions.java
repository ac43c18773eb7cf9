package de.contactsync.simulator;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a simulated Salesforce is started with.
 *
 * @param port          0 for a free one
 * @param fields        fields of Contact beside Salesforce's own
 * @param tokenLifetime after which a token is refused; the token's answer does not tell it
 * @param dailyCalls    calls of the API that are answered, as in 24 hours
 * @param instance      what the token's answer names as {@code instance_url}; null: where the simulator is
 */
public record SalesforceOptions(
        int port, Map<String, Field> fields, Duration tokenLifetime, int dailyCalls, String instance) {

    public static final String CLIENT_ID = "crm-client";
    public static final String CLIENT_SECRET = "crm-secret+/=";

    /**
     * Of Contact.
     *
     * @param type     such as {@code string} or {@code boolean}
     * @param external whether records can be found by it
     * @param unique   whether two records cannot have the same
     * @param editable whether the API user may write it
     */
    public record Field(String type, boolean external, boolean unique, boolean editable) {

        public static final Field TEXT = new Field("string", false, false, true);
        public static final Field KEY = new Field("string", true, true, true);
    }

    /** Salesforce's own, as far as they matter here. */
    static final List<String> BUILT_IN = List.of(
            "Salutation", "FirstName", "LastName", "Department", "Email", "Phone", "MobilePhone", "Fax", "Title");

    public SalesforceOptions {
        fields = Map.copyOf(fields);
    }

    public static SalesforceOptions standard() {
        return new SalesforceOptions(0,
                Map.of("Jtl_Contact_Id__c", Field.KEY, "Jtl_Customer_Id__c", Field.TEXT, "Jtl_Gone__c", Field.TEXT),
                Duration.ofHours(2), 100_000, null);
    }

    public SalesforceOptions onPort(int given) {
        return new SalesforceOptions(given, fields, tokenLifetime, dailyCalls, instance);
    }

    /** @param field null: there is none of the name */
    public SalesforceOptions withField(String name, Field field) {
        Map<String, Field> given = new LinkedHashMap<>(fields);
        given.remove(name);
        if (field != null) {
            given.put(name, field);
        }
        return new SalesforceOptions(port, given, tokenLifetime, dailyCalls, instance);
    }

    public SalesforceOptions withTokenLifetime(Duration given) {
        return new SalesforceOptions(port, fields, given, dailyCalls, instance);
    }

    public SalesforceOptions withDailyCalls(int given) {
        return new SalesforceOptions(port, fields, tokenLifetime, given, instance);
    }

    public SalesforceOptions withInstance(String given) {
        return new SalesforceOptions(port, fields, tokenLifetime, dailyCalls, given);
    }
}
