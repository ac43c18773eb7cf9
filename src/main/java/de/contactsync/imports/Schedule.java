package de.contactsync.imports;

import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
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
        return new Schedule(
                "every " + period.toString().substring(2).toLowerCase(Locale.ROOT),
                zone,
                instant -> Instant.ofEpochMilli((Math.floorDiv(instant.toEpochMilli(), millis) + 1) * millis));
    }

    /**
     * At an hour that the clocks skip it is due right behind the gap, at one that they repeat the first time alone;
     * where the hours are {@code *} or begin with it, in each hour that passes.
     *
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
        boolean everyHour = expression.strip().split("\\s+")[2].startsWith("*");
        // Which has no gaps: what it says is the time on the clocks of the zone.
        cron.setTimeZone(TimeZone.getTimeZone(ZoneOffset.UTC));
        return new Schedule(
                expression,
                zone,
                everyHour
                        ? instant -> nextOfEachHour(cron, zone.getRules(), instant)
                        : instant -> nextByTheClock(cron, zone, instant));
    }

    private static Instant next(CronExpression cron, Instant instant) {
        Date date = cron.getNextValidTimeAfter(Date.from(instant));
        return date == null ? null : date.toInstant();
    }

    /** Change by change of the clocks: between two of them the zone has one offset. */
    private static Instant nextOfEachHour(CronExpression cron, ZoneRules rules, Instant instant) {
        ZoneOffset offset = rules.getOffset(instant);
        ZoneOffsetTransition change = rules.nextTransition(instant);
        Instant behind = instant;
        while (true) {
            Instant clocks = next(cron, behind.plusSeconds(offset.getTotalSeconds()));
            Instant due = clocks == null ? null : clocks.minusSeconds(offset.getTotalSeconds());
            if (due == null || change == null || due.isBefore(change.getInstant())) {
                return due;
            }
            behind = change.getInstant().minusSeconds(1);
            offset = change.getOffsetAfter();
            change = rules.nextTransition(change.getInstant());
        }
    }

    private static Instant nextByTheClock(CronExpression cron, ZoneId zone, Instant instant) {
        Instant clocks = LocalDateTime.ofInstant(instant, zone).toInstant(ZoneOffset.UTC);
        while (true) {
            clocks = next(cron, clocks);
            if (clocks == null) {
                return null;
            }
            LocalDateTime shown = LocalDateTime.ofInstant(clocks, ZoneOffset.UTC);
            ZoneOffsetTransition change = zone.getRules().getTransition(shown);
            // Of a time that is there twice the first.
            Instant due = change != null && change.isGap()
                    ? change.getInstant()
                    : shown.atZone(zone).toInstant();
            if (due.isAfter(instant)) {
                return due;
            }
        }
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
