package de.contactsync.simulator;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What a simulated HubSpot is started with.
 *
 * @param port       0 for a free one
 * @param token      that calls must bear
 * @param properties text properties of contacts beside HubSpot's own; true: with unique values
 * @param companyProperties those of companies
 * @param latency    before each answer
 * @param calls      allowed in {@code interval}, in a fixed window; 0: no limit, and no headers that tell one
 */
public record HubSpotOptions(
        int port, String token, Map<String, Boolean> properties, Map<String, Boolean> companyProperties,
        Duration latency, int calls, Duration interval) {

    public static final String TOKEN = "demo-token";

    /** HubSpot's own, as far as they matter here. */
    static final List<String> BUILT_IN = List.of("email", "firstname", "lastname", "salutation", "phone", "mobilephone",
            "fax", "jobtitle", "company", "hs_object_id");
    static final List<String> BUILT_IN_OF_COMPANIES = List.of("name", "domain", "phone", "hs_object_id");

    public HubSpotOptions {
        properties = Map.copyOf(properties);
        companyProperties = Map.copyOf(companyProperties);
    }

    public static HubSpotOptions standard() {
        return new HubSpotOptions(0, TOKEN,
                Map.of("jtl_contact_id", true, "jtl_customer_id", false, "jtl_department", false, "jtl_gone", false),
                Map.of("jtl_customer_id", true),
                Duration.ZERO, 0, Duration.ofSeconds(10));
    }

    public HubSpotOptions onPort(int given) {
        return new HubSpotOptions(given, token, properties, companyProperties, latency, calls, interval);
    }

    public HubSpotOptions withProperties(Map<String, Boolean> given) {
        return new HubSpotOptions(port, token, given, companyProperties, latency, calls, interval);
    }

    public HubSpotOptions withCompanyProperties(Map<String, Boolean> given) {
        return new HubSpotOptions(port, token, properties, given, latency, calls, interval);
    }

    public HubSpotOptions withLatency(Duration given) {
        return new HubSpotOptions(port, token, properties, companyProperties, given, calls, interval);
    }

    public HubSpotOptions withQuota(int given, Duration each) {
        return new HubSpotOptions(port, token, properties, companyProperties, latency, given, each);
    }
}
