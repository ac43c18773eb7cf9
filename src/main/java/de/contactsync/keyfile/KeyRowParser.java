package de.contactsync.keyfile;

import de.contactsync.model.KeyEntry;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Keys in rows with named columns, such as those of a query. Columns that are not part of a key are ignored. */
public final class KeyRowParser {

    /** By column of the row; null at those left alone. */
    private final KeyColumn[] columns;

    private KeyRowParser(KeyColumn[] columns) {
        this.columns = columns;
    }

    /** @throws UnreadableKeyFileException when they are not the columns of a key; the message names them */
    public static KeyRowParser of(List<String> names) {
        KeyColumn[] columns = names.stream().map(KeyColumn::of).toArray(KeyColumn[]::new);
        for (KeyColumn column : KeyColumn.values()) {
            long count = Stream.of(columns).filter(column::equals).count();
            if (count > 1 || count == 0 && column != KeyColumn.TENANT_ID) {
                throw new UnreadableKeyFileException("there " + (count == 0 ? "is no" : "is more than one") + " column "
                        + column.title() + " among "
                        + names.stream()
                                .map(name -> TextDecoder.printable(Objects.toString(name), 60))
                                .collect(Collectors.joining(", "))
                        + ": expected customerId and contactId, and perhaps"
                        + " tenantId");
            }
        }
        return new KeyRowParser(columns);
    }

    /** Takes a cell of the row that is being read, by its column, counted from 0; null where it is NULL. */
    @FunctionalInterface
    public interface Cells<E extends Exception> {
        String cell(int column) throws E;
    }

    public <E extends Exception> KeyEntry entry(long position, Cells<E> row) throws E {
        String[] ids = new String[KeyColumn.values().length];
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < columns.length; i++) {
            if (columns[i] != null) {
                String id = row.cell(i);
                ids[columns[i].ordinal()] = id;
                text.append(text.isEmpty() ? "" : " ").append(id == null ? "NULL" : id);
            }
        }
        return KeyEntryFactory.of(position, ids, text.toString());
    }
}
