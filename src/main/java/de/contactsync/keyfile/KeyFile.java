package de.contactsync.keyfile;

import de.contactsync.model.KeyEntry;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.zip.ZipException;

/**
 * A key file opened for reading: its entries in file order, one after the other, in the same memory for a file of any
 * size. CSV ({@code .csv}, {@code .tsv}, {@code .txt}), JSON Lines ({@code .ndjson}, {@code .jsonl}) or a JSON array
 * ({@code .json}), each also gzipped ({@code .gz}); UTF-8, UTF-16, or Windows-1252.
 *
 * <p>What is not a valid key comes as {@link KeyEntry.Invalid} and costs no other entry. A record may be 64 KiB long.
 * Positions are line numbers, in a JSON array element numbers, both from 1; the header of a CSV file is a line like any
 * other.
 *
 * <p>{@link #next} throws {@link UnreadableKeyFileException} where the file breaks off, after the last entry that could
 * be read, and {@link UncheckedIOException} when the disk fails. Nothing comes after either. Not thread-safe.
 */
public final class KeyFile implements KeyReader {

    private static final int LONGEST_SHOWN = 1_000;

    private final InputStream in;
    private final KeyEntryReader reader;
    private KeyEntry next;
    private RuntimeException failure;
    private boolean ended;

    private KeyFile(InputStream in, KeyEntryReader reader) {
        this.in = in;
        this.reader = reader;
    }

    @Override
    public boolean mayNameTenants() {
        return reader.mayNameTenants();
    }

    /** Whether {@link #open} would try a file of this name. */
    public static boolean understands(String fileName) {
        return KeyFileFormat.of(fileName).isPresent();
    }

    /**
     * @throws IOException                when the file is not there or the disk fails
     * @throws UnreadableKeyFileException when it is not a valid key file
     */
    public static KeyFile open(Path file) throws IOException {
        String name = file.getFileName().toString();
        format(name);
        return open(name, Files.newInputStream(file));
    }

    /**
     * As the other, with the content of the file. Takes {@code bytes} over, and closes it also when this throws.
     *
     * @param name of the file, whose ending tells what it holds
     */
    public static KeyFile open(String name, InputStream bytes) throws IOException {
        try {
            format(name);
            InputStream in = Utf8Transcoder.of(KeyFileFormat.gzipped(name) ? new GzipErrors(bytes) : unpacked(bytes));
            return new KeyFile(in, reader(format(name), new ReadBuffer(in)));
        } catch (EOFException | ZipException e) {
            bytes.close();
            throw new UnreadableKeyFileException(
                    "the name ends with .gz, but " + GzipErrors.explain(e) + " at its very beginning", e);
        } catch (IOException | RuntimeException e) {
            bytes.close();
            throw e;
        }
    }

    /**
     * What has to stand in front of some lines of a file so that they are a key file by themselves: a header, or
     * nothing.
     *
     * @param begin the file, or its beginning; closed by this
     * @return empty when no lines of it can be read alone
     */
    public static Optional<String> linesBefore(String name, InputStream begin) throws IOException {
        try (begin) {
            if (KeyFileFormat.gzipped(name) || format(name) == KeyFileFormat.JSON_ARRAY) {
                return Optional.empty();
            }
            InputStream in = Utf8Transcoder.of(begin);
            if (Utf8Transcoder.isRewritten(in)) {
                return Optional.empty();
            }
            if (format(name) == KeyFileFormat.JSON_LINES) {
                return Optional.of("");
            }
            ReadBuffer buffer = new ReadBuffer(in);
            return Optional.ofNullable(CsvHeader.read(buffer, new LineReader(buffer)))
                    .map(CsvHeader::line);
        }
    }

    /** A name or reason for a message, with what cannot be seen in it written as an escape. */
    public static String shown(String text) {
        return TextDecoder.printable(text, LONGEST_SHOWN);
    }

    private static KeyFileFormat format(String name) {
        return KeyFileFormat.of(name)
                .orElseThrow(
                        () -> new UnreadableKeyFileException("the extension of \"" + TextDecoder.printable(name, 200)
                                + "\" is unknown: expected one of " + KeyFileFormat.SUPPORTED));
    }

    private static KeyEntryReader reader(KeyFileFormat format, ReadBuffer buffer) throws IOException {
        return switch (format) {
            case CSV -> CsvKeyReader.open(buffer);
            case JSON_LINES -> new JsonLinesKeyReader(buffer);
            case JSON_ARRAY -> new JsonArrayKeyReader(buffer);
        };
    }

    /** Names the two mistakes that would otherwise end in a header line of gibberish. */
    private static InputStream unpacked(InputStream bytes) throws IOException {
        PushbackInputStream stream = new PushbackInputStream(bytes, 4);
        byte[] head = stream.readNBytes(4);
        stream.unread(head);
        if (head.length >= 2 && head[0] == 0x1F && head[1] == (byte) 0x8B) {
            throw new UnreadableKeyFileException("the file is gzipped: rename it to end with .gz, or unpack it");
        }
        if (head.length == 4 && head[0] == 'P' && head[1] == 'K' && head[2] == 3 && head[3] == 4) {
            throw new UnreadableKeyFileException("the file is a zip archive or an Excel workbook: save it as CSV");
        }
        return stream;
    }

    @Override
    public boolean hasNext() {
        if (next == null && failure == null && !ended) {
            try {
                next = reader.next();
                ended = next == null;
            } catch (UnreadableKeyFileException e) {
                failure = e;
            } catch (IOException e) {
                failure = new UncheckedIOException(e);
            }
        }
        return next != null || failure != null;
    }

    @Override
    public KeyEntry next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        if (failure != null) {
            RuntimeException thrown = failure;
            failure = null;
            ended = true;
            throw thrown;
        }
        KeyEntry entry = next;
        next = null;
        return entry;
    }

    @Override
    public void close() throws IOException {
        ended = true;
        next = null;
        failure = null;
        in.close();
    }
}
