package de.contactsync.config;

import de.contactsync.crm.CrmSettings;
import de.contactsync.routes.RouteSinkSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Which sinks are routes of the user, and the settings under {@code contacts.sink.NAME.}. */
final class RouteSinkSettingsParser {

    static final String ROUTE = "route:";

    /** What one transaction can claim and record in a moment. */
    static final int LARGEST_BATCH = 10_000;

    private static final String NAME = "[a-z][a-z0-9-]{0,39}";
    /** Sinks of ours, and what their dead letters are called: sink:NAME. */
    private static final Set<String> OTHERS = Set.of("database", "file", "queue", "kafka", "crm");

    private RouteSinkSettingsParser() {}

    /** @param crm null when it is none that there is */
    static List<RouteSinkSettings> read(SettingsParser read, Set<String> sinks, CrmSettings crm) {
        boolean removesGone = !"keep".equals(read.text(ConfigKey.ON_GONE));
        List<RouteSinkSettings> routes = new ArrayList<>();
        Set<String> names = new TreeSet<>();
        for (String sink : sinks) {
            if (!sink.startsWith(ROUTE)) {
                continue;
            }
            String name = sink.substring(ROUTE.length());
            names.add(name);
            if (!name.matches(NAME) || OTHERS.contains(name) || crm != null && name.equals(crm.name())) {
                read.note(
                        ConfigKey.SINKS,
                        "route:" + name
                                + " needs a name of lower-case letters, digits and hyphens that no other sink has");
            } else {
                routes.add(new RouteSinkSettings(
                        name, batchSize(read, name), removesGone, read.percent(ConfigKey.MAX_GONE_SHARE, 100)));
            }
        }
        refuseAllBut(read, names);
        return routes;
    }

    private static int batchSize(SettingsParser read, String sink) {
        PropertySources.Value value = read.batchSizesOfSinks().get(sink);
        if (value == null) {
            return 1;
        }
        String text = value.text().strip();
        if (text.matches("\\d{1,5}") && Integer.parseInt(text) >= 1 && Integer.parseInt(text) <= LARGEST_BATCH) {
            return Integer.parseInt(text);
        }
        read.problem("contacts.sink." + sink + ".batch-size (" + value.origin() + ") is \"" + text
                + "\": expected a whole number from 1 to " + LARGEST_BATCH);
        return 1;
    }

    /** Notes what is set under {@code contacts.sink.} for a sink that is not there. */
    private static void refuseAllBut(SettingsParser read, Set<String> names) {
        read.batchSizesOfSinks().forEach((sink, value) -> {
            if (!names.contains(sink)) {
                read.problem("contacts.sink." + sink + ".batch-size (" + value.origin() + "): contacts.sinks does not"
                        + " name route:" + sink + "; remove the setting or add the sink");
            }
        });
    }
}
