package de.contactsync.imports;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import de.contactsync.keyfile.KeyFile;
import de.contactsync.keyfile.SpreadsheetCell;
import de.contactsync.model.ContactKey;
import de.contactsync.model.CustomerContact;
import de.contactsync.model.JtlId;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.Outcome;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.Reason;
import de.contactsync.model.TenantNames;
import de.contactsync.persistence.AuditQueries;
import de.contactsync.persistence.Run;
import de.siegmar.fastcsv.writer.CsvWriter;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * {@code NAME.contacts.csv} or {@code .ndjson}: the contacts that the keys of a file have brought, each once and in the
 * order of the keys, without those that became dead letters. Made from the keys and the table {@code contact} when the
 * run is finished, so that whatever cut the run off before does not show. In the same memory for a file of any size.
 */
public final class ContactFileWriter {

    /** As {@code contacts.file.output} has it. */
    public enum Format {
        /** Safe to open in a spreadsheet, for which some texts get an apostrophe. What is null is empty. */
        CSV,
        /** A JSON object on each line, with the texts as JTL sent them. */
        NDJSON;

        String suffix() {
            return ".contacts." + name().toLowerCase(Locale.ROOT);
        }
    }

    private static final JsonFactory JSON = new JsonFactory();

    @FunctionalInterface
    private interface Rows extends Closeable {
        void write(Map<String, String> row) throws IOException;

        @Override
        default void close() throws IOException {}
    }

    private final Format format;
    private final AuditQueries audit;
    private final TenantNames tenants;

    /** @param tenants of keys that name none, or name it by its name */
    public ContactFileWriter(Format format, AuditQueries audit, TenantNames tenants) {
        this.format = format;
        this.audit = audit;
        this.tenants = tenants;
    }

    /** Whether a file is called like one that stands beside a key file. */
    static boolean isOne(String name) {
        return Stream.of(Format.values())
                .map(Format::suffix)
                .anyMatch(suffix -> name.endsWith(suffix)
                        && KeyFile.understands(name.substring(0, name.length() - suffix.length())));
    }

    /**
     * Writes it whole or not at all.
     *
     * @param keys   the key file
     * @param size   bytes of it that the run has read
     * @param beside where the key file stands, or will
     * @throws ProcessingHaltedException when the database or the temporary files cannot be used
     */
    void write(Path keys, long size, Path beside, Run run) throws IOException {
        Path target = FileNames.beside(beside, format.suffix());
        FileMove.makeFolder(target.toAbsolutePath().getParent());
        Path draft = FileNames.draft(target);
        // Closed by itself: a writer that finds no room when it is closed leaves what it writes to open.
        try (OutputStream out = Files.newOutputStream(draft);
                Rows rows = open(out);
                KeyFile file =
                        KeyFile.open(keys.getFileName().toString(), new FirstBytes(Files.newInputStream(keys), size));
                KeyRecordReader records = new KeyRecordReader(file, tenants)) {
            KeyRecordReader.Batch batch;
            while ((batch = records.next(run.chunkSize())).size() > 0) {
                write(batch, run.id(), rows);
            }
        } catch (IOException | UncheckedIOException | ProcessingHaltedException e) {
            Files.deleteIfExists(draft);
            throw e;
        } catch (SQLException e) {
            Files.deleteIfExists(draft);
            throw new ProcessingHaltedException(
                    "the list of keys seen so far cannot be written to the temporary folder: " + e.getMessage(), e);
        }
        AtomicFileWriter.publish(draft, target);
    }

    private void write(KeyRecordReader.Batch batch, long runId, Rows rows) throws IOException {
        Map<Long, List<Reason>> failed = audit.deadLettersAt(
                runId, batch.unique().stream().map(KeyEntry::position).toList());
        List<ContactKey> wanted = batch.keysWithout(failed);
        Map<ContactKey, Outcome.Found> contacts = audit.contacts(wanted);
        for (ContactKey key : wanted) {
            Outcome.Found found = contacts.get(key);
            // Null when somebody took it out of the table.
            if (found != null) {
                rows.write(row(key, found.contact()));
            }
        }
    }

    private static Map<String, String> row(ContactKey key, CustomerContact contact) {
        Map<String, String> row = new LinkedHashMap<>();
        row.put("tenantId", key.tenantId().toString());
        row.put("customerId", JtlId.text(key.customerId()));
        row.put("contactId", JtlId.text(key.contactId()));
        row.put("department", contact.department());
        row.put("honorific", contact.honorific());
        row.put("firstName", contact.firstName());
        row.put("lastName", contact.lastName());
        row.put("phoneNumber", contact.phoneNumber());
        row.put("mobilePhoneNumber", contact.mobilePhoneNumber());
        row.put("emailAddress", contact.emailAddress());
        row.put("fax", contact.fax());
        return row;
    }

    private Rows open(OutputStream out) throws IOException {
        return switch (format) {
            case CSV -> new Csv(out);
            case NDJSON -> new NdJson(out);
        };
    }

    private static final class Csv implements Rows {

        private static final ContactKey ANY = new ContactKey(new UUID(0, 0), new UUID(0, 0), new UUID(0, 0));

        private final CsvWriter csv;

        Csv(OutputStream out) {
            csv = CsvWriter.builder().build(new OutputStreamWriter(out, StandardCharsets.UTF_8));
            csv.writeRecord(row(ANY, new CustomerContact(null, null, null, null, null, null, null, null))
                    .keySet());
        }

        @Override
        public void write(Map<String, String> row) {
            csv.writeRecord(row.values().stream().map(SpreadsheetCell::of).toList());
        }

        @Override
        public void close() throws IOException {
            csv.close();
        }
    }

    private static final class NdJson implements Rows {

        private final JsonGenerator json;

        NdJson(OutputStream out) throws IOException {
            json = JSON.createGenerator(out);
            json.setRootValueSeparator(null);
        }

        @Override
        public void write(Map<String, String> row) throws IOException {
            json.writeStartObject();
            for (Map.Entry<String, String> field : row.entrySet()) {
                json.writeStringField(field.getKey(), field.getValue());
            }
            json.writeEndObject();
            json.writeRaw('\n');
        }

        @Override
        public void close() throws IOException {
            json.close();
        }
    }
}
