package de.contactsync.imports;

import de.contactsync.model.TenantNames;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;

/**
 * @param directory the inbox, watched by the source {@code file}
 * @param settle    how long a file that is being written must rest before it is read
 * @param chunkSize records per transaction
 * @param tenants   of keys that name none, or name it by its name
 */
public record FileSettings(Path directory, Duration settle, int chunkSize, TenantNames tenants) {

    /** The same, where more is known of the tenants. */
    public FileSettings with(TenantNames known) {
        return new FileSettings(directory, settle, chunkSize, known);
    }

    /** Tenant of keys that name none, or null. */
    public UUID tenantId() {
        return tenants.unnamed();
    }
}
