package de.contactsync.cli;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The options of the command {@code simulator} that are about a CRM. */
final class SimulatedCrmOptions {

    @Option(names = "--crm", paramLabel = "KIND", description = "Also simulate a CRM: hubspot or salesforce.")
    private String kind;

    @Option(
            names = "--crm-port",
            paramLabel = "P",
            description = "Port of the simulated CRM, by default HubSpot; 0 for a free port (default: 0).")
    private Integer port;

    @Option(
            names = "--crm-field",
            paramLabel = "NAME=KIND",
            description =
                    "Add or replace a field of contacts in the simulated CRM: text, text:40, number, select:A,B or"
                            + " read-only. May be given several times.")
    private Map<String, String> fields = new LinkedHashMap<>();

    @Option(
            names = "--crm-search-lag",
            paramLabel = "DURATION",
            defaultValue = "0ms",
            converter = SimulatorConverters.DurationConverter.class,
            description = "How long the simulated HubSpot's search lags behind, such as 20s.")
    private Duration searchLag;

    /** Null when none is asked for. */
    SimulatedCrm start(CommandLine commandLine) {
        if (kind == null && port == null && fields.isEmpty()) {
            return null;
        }
        try {
            return SimulatedCrm.start(kind == null ? "hubspot" : kind, port == null ? 0 : port, fields, searchLag);
        } catch (IllegalArgumentException | UncheckedIOException e) {
            throw new ParameterException(commandLine, e.getMessage(), e);
        }
    }
}
