package de.contactsync.imports;

import de.contactsync.model.ContactKey;
import de.contactsync.persistence.AuditQueries;
import de.contactsync.persistence.DeadLetterFilter;
import de.contactsync.persistence.DeadLetterQueries;
import de.contactsync.persistence.DeadLetterQueries.Letter;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The keys of dead letters as key files, which are imported like any other. A key is in its dead letter or in such a
 * file at every moment, perhaps in both: the dead letters are told to be replayed once the file is durable, and the
 * file goes once its run is closed.
 */
public final class ReplayFileWriter {

    /** In the inbox. */
    private static final String FOLDER = ".replay";

    private static final String HEADER = "deadLetter;tenantId;customerId;contactId";
    private static final DateTimeFormatter NAME =
            DateTimeFormatter.ofPattern("'replay-'uuuuMMdd-HHmmss-SSS'.csv'").withZone(ZoneOffset.UTC);
    private static final String GROWING = ".part";
    private static final int AT_ONCE = 1_000;

    private final Path folder;
    private final DeadLetterQueries letters;
    private final AuditQueries audit;
    private final Clock clock;

    public ReplayFileWriter(FileSettings settings, DeadLetterQueries letters, AuditQueries audit, Clock clock) {
        this.folder = settings.directory().toAbsolutePath().normalize().resolve(FOLDER);
        this.letters = letters;
        this.audit = audit;
        this.clock = clock;
    }

    /**
     * The files that are not done yet, the oldest first. Those that are done are deleted, their reports stay, and so is
     * what was cut off while it was written: its dead letters are open.
     */
    public List<File> unfinished() throws IOException {
        List<File> unfinished = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(
                folder, file -> file.getFileName().toString().matches("replay-[0-9-]+\\.csv(\\.part)?"))) {
            for (Path file : files) {
                if (file.toString().endsWith(GROWING)) {
                    Files.delete(file);
                } else if (audit.isClosed(FileFingerprint.of(file).sha256())) {
                    Files.delete(file);
                } else {
                    markReplayed(file);
                    unfinished.add(file.toFile());
                }
            }
        } catch (NoSuchFileException e) {
            // Nothing has been replayed here so far.
            return unfinished;
        }
        unfinished.sort(null);
        return unfinished;
    }

    /** A file of the keys that JTL is to be fetched again; empty when there is none. */
    public Optional<File> write(DeadLetterFilter filter) throws IOException {
        List<Letter> some = letters.keysToRetry(filter, 0, AT_ONCE);
        if (some.isEmpty()) {
            return Optional.empty();
        }
        Files.createDirectories(folder);
        Path file = folder.resolve(NAME.format(clock.instant()));
        Path growing = folder.resolve(file.getFileName() + GROWING);
        try (Writer out = Files.newBufferedWriter(growing, StandardCharsets.UTF_8)) {
            out.write(HEADER + "\n");
            while (!some.isEmpty()) {
                for (Letter letter : some) {
                    out.write(line(letter));
                }
                some = letters.keysToRetry(filter, some.get(some.size() - 1).id(), AT_ONCE);
            }
        }
        AtomicFileWriter.publish(growing, file);
        markReplayed(file);
        return Optional.of(file.toFile());
    }

    private static String line(Letter letter) {
        ContactKey key = letter.key();
        return letter.id() + ";" + key.tenantId() + ";" + key.customerId() + ";" + key.contactId() + "\n";
    }

    private void markReplayed(Path file) throws IOException {
        List<Long> ids = new ArrayList<>(AT_ONCE);
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            lines.readLine();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                ids.add(Long.valueOf(line.substring(0, line.indexOf(';'))));
                if (ids.size() == AT_ONCE) {
                    letters.replayed(ids);
                    ids.clear();
                }
            }
        }
        letters.replayed(ids);
    }
}
