package de.contactsync.cli;

import de.contactsync.simulator.HubSpotOptions;
import de.contactsync.simulator.HubSpotSimulator;
import de.contactsync.simulator.SalesforceOptions;
import de.contactsync.simulator.SalesforceSimulator;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The CRM that the command {@code simulator} starts, and the settings that lead to it. */
final class SimulatedCrm implements AutoCloseable {

    private final AutoCloseable simulator;
    private final List<String> settings;

    private SimulatedCrm(AutoCloseable simulator, List<String> settings) {
        this.simulator = simulator;
        this.settings = settings;
    }

    /**
     * @param kind   as {@code contacts.crm.kind} has it
     * @param fields further ones, by name, as {@link HubSpotOptions.Property#parse} has them
     * @param lag    of the search
     * @throws IllegalArgumentException when there is no simulator of it, or a field is none
     */
    static SimulatedCrm start(String kind, int port, Map<String, String> fields, Duration lag) {
        return switch (kind) {
            case "hubspot" -> {
                HubSpotOptions options = HubSpotOptions.standard().onPort(port).withSearchLag(lag);
                for (Map.Entry<String, String> field : fields.entrySet()) {
                    options = options.withProperty(field.getKey(), HubSpotOptions.Property.parse(field.getValue()));
                }
                yield hubSpot(HubSpotSimulator.start(options));
            }
            case "salesforce" -> {
                SalesforceOptions options = SalesforceOptions.standard().onPort(port);
                for (Map.Entry<String, String> field : fields.entrySet()) {
                    options = options.withField(field.getKey(), SalesforceOptions.Field.parse(field.getValue()));
                }
                yield salesforce(SalesforceSimulator.start(options));
            }
            default -> throw new IllegalArgumentException("--crm " + kind + ": expected hubspot or salesforce");
        };
    }

    private static SimulatedCrm hubSpot(HubSpotSimulator crm) {
        return new SimulatedCrm(
                crm,
                List.of(
                        "# HubSpot simulator, has the properties of mapping/hubspot.yaml:",
                        "contacts.sinks=database,crm",
                        "contacts.crm.base-url=" + crm.baseUrl(),
                        "contacts.crm.token=" + crm.token(),
                        "# the simulated contacts share some e-mail addresses, as those of a company do",
                        "contacts.crm.on-email-conflict=without-email",
                        "# calls so far: " + crm.statsUrl()));
    }

    private static SimulatedCrm salesforce(SalesforceSimulator crm) {
        return new SimulatedCrm(
                crm,
                List.of(
                        "# Salesforce simulator, has the fields of mapping/salesforce.yaml:",
                        "contacts.sinks=database,crm",
                        "contacts.crm.kind=salesforce",
                        "contacts.crm.base-url=" + crm.baseUrl(),
                        "contacts.crm.oauth.client-id=" + SalesforceOptions.CLIENT_ID,
                        "contacts.crm.oauth.client-secret=" + SalesforceOptions.CLIENT_SECRET,
                        "# calls so far: " + crm.statsUrl()));
    }

    void print(PrintWriter out) {
        settings.forEach(out::println);
        out.flush();
    }

    @Override
    public void close() {
        try {
            simulator.close();
        } catch (Exception e) {
            throw new IllegalStateException("the simulated CRM did not stop", e);
        }
    }
}
