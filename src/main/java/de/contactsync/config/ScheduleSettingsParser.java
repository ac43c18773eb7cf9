package de.contactsync.config;

import de.contactsync.imports.ChangedSince;
import de.contactsync.imports.FileSettings;
import de.contactsync.imports.KeySelection;
import de.contactsync.imports.Schedule;
import de.contactsync.imports.TimerSettings;
import de.contactsync.model.TenantNames;
import de.contactsync.persistence.DatabaseSettings;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The keys under {@code contacts.timer.}. What is given is checked also when no timer is wanted. */
final class ScheduleSettingsParser {

    private static final Set<String> KINDS = Set.of("known", "sql", "file", "customers");
    private static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofHours(24);

    private ScheduleSettingsParser() {}

    /**
     * @param scheduled whether there is a source {@code timer}; otherwise the settings have no schedule
     * @param wanted    whether its keys are looked up, by that source or by command
     */
    static TimerSettings read(SettingsParser read, boolean scheduled, boolean wanted, FileSettings file) {
        if (scheduled) {
            read.required(ConfigKey.TIMER_SCHEDULE);
        }
        ZoneId zone = read.parsed(
                ConfigKey.TIMER_ZONE, "a time zone such as Europe/Berlin or UTC", ScheduleSettingsParser::zone);
        Schedule schedule = read.parsed(
                ConfigKey.TIMER_SCHEDULE,
                "a duration from 1s to 24h such as 15m, or a Quartz cron expression (six or seven fields,"
                        + " seconds first) with a time in the future, such as 0 30 2 ? * MON-FRI",
                text -> schedule(text, zone == null ? ZoneId.systemDefault() : zone));
        boolean runNow = read.yes(ConfigKey.TIMER_RUN_NOW);
        KeySelection keys = keys(read, wanted, file.tenants());
        return new TimerSettings(scheduled ? schedule : null, runNow, keys, file.chunkSize(), file.tenants());
    }

    private static ZoneId zone(String text) {
        try {
            return ZoneId.of(text);
        } catch (DateTimeException e) {
            return null;
        }
    }

    private static Schedule schedule(String text, ZoneId zone) {
        Duration period = DurationText.parse(text);
        if (period != null) {
            return period.compareTo(SHORTEST) < 0 || period.compareTo(LONGEST) > 0
                    ? null
                    : Schedule.every(period, zone);
        }
        Schedule cron = Schedule.cron(text, zone);
        return cron.after(Instant.now()) == null ? null : cron;
    }

    private static KeySelection keys(SettingsParser read, boolean wanted, TenantNames tenants) {
        Duration maxAge = read.duration(ConfigKey.TIMER_MAX_AGE, Duration.ZERO, Duration.ofHours(24 * 366));
        String kind = read.parsed(
                ConfigKey.TIMER_KEYS,
                "one of " + String.join(", ", new TreeSet<>(KINDS)),
                value -> KINDS.contains(value) ? value : null);
        String parameter = read.parsed(
                ConfigKey.TIMER_CHANGED_SINCE,
                "the name of a query parameter, such as lastChangeFrom",
                value -> value.matches("[A-Za-z][A-Za-z0-9_.-]{0,60}") ? value : null);
        Duration fullEvery =
                read.duration(ConfigKey.TIMER_FULL_EVERY, Duration.ofMinutes(1), Duration.ofHours(24 * 366));
        read.refuse(
                Map.of(
                        ConfigKey.TIMER_CHANGED_SINCE,
                        Set.of("customers"),
                        ConfigKey.TIMER_FULL_EVERY,
                        Set.of("customers")),
                ConfigKey.TIMER_KEYS,
                kind);
        String url = read.parsed(
                ConfigKey.TIMER_SQL_URL,
                "a JDBC URL for SQLite, PostgreSQL or another driver on the class path, with the password in"
                        + " contacts.timer.sql.password",
                value -> hasDriver(value) && !SecretInUrl.isIn(value) ? value : null);
        if (!wanted || kind == null || kind.equals("known")) {
            return new KeySelection.Known(maxAge);
        }
        if (kind.equals("customers")) {
            if (tenants.unnamed() == null && tenants.ids().isEmpty()) {
                read.required(ConfigKey.TENANT_ID);
            }
            return new KeySelection.Customers(parameter == null ? null : new ChangedSince(parameter, fullEvery));
        }
        if (kind.equals("file")) {
            return new KeySelection.InFile(Path.of(read.required(ConfigKey.TIMER_FILE)));
        }
        read.required(ConfigKey.TIMER_SQL_URL);
        return new KeySelection.Sql(
                new DatabaseSettings(
                        url, read.text(ConfigKey.TIMER_SQL_USERNAME), read.text(ConfigKey.TIMER_SQL_PASSWORD)),
                read.required(ConfigKey.TIMER_SQL_QUERY));
    }

    private static boolean hasDriver(String url) {
        try {
            return DriverManager.getDriver(url) != null;
        } catch (SQLException e) {
            return false;
        }
    }
}
