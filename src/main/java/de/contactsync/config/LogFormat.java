package de.contactsync.config;

import java.nio.file.Path;
import java.util.Optional;

/** How the log is written, by the name that {@code contacts.log.format} uses. */
public enum LogFormat {
    /** For people. */
    TEXT,
    /** One object a line. */
    JSON;

    /** Of this process, before all else is read; empty where the setting is wrong, which is reported with the rest. */
    public static Optional<LogFormat> configured() {
        return Optional.ofNullable(
                read(new SettingsParser(PropertySources.read(Path.of(""), System.getenv(), System.getProperties()))));
    }

    static LogFormat read(SettingsParser read) {
        return read.parsed(ConfigKey.LOG_FORMAT, "text or json", value -> valueOf(SettingsParser.constant(value)));
    }
}
