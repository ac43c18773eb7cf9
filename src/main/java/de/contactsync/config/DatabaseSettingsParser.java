package de.contactsync.config;

import de.contactsync.persistence.DatabaseSettings;

/** The keys under {@code contacts.database.}. */
final class DatabaseSettingsParser {

    private DatabaseSettingsParser() {}

    static DatabaseSettings read(SettingsParser read) {
        return new DatabaseSettings(
                read.parsed(
                        ConfigKey.DATABASE_URL,
                        "a URL that begins with jdbc:sqlite: or jdbc:postgresql:, with the password in"
                                + " contacts.database.password; for SQLite a file such as jdbc:sqlite:data/contacts.db,"
                                + " not a database in memory",
                        value -> isDatabase(value) && !SecretInUrl.isIn(value) ? value : null),
                read.text(ConfigKey.DATABASE_USERNAME),
                read.text(ConfigKey.DATABASE_PASSWORD));
    }

    private static boolean isDatabase(String url) {
        return url.startsWith("jdbc:postgresql:")
                || url.startsWith("jdbc:sqlite:") && DatabaseSettings.sqliteFile(url) != null;
    }
}
