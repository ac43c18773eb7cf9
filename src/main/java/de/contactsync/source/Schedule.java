package de.contactsync.source;

import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Date;
import java.util.Locale;
import java.util.TimeZone;
import java.util.function.UnaryOperator;
import org.quartz.CronExpression;

/** When runs are due. The same times in every process that has the same settings, whenever it was started. */
public final class Schedule {

    private final String text;
    private final ZoneId zone;
    private final UnaryOperator<Instant> next;

    private Schedule(String text, ZoneId zone, UnaryOperator<Instant> next) {
        this.text = text;
        this.zone = zone;
        this.next = next;
    }

    /** At the full multiples of {@code period} since 1970: {@code 15m} is due at each quarter of an hour. */
    public static Schedule every(Duration period, ZoneId zone) {
        long millis = period.toMillis();
        return new Schedule("every " + period.toString().substring(2).toLowerCase(Locale.ROOT), zone,
                instant -> Instant.ofEpochMilli((Math.floorDiv(instant.toEpochMilli(), millis) + 1) * millis));
    }

    /**
     * @param expression six or seven fields as Quartz has them, seconds first
     * @throws IllegalArgumentException when it is none; the message says where it goes wrong
     */
    public static Schedule cron(String expression, ZoneId zone) {
        CronExpression cron;
        try {
            cron = new CronExpression(expression);
        } catch (ParseException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
        cron.setTimeZone(TimeZone.getTimeZone(zone));
        return new Schedule(expression, zone, instant -> {
            Date date = cron.getNextValidTimeAfter(Date.from(instant));
            return date == null ? null : date.toInstant();
        });
    }

    /** The first due time behind {@code instant}; null when there is none. */
    public Instant after(Instant instant) {
        return next.apply(instant);
    }

    /** Of the people who wrote it. */
    ZoneId zone() {
        return zone;
    }

    @Override
    public String toString() {
        return text;
    }
}
