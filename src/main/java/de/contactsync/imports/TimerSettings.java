package de.contactsync.imports;

import de.contactsync.model.TenantNames;

/**
 * @param schedule  null where nothing runs by one
 * @param runNow    whether each start of the process begins a run, due or not
 * @param chunkSize records per transaction
 * @param tenants   of keys that name none, or name it by its name
 */
public record TimerSettings(Schedule schedule, boolean runNow, KeySelection keys, int chunkSize, TenantNames tenants) {}
