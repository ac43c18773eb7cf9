package de.contactsync.imports;

import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;

/**
 * @param directory the inbox, watched by the source {@code file}
 * @param settle    how long a file that is being written must rest before it is read
 * @param chunkSize records per transaction
 * @param tenantId  tenant of keys that name none, or null
 */
public record FileSettings(Path directory, Duration settle, int chunkSize, UUID tenantId) {}
