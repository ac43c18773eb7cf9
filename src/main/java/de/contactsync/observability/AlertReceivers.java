package de.contactsync.observability;

import de.contactsync.config.AlertSettings;
import de.contactsync.http.Network;
import de.contactsync.outbox.SentMessages;
import de.contactsync.persistence.Database;
import de.contactsync.routes.ChannelRoute;
import jakarta.mail.MessagingException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Who is notified of alerts by settings alone. */
public final class AlertReceivers implements AutoCloseable {

    private final Map<String, ChannelRoute.Receiver> receivers = new LinkedHashMap<>();
    private final AlertWebhook webhook;

    public AlertReceivers(AlertSettings settings, Network network) {
        webhook = settings.webhook() == null ? null : new AlertWebhook(settings.webhook(), network);
        if (settings.mail() != null) {
            receivers.put("alert-mail", new AlertMail(settings.mail(), network));
        }
        if (webhook != null) {
            receivers.put("alert-webhook", webhook);
        }
    }

    /**
     * Connects to the server and signs in, and sends nothing.
     *
     * @return what was found, for people
     */
    public static String tryMail(AlertSettings.Mail mail, Network network) throws MessagingException {
        new AlertMail(mail, network).verify();
        return "connected to " + mail.host() + ":" + mail.port() + "; not tried: sending from " + mail.from() + " to "
                + String.join(", ", mail.to());
    }

    /** By the names of their channels. */
    public Map<String, ChannelRoute.Receiver> all() {
        return receivers;
    }

    /** As many an hour as a person reads. @param channel by which they go out */
    public static ChannelRoute.Grouping stormLimit(Database database, String channel) {
        return new StormLimit(new SentMessages(database, channel, StormLimit.WINDOW));
    }

    @Override
    public void close() {
        if (webhook != null) {
            webhook.close();
        }
    }
}
