package de.contactsync.keys;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What a file holds, told by its name; file names are the only thing all who drop files agree on. */
enum KeyFormat {
    CSV(".csv", ".tsv", ".txt"),
    JSON_LINES(".ndjson", ".jsonl"),
    JSON_ARRAY(".json");

    static final String UNDERSTOOD = ".csv, .tsv, .txt, .ndjson, .jsonl and .json, each also with .gz";

    private static final String GZIP = ".gz";

    private final List<String> extensions;

    KeyFormat(String... extensions) {
        this.extensions = List.of(extensions);
    }

    static Optional<KeyFormat> of(String fileName) {
        String name = fileName.toLowerCase(Locale.ROOT);
        String plain = name.endsWith(GZIP) ? name.substring(0, name.length() - GZIP.length()) : name;
        for (KeyFormat format : values()) {
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
