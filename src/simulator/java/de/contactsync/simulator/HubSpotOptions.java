package de.contactsync.simulator;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a simulated HubSpot is started with. The form of properties is that of
 * <a href="https://developers.hubspot.com/docs/api-reference/crm-properties-v3/guide">HubSpot's properties guide</a>.
 *
 * @param port       0 for a free one
 * @param token      that calls must bear
 * @param properties text properties of contacts beside HubSpot's own; true: with unique values
 * @param companyProperties those of companies
 * @param detailed   contact properties that are not plain text, by name; also in place of HubSpot's own
 * @param searchLag  after which a written record can be found by the search
 * @param latency    before each answer
 * @param calls      allowed in {@code interval}, in a fixed window; 0: no limit, and no headers that tell one
 */
public record HubSpotOptions(
        int port,
        String token,
        Map<String, Boolean> properties,
        Map<String, Boolean> companyProperties,
        Map<String, Property> detailed,
        Duration searchLag,
        Duration latency,
        int calls,
        Duration interval) {

    /** The account's own number. */
    public long portalId() {
        return 62_515;
    }

    /** As long as a text can be in HubSpot. */
    static final int LONGEST_TEXT = 65_536;

    /**
     * @param type      such as {@code string}, {@code enumeration}, {@code number}
     * @param options   internal names that an enumeration takes
     * @param readOnly  whether HubSpot fills it itself
     * @param maxLength characters that a rule of the account allows
     */
    public record Property(String type, String fieldType, List<String> options, boolean readOnly, int maxLength) {

        public static final Property TEXT = new Property("string", "text", List.of(), false, LONGEST_TEXT);

        public Property {
            options = List.copyOf(options);
        }

        public static Property select(String... options) {
            return new Property("enumeration", "select", List.of(options), false, LONGEST_TEXT);
        }

        public static Property number() {
            return new Property("number", "number", List.of(), false, LONGEST_TEXT);
        }

        public static Property filledByHubSpot() {
            return new Property("string", "text", List.of(), true, LONGEST_TEXT);
        }

        /** A time that HubSpot fills. */
        static Property stamp() {
            return new Property("datetime", "date", List.of(), true, LONGEST_TEXT);
        }

        /**
         * @param text such as {@code text}, {@code text:40} for at most 40 characters, {@code number},
         *             {@code select:A,B} or {@code read-only}
         * @throws IllegalArgumentException when it is none of these
         */
        public static Property parse(String text) {
            String[] parts = text.split(":", 2);
            String more = parts.length == 2 ? parts[1] : "";
            if (parts[0].equals("select") && !more.isBlank()) {
                return select(more.split("\\s*,\\s*"));
            }
            if (parts[0].equals("text") && more.matches("[1-9]\\d{0,4}")) {
                return text(Integer.parseInt(more));
            }
            return switch (text) {
                case "text" -> TEXT;
                case "number" -> number();
                case "read-only" -> filledByHubSpot();
                default ->
                    throw new IllegalArgumentException(
                            "\"" + text + "\": expected text, text:40, number, select:A,B or read-only");
            };
        }

        public static Property text(int maxLength) {
            return new Property("string", "text", List.of(), false, maxLength);
        }
    }

    public static final String TOKEN = "demo-token";
    public static final String CLIENT_ID = "demo-app";
    public static final String CLIENT_SECRET = "demo-app-secret";
    public static final String REFRESH_TOKEN = "demo-refresh-token";

    /**
     * HubSpot's own, as far as they matter here. The stages are the eight of <a
     * href="https://developers.hubspot.com/changelog/upcoming-customized-lifecycle-stages-for-contacts-and-companies">each
     * account</a>, by their internal names.
     */
    static final Map<String, Property> OWN = Map.ofEntries(
            Map.entry("email", Property.TEXT),
            Map.entry("firstname", Property.TEXT),
            Map.entry("lastname", Property.TEXT),
            Map.entry("salutation", Property.TEXT),
            Map.entry("phone", Property.TEXT),
            Map.entry("mobilephone", Property.TEXT),
            Map.entry("fax", Property.TEXT),
            Map.entry("jobtitle", Property.TEXT),
            Map.entry("company", Property.TEXT),
            Map.entry("website", Property.TEXT),
            Map.entry("address", Property.TEXT),
            Map.entry("zip", Property.TEXT),
            Map.entry("city", Property.TEXT),
            Map.entry("country", Property.TEXT),
            Map.entry(
                    "lifecyclestage",
                    new Property(
                            "enumeration",
                            "radio",
                            List.of(
                                    "subscriber",
                                    "lead",
                                    "marketingqualifiedlead",
                                    "salesqualifiedlead",
                                    "opportunity",
                                    "customer",
                                    "evangelist",
                                    "other"),
                            false,
                            LONGEST_TEXT)),
            Map.entry(
                    "hs_lead_status",
                    new Property(
                            "enumeration",
                            "radio",
                            List.of(
                                    "NEW",
                                    "OPEN",
                                    "IN_PROGRESS",
                                    "OPEN_DEAL",
                                    "UNQUALIFIED",
                                    "ATTEMPTED_TO_CONTACT",
                                    "CONNECTED",
                                    "BAD_TIMING"),
                            false,
                            LONGEST_TEXT)),
            Map.entry("createdate", Property.stamp()),
            Map.entry("lastmodifieddate", Property.stamp()),
            Map.entry("hs_email_domain", Property.filledByHubSpot()),
            Map.entry("hs_object_id", Property.filledByHubSpot()),
            Map.entry("hs_additional_emails", Property.filledByHubSpot()),
            Map.entry("hs_merged_object_ids", Property.filledByHubSpot()));

    static final Map<String, Property> OWN_OF_COMPANIES = Map.of(
            "name",
            Property.TEXT,
            "domain",
            Property.TEXT,
            "phone",
            Property.TEXT,
            "createdate",
            Property.stamp(),
            "hs_lastmodifieddate",
            Property.stamp(),
            "hs_object_id",
            Property.filledByHubSpot());

    public HubSpotOptions {
        properties = Map.copyOf(properties);
        companyProperties = Map.copyOf(companyProperties);
        detailed = Map.copyOf(detailed);
    }

    public static HubSpotOptions standard() {
        return new HubSpotOptions(
                0,
                TOKEN,
                Map.of("jtl_contact_id", true, "jtl_customer_id", false, "jtl_department", false, "jtl_gone", false),
                Map.of("jtl_customer_id", true),
                Map.of(),
                Duration.ZERO,
                Duration.ZERO,
                0,
                Duration.ofSeconds(10));
    }

    public HubSpotOptions onPort(int given) {
        return new HubSpotOptions(
                given, token, properties, companyProperties, detailed, searchLag, latency, calls, interval);
    }

    public HubSpotOptions withProperties(Map<String, Boolean> given) {
        return new HubSpotOptions(port, token, given, companyProperties, detailed, searchLag, latency, calls, interval);
    }

    public HubSpotOptions withCompanyProperties(Map<String, Boolean> given) {
        return new HubSpotOptions(port, token, properties, given, detailed, searchLag, latency, calls, interval);
    }

    /** A contact property, new or in place of the one of this name. */
    public HubSpotOptions withProperty(String name, Property given) {
        Map<String, Property> all = new HashMap<>(detailed);
        all.put(name, given);
        return new HubSpotOptions(port, token, properties, companyProperties, all, searchLag, latency, calls, interval);
    }

    public HubSpotOptions withSearchLag(Duration given) {
        return new HubSpotOptions(
                port, token, properties, companyProperties, detailed, given, latency, calls, interval);
    }

    public HubSpotOptions withLatency(Duration given) {
        return new HubSpotOptions(
                port, token, properties, companyProperties, detailed, searchLag, given, calls, interval);
    }

    public HubSpotOptions withQuota(int given, Duration each) {
        return new HubSpotOptions(
                port, token, properties, companyProperties, detailed, searchLag, latency, given, each);
    }
}
