package de.contactsync.imports;

import de.contactsync.model.ContactKey;
import de.contactsync.model.JtlId;
import de.contactsync.persistence.AuditQueries;
import de.contactsync.persistence.DeadLetterFilter;
import de.contactsync.persistence.DeadLetterQueries;
import de.contactsync.persistence.DeadLetterQueries.Letter;
import de.contactsync.persistence.RunStore;
import java.io.BufferedReader;
import java.io.Closeable;
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
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The keys of dead letters as key files, which are imported like any other. The dead letters stay open until the chunk
 * is committed in which their keys are stored or fail again, so that such a file may be lost at any moment: what it
 * held is written anew. It goes once its run is closed.
 */
public final class ReplayFileWriter {

    /** In the inbox. */
    static final String FOLDER = ".replay";

    private static final String HEADER = "deadLetter;tenantId;customerId;contactId";
    private static final DateTimeFormatter NAME =
            DateTimeFormatter.ofPattern("'replay-'uuuuMMdd-HHmmss-SSS'.csv'").withZone(ZoneOffset.UTC);
    private static final String GROWING = ".part";
    private static final int AT_ONCE = 1_000;

    private final Path folder;
    private final DeadLetterQueries letters;
    private final AuditQueries audit;
    private final RunStore runs;
    private final Clock clock;

    public ReplayFileWriter(
            FileSettings settings, DeadLetterQueries letters, AuditQueries audit, RunStore runs, Clock clock) {
        this.folder = settings.directory().toAbsolutePath().normalize().resolve(FOLDER);
        this.letters = letters;
        this.audit = audit;
        this.runs = runs;
        this.clock = clock;
    }

    /**
     * The files that are not done yet, the oldest first. Those that are done are deleted; so is what was cut off
     * while it was written. Runs whose files are gone are closed. To be called by the holder of the
     * {@link de.contactsync.persistence.ReplayLease}.
     */
    public List<File> unfinished() throws IOException {
        List<File> unfinished = new ArrayList<>();
        Set<String> hashes = new HashSet<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(
                folder, file -> file.getFileName().toString().matches("replay-[0-9-]+\\.csv(\\.part)?"))) {
            for (Path file : files) {
                if (file.toString().endsWith(GROWING)) {
                    Files.delete(file);
                } else {
                    String hash = FileFingerprint.of(file).sha256();
                    if (audit.isClosed(hash)) {
                        Files.delete(file);
                    } else {
                        hashes.add(hash);
                        unfinished.add(file.toFile());
                    }
                }
            }
        } catch (NoSuchFileException e) {
            // Nothing has been replayed here so far.
            unfinished.clear();
        }
        runs.files().replaysGone(hashes);
        unfinished.sort(null);
        return unfinished;
    }

    /**
     * Writes the keys that JTL is to be asked for again.
     *
     * @param unfinished files whose keys are asked for anyway
     * @return those files, and behind them a new one when there are further keys
     */
    public List<File> write(DeadLetterFilter filter, List<File> unfinished) throws IOException {
        FileMove.makeFolder(folder);
        Path file = folder.resolve(NAME.format(clock.instant()));
        Path growing = folder.resolve(file.getFileName() + GROWING);
        long written;
        try (Writer out = Files.newBufferedWriter(growing, StandardCharsets.UTF_8)) {
            out.write(HEADER + "\n");
            written = writeKeys(out, filter, unfinished);
        }
        List<File> files = new ArrayList<>(unfinished);
        if (written == 0) {
            Files.delete(growing);
        } else {
            AtomicFileWriter.publish(growing, file);
            files.add(file.toFile());
        }
        return files;
    }

    private long writeKeys(Writer out, DeadLetterFilter filter, List<File> unfinished) throws IOException {
        List<LettersOf> others = new ArrayList<>();
        try {
            for (File other : unfinished) {
                others.add(new LettersOf(other.toPath()));
            }
            long written = 0;
            List<Letter> some = letters.keysToRetry(filter, 0, AT_ONCE);
            while (!some.isEmpty()) {
                for (Letter letter : some) {
                    boolean contained = false;
                    for (LettersOf other : others) {
                        contained |= other.contain(letter.id());
                    }
                    if (!contained) {
                        out.write(line(letter));
                        written++;
                    }
                }
                some = letters.keysToRetry(filter, some.get(some.size() - 1).id(), AT_ONCE);
            }
            return written;
        } finally {
            for (LettersOf other : others) {
                other.close();
            }
        }
    }

    private static String line(Letter letter) {
        ContactKey key = letter.key();
        return letter.id() + ";" + key.tenantId() + ";" + JtlId.text(key.customerId()) + ";"
                + JtlId.text(key.contactId()) + "\n";
    }

    /** The dead letters whose keys stand in a file, in the order of their ids, as those come that are to be written. */
    private static final class LettersOf implements Closeable {

        private final BufferedReader lines;
        private long id;

        LettersOf(Path file) throws IOException {
            lines = Files.newBufferedReader(file);
            lines.readLine();
            advance();
        }

        private void advance() throws IOException {
            String line = lines.readLine();
            id = line == null ? Long.MAX_VALUE : Long.parseLong(line.substring(0, line.indexOf(';')));
        }

        /** @param letter no smaller than the one before */
        boolean contain(long letter) throws IOException {
            while (id < letter) {
                advance();
            }
            return id == letter;
        }

        @Override
        public void close() throws IOException {
            lines.close();
        }
    }
}
