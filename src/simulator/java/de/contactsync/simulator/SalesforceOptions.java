package de.contactsync.simulator;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a simulated Salesforce is started with. Lengths of fields are those of
 * <a href="https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_contact.htm">Contact
 * in the object reference</a>.
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
     * @param length   most characters
     * @param options  values of a restricted picklist; empty for other fields
     */
    public record Field(
            String type, boolean external, boolean unique, boolean editable, int length, List<String> options) {

        public static final Field TEXT = new Field("string", false, false, true);
        public static final Field KEY = new Field("string", true, true, true);

        public Field {
            options = List.copyOf(options);
        }

        public Field(String type, boolean external, boolean unique, boolean editable) {
            this(type, external, unique, editable, 255, List.of());
        }

        public static Field text(int length) {
            return new Field("string", false, false, true, length, List.of());
        }

        /**
         * @param text such as {@code text}, {@code text:40} for at most 40 characters, {@code number},
         *             {@code select:A,B} or {@code read-only}
         * @throws IllegalArgumentException when it is none of these
         */
        public static Field parse(String text) {
            HubSpotOptions.Property property = HubSpotOptions.Property.parse(text);
            return new Field(
                    property.options().isEmpty() ? property.type().replace("number", "double") : "picklist",
                    false,
                    false,
                    !property.readOnly(),
                    Math.min(property.maxLength(), 255),
                    property.options());
        }

        public static Field picklist(String... options) {
            return new Field("picklist", false, false, true, 255, List.of(options));
        }
    }

    /** Salesforce's own, as far as they matter here, as long as the object reference has them. */
    static final Map<String, Field> BUILT_IN = Map.of(
            "Salutation",
            Field.TEXT,
            "FirstName",
            Field.text(40),
            "LastName",
            Field.text(80),
            "Department",
            Field.text(80),
            "Email",
            Field.text(80),
            "Phone",
            Field.text(40),
            "MobilePhone",
            Field.text(40),
            "Fax",
            Field.text(40),
            "Title",
            Field.text(128));

    public SalesforceOptions {
        fields = Map.copyOf(fields);
    }

    public static SalesforceOptions standard() {
        return new SalesforceOptions(
                0,
                Map.of("Jtl_Contact_Id__c", Field.KEY, "Jtl_Customer_Id__c", Field.TEXT, "Jtl_Gone__c", Field.TEXT),
                Duration.ofHours(2),
                100_000,
                null);
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
