package de.contactsync.imports;

import java.util.UUID;

/**
 * @param schedule  null where nothing runs by one
 * @param runNow    whether each start of the process begins a run, due or not
 * @param chunkSize records per transaction
 * @param tenantId  tenant of keys that name none, or null
 */
public record TimerSettings(Schedule schedule, boolean runNow, KeySelection keys, int chunkSize, UUID tenantId) {}
