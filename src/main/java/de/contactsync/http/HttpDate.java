package de.contactsync.http;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Locale;

/**
 * The dates of HTTP (RFC 9110, section 5.6.7): the one in use, and two obsolete ones that every recipient must accept.
 * Neither HttpClient nor the JDK reads all three.
 */
public final class HttpDate {

    private static final DateTimeFormatter ASCTIME = formatter(new DateTimeFormatterBuilder()
            .appendPattern("EEE MMM ")
            .padNext(2)
            .appendValue(ChronoField.DAY_OF_MONTH)
            .appendPattern(" HH:mm:ss uuuu"));

    /** A year of two digits is no further ahead. */
    private static final int MOST_YEARS_AHEAD = 50;

    private HttpDate() {}

    /**
     * @param header the value of a header, or null
     * @param now    by which the century of a year of two digits is told
     * @return null when it is no date
     */
    public static Instant parse(String header, Instant now) {
        if (header == null) {
            return null;
        }
        String date = header.strip();
        try {
            return date.contains("-")
                    ? rfc850(date, now.atOffset(ZoneOffset.UTC))
                    : Instant.from((date.contains(",") ? DateTimeFormatter.RFC_1123_DATE_TIME : ASCTIME).parse(date));
        } catch (DateTimeException e) {
            return null;
        }
    }

    private static Instant rfc850(String date, OffsetDateTime now) {
        OffsetDateTime latest = now.plusYears(MOST_YEARS_AHEAD);
        OffsetDateTime parsed = OffsetDateTime.from(formatter(new DateTimeFormatterBuilder()
                        .appendPattern("EEEE, dd-MMM-")
                        .appendValueReduced(ChronoField.YEAR, 2, 2, latest.getYear() - 99)
                        .appendPattern(" HH:mm:ss 'GMT'"))
                .parse(date));
        return (parsed.isAfter(latest) ? parsed.minusYears(100) : parsed).toInstant();
    }

    /** The day of the week, which says nothing that the rest does not, need not agree with it. */
    private static DateTimeFormatter formatter(DateTimeFormatterBuilder parts) {
        return parts.toFormatter(Locale.ENGLISH)
                .withZone(ZoneOffset.UTC)
                .withResolverFields(
                        ChronoField.YEAR,
                        ChronoField.MONTH_OF_YEAR,
                        ChronoField.DAY_OF_MONTH,
                        ChronoField.HOUR_OF_DAY,
                        ChronoField.MINUTE_OF_HOUR,
                        ChronoField.SECOND_OF_MINUTE);
    }
}
