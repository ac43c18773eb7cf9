package de.contactsync.observability;

import de.contactsync.outbox.Channel;
import de.contactsync.outbox.SentMessages;
import de.contactsync.routes.ChannelRoute;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * At most {@link #MOST} alerts an hour: what waits while there are no more to give goes out as one, later. Used by one
 * thread.
 */
final class StormLimit implements ChannelRoute.Grouping {

    static final int MOST = 12;
    static final Duration WINDOW = Duration.ofHours(1);

    /** The worst first. */
    private static final List<String> SEVERITIES = List.of("error", "warning", "info");

    private final SentMessages sent;

    /** @param sent messages of the last {@link #WINDOW} */
    StormLimit(SentMessages sent) {
        this.sent = sent;
    }

    @Override
    public boolean isFull() {
        return sent.count() >= MOST;
    }

    @Override
    public String whyFull() {
        return "at most " + MOST + " messages an hour go out, and the next holds all that wait";
    }

    @Override
    public List<ChannelRoute.Part> parts(List<Channel.Entry<Map<String, Object>>> entries) {
        int left = MOST - sent.count();
        if (left <= 0) {
            return List.of();
        }
        return entries.size() < left || entries.size() == 1
                ? ChannelRoute.Grouping.NONE.parts(entries)
                : List.of(together(entries));
    }

    @Override
    public void passed(int messages) {
        sent.add(messages);
    }

    private static ChannelRoute.Part together(List<Channel.Entry<Map<String, Object>>> entries) {
        List<Map<String, Object>> alerts =
                entries.stream().map(Channel.Entry::event).toList();
        Set<Object> severities =
                alerts.stream().map(alert -> alert.get("severity")).collect(Collectors.toSet());
        Map<String, Object> event = new LinkedHashMap<>();
        event.put(
                "severity",
                SEVERITIES.stream().filter(severities::contains).findFirst().orElse("info"));
        event.put("kind", "several");
        event.put("subject", alerts.size() + " alerts");
        event.put(
                "text",
                alerts.stream()
                        .map(alert -> "[" + alert.get("severity") + "] " + alert.get("text"))
                        .collect(Collectors.joining("\n")));
        event.put("raisedAt", alerts.get(0).get("raisedAt"));
        event.put("alerts", alerts);
        return new ChannelRoute.Part(entries.stream().map(Channel.Entry::id).toList(), event);
    }
}
