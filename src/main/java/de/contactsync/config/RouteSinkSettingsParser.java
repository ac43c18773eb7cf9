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
    private static final String NAME = "[a-z][a-z0-9-]{0,39}";
    /** Sinks of ours, and what their dead letters are called: sink:NAME. */
    private static final Set<String> OTHERS = Set.of("database", "file", "queue", "kafka", "crm");

    private RouteSinkSettingsParser() {}

    /** @param crm null when it is none that there is */
    static List<RouteSinkSettings> read(SettingsParser read, Set<String> sinks, CrmSettings crm) {
        boolean takesBack = !"keep".equals(read.text(ConfigKey.ON_GONE));
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
                        "route:" + name + " needs a name of small letters, digits and hyphens that no other sink has");
            } else {
                routes.add(new RouteSinkSettings(
                        name, read.batchSizeOfSink(name), takesBack, read.percent(ConfigKey.MAX_GONE_SHARE, 100)));
            }
        }
        read.refuseSinksBut(names);
        return routes;
    }
}
