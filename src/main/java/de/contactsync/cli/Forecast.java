package de.contactsync.cli;

import de.contactsync.imports.RunSummary;
import de.contactsync.resilience.QuotaView;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;

/**
 * When the records of a file will all be done. While calls wait for JTL's quota it decides the pace, and it is known
 * before the first chunk has ended; otherwise the pace is that of the run so far.
 *
 * @param left  records
 * @param quota what decides the pace, or null
 */
record Forecast(long left, QuotaView quota, Instant end) {

    private static final DateTimeFormatter TODAY = DateTimeFormatter.ofPattern("HH:mm");
    private static final DateTimeFormatter LATER = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm");

    /**
     * @param expected  records of the file, below 0 when not known: then there is no forecast
     * @param perSecond records a second that were done in this pass, 0 while none is
     */
    static Optional<Forecast> of(long expected, long done, double perSecond, Optional<QuotaView> quota, Instant now) {
        QuotaView limiting = quota.filter(QuotaView::limiting).orElse(null);
        double pace = limiting != null ? limiting.recordsPerSecond() : perSecond;
        if (expected < 0 || pace <= 0) {
            return Optional.empty();
        }
        long left = Math.max(0, expected - done);
        return Optional.of(new Forecast(left, limiting, now.plusMillis((long) (left / pace * 1_000))));
    }

    /** When a pass would have ended that did not, if it continued now; null when that is not known. */
    static Instant endOf(RunSummary summary, Optional<QuotaView> quota, Instant now) {
        long done = summary.run() == null ? 0 : summary.run().done();
        return of(summary.expected(), done, summary.recordsPerSecond(), quota, now)
                .map(Forecast::end)
                .orElse(null);
    }

    /** Such as {@code 28,412 left, 60 per 60 s, done 14:37}, in the clock's time zone. */
    String text(Clock clock) {
        ZonedDateTime local = end.atZone(clock.getZone());
        boolean today = local.toLocalDate()
                .equals(clock.instant().atZone(clock.getZone()).toLocalDate());
        return String.format(
                Locale.ROOT,
                "%,d left, %sdone %s",
                left,
                quota == null ? "" : pace(quota) + ", ",
                (today ? TODAY : LATER).format(local));
    }

    private static String pace(QuotaView quota) {
        BigDecimal seconds = BigDecimal.valueOf(Math.max(1, quota.interval().toMillis() / 100), 1)
                .stripTrailingZeros();
        return String.format(Locale.ROOT, "%,d per %s s", quota.limit(), seconds.toPlainString());
    }
}
