package de.contactsync.imports;

import de.contactsync.model.TenantNames;
import de.contactsync.persistence.ScheduledRunStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * @param schedule  null where nothing runs by one
 * @param runNow    whether each start of the process begins a run, due or not
 * @param chunkSize records per transaction
 * @param tenants   of keys that name none, or name it by its name
 */
public record TimerSettings(Schedule schedule, boolean runNow, KeySelection keys, int chunkSize, TenantNames tenants) {

    /**
     * Whose runs there are.
     *
     * @param tenant its name, or {@link ScheduledRunStore#NO_TENANT}
     * @param id     of the tenant whose customers are gone through; null where keys name theirs
     */
    record Part(String tenant, UUID id) {

        /** For people, of what. */
        String of(String what) {
            return tenant.equals(ScheduledRunStore.NO_TENANT) ? what : what + " of " + tenant;
        }
    }

    /** One run alone for each due time, or one of each tenant, so that none waits for another's JTL. */
    List<Part> parts() {
        if (!(keys instanceof KeySelection.Customers)) {
            return List.of(new Part(ScheduledRunStore.NO_TENANT, null));
        }
        List<Part> parts = new ArrayList<>();
        if (tenants.unnamed() != null) {
            parts.add(new Part(ScheduledRunStore.NO_TENANT, tenants.unnamed()));
        }
        tenants.ids().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(named -> parts.add(new Part(named.getKey(), named.getValue())));
        return parts;
    }
}
