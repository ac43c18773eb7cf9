package de.contactsync.imports;

import de.contactsync.model.TenantNames;
import de.contactsync.persistence.ScheduledRunStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * @param schedule  null where nothing runs by one: there is no source {@code timer}, or runs are begun by command
 * @param runNow    whether each start of the process begins a run, due or not
 * @param chunkSize records per transaction
 * @param tenants   of keys that name none, or name it by its name
 */
public record TimerSettings(Schedule schedule, boolean runNow, KeySelection keys, int chunkSize, TenantNames tenants) {

    /**
     * Whose runs there are.
     *
     * @param name   for people: of which keys, and whose
     * @param tenant its name, or {@link ScheduledRunStore#NO_TENANT}
     * @param id     of the tenant whose customers are gone through; null where keys name theirs
     */
    public record Part(String name, String tenant, UUID id) {}

    /** The same, where more is known of the tenants. */
    public TimerSettings with(TenantNames known) {
        return new TimerSettings(schedule, runNow, keys, chunkSize, known);
    }

    /** One run alone for each due time, or one of each tenant, so that none waits for another's JTL. */
    public List<Part> parts() {
        if (!(keys instanceof KeySelection.Customers)) {
            return List.of(part(ScheduledRunStore.NO_TENANT, null));
        }
        List<Part> parts = new ArrayList<>();
        if (tenants.unnamed() != null) {
            parts.add(part(ScheduledRunStore.NO_TENANT, tenants.unnamed()));
        }
        tenants.ids().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(named -> parts.add(part(named.getKey(), named.getValue())));
        return parts;
    }

    private Part part(String tenant, UUID id) {
        String of = tenant.equals(ScheduledRunStore.NO_TENANT) ? "" : " of " + tenant;
        return new Part(ScheduledRunStore.SOURCE + " (" + keys.name() + of + ")", tenant, id);
    }
}
