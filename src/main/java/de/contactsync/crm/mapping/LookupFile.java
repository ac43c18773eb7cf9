package de.contactsync.crm.mapping;

import de.contactsync.keyfile.CsvTable;
import de.contactsync.keyfile.KeyColumn;
import de.contactsync.keyfile.UnreadableKeyFileException;
import de.contactsync.model.JtlId;
import de.contactsync.model.TenantNames;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * A file with what is to be known of customers, tenants or contacts: its columns are further fields of a contact, by
 * their names. Its rows are found by the ids that it has a column of.
 *
 * @param file    for messages
 * @param ids     columns of ids
 * @param columns all others, by their names
 */
record LookupFile(String file, CsvTable table, Map<KeyColumn, Integer> ids, Map<String, Integer> columns) {

    /** @throws MappingException with the line, and without what stands in it */
    static LookupFile parse(String file, byte[] bytes) {
        CsvTable table;
        try {
            table = CsvTable.parse(bytes);
        } catch (UnreadableKeyFileException e) {
            throw new MappingException(file + " " + e.getMessage());
        }
        Map<KeyColumn, Integer> ids = new EnumMap<>(KeyColumn.class);
        Map<String, Integer> columns = new LinkedHashMap<>();
        for (int i = 0; i < table.header().size(); i++) {
            String name = table.header().get(i);
            KeyColumn id = KeyColumn.of(name);
            boolean twice = id == null ? columns.put(name, i) != null : ids.put(id, i) != null;
            if (twice && !name.isEmpty()) {
                throw new MappingException(file + " line 1: the column \"" + name + "\" occurs twice there");
            }
            if (id == null && FieldSource.named(name) != null) {
                throw new MappingException(file + " line 1: the column \"" + name
                        + "\" has the name of a field of JTL's contact: give it another one");
            }
        }
        columns.remove("");
        if (ids.isEmpty()) {
            throw new MappingException(file + " line 1: expected a column customerId, tenantId or contactId, by which"
                    + " its rows are found");
        }
        return new LookupFile(file, table, ids, columns);
    }

    /**
     * @param wanted  columns; those of other files are passed over
     * @param tenants that may be named in it
     */
    Lookup read(Set<String> wanted, TenantNames tenants) {
        List<String> names = columns.keySet().stream().filter(wanted::contains).toList();
        Map<List<UUID>, String[]> rows = new HashMap<>();
        Map<List<UUID>, Long> lines = new HashMap<>();
        // Many rows have the same.
        Map<String, String> known = new HashMap<>();
        for (CsvTable.Row row : table.rows()) {
            List<UUID> key = new ArrayList<>();
            ids.forEach((id, column) -> key.add(id(id, cell(row, column), row.line(), tenants)));
            Long before = lines.put(key, row.line());
            if (before != null) {
                throw new MappingException(
                        file + " line " + row.line() + ": is about the same as line " + before + ": keep one of them");
            }
            rows.put(
                    key,
                    names.stream()
                            .map(name -> Blanks.trim(cell(row, columns.get(name))))
                            .map(value -> value.isEmpty() ? null : known.computeIfAbsent(value, same -> same))
                            .toArray(String[]::new));
        }
        return new Lookup(List.copyOf(ids.keySet()), names, rows);
    }

    /** Empty where the row is shorter than the header. */
    private static String cell(CsvTable.Row row, int column) {
        return column < row.values().size() ? row.values().get(column) : "";
    }

    private UUID id(KeyColumn column, String text, long line, TenantNames tenants) {
        boolean ofTenant = column == KeyColumn.TENANT_ID;
        return (ofTenant ? tenants.parse(text) : JtlId.parse(text))
                .orElseThrow(() -> new MappingException(file + " line " + line + ", " + column.title() + ": "
                        + (ofTenant ? TenantNames.EXPECTED : JtlId.Kind.ANY.expected())));
    }
}
