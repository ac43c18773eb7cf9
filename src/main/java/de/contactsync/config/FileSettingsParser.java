package de.contactsync.config;

import de.contactsync.imports.FileSettings;
import de.contactsync.jtl.JtlSettings;
import de.contactsync.model.JtlId;
import de.contactsync.model.TenantNames;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The keys of the watched folder, and {@code contacts.chunk-size}. */
final class FileSettingsParser {

    private FileSettingsParser() {}

    /**
     * @param jtl     of keys that name no tenant, or one without settings of its own
     * @param tenants with settings of their own
     */
    static FileSettings read(SettingsParser read, JtlSettings jtl, List<TenantSettings> tenants) {
        return new FileSettings(
                read.asWritten(
                        ConfigKey.FILE_DIRECTORY,
                        "a folder whose name the character set of this process can hold: start the program with"
                                + " LC_ALL=C.UTF-8 in its environment where it holds umlauts",
                        Path::of),
                read.duration(ConfigKey.FILE_SETTLE, Duration.ofMillis(100), Duration.ofHours(1)),
                read.number(ConfigKey.CHUNK_SIZE, 1, 10_000),
                tenantNames(read.tenant(), jtl, tenants));
    }

    private static TenantNames tenantNames(String tenant, JtlSettings jtl, List<TenantSettings> tenants) {
        Map<String, UUID> ids = new TreeMap<>();
        tenants.forEach(each -> ids.put(each.name(), each.jtl().tenantId()));
        if (tenant != null) {
            ids.put(tenant, jtl.tenantId());
        }
        Map<UUID, JtlId.Kind> kinds = tenants.stream()
                .map(TenantSettings::jtl)
                .collect(Collectors.toMap(JtlSettings::tenantId, JtlSettings::ids, (a, b) -> a));
        Function<UUID, JtlId.Kind> kind = id -> kinds.getOrDefault(id, jtl.ids());
        return new TenantNames(jtl.tenantId(), ids, kind, kind);
    }
}
