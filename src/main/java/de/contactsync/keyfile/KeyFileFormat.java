package de.contactsync.keyfile;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What a file holds, identified by its name; file names are the only thing all who drop files agree on. */
enum KeyFileFormat {
    CSV(".csv", ".tsv", ".txt"),
    JSON_LINES(".ndjson", ".jsonl"),
    JSON_ARRAY(".json");

    static final String SUPPORTED = ".csv, .tsv, .txt, .ndjson, .jsonl and .json, each also with .gz";

    private static final String GZIP = ".gz";

    private final List<String> extensions;

    KeyFileFormat(String... extensions) {
        this.extensions = List.of(extensions);
    }

    static Optional<KeyFileFormat> of(String fileName) {
        String name = fileName.toLowerCase(Locale.ROOT);
        String plain = name.endsWith(GZIP) ? name.substring(0, name.length() - GZIP.length()) : name;
        for (KeyFileFormat format : values()) {
            if (format.extensions.stream().anyMatch(plain::endsWith)) {
                return Optional.of(format);
            }
        }
        return Optional.empty();
    }

    static boolean gzipped(String fileName) {
        return fileName.toLowerCase(Locale.ROOT).endsWith(GZIP);
    }
}
