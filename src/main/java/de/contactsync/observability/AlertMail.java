package de.contactsync.observability;

import de.contactsync.config.AlertSettings;
import de.contactsync.http.Network;
import de.contactsync.routes.ChannelRoute;
import jakarta.mail.Address;
import jakarta.mail.Authenticator;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.PasswordAuthentication;
import jakarta.mail.SendFailedException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Date;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends each alert as a mail. */
final class AlertMail implements ChannelRoute.Receiver {

    private static final Logger LOG = LoggerFactory.getLogger(AlertMail.class);

    private static final String CONNECT = "5000";
    private static final String ANSWER = "20000";

    private static final int LONGEST_SUBJECT = 120;

    private final AlertSettings.Mail settings;
    private final Session session;

    AlertMail(AlertSettings.Mail settings, Network network) {
        this.settings = settings;
        Properties properties = new Properties();
        properties.setProperty("mail.smtp.host", settings.host());
        properties.setProperty("mail.smtp.port", Integer.toString(settings.port()));
        properties.setProperty("mail.smtp.connectiontimeout", CONNECT);
        properties.setProperty("mail.smtp.timeout", ANSWER);
        properties.setProperty("mail.smtp.writetimeout", ANSWER);
        // One address that is gone must not keep the alert from the others.
        properties.setProperty("mail.smtp.sendpartial", "true");
        // The server has taken the mail by then: that it says nothing more does not undo it.
        properties.setProperty("mail.smtp.quitwait", "false");
        properties.setProperty("mail.smtp.ssl.checkserveridentity", "true");
        properties.setProperty("mail.smtp.ssl.enable", Boolean.toString(is(AlertSettings.Tls.IMPLICIT)));
        properties.setProperty("mail.smtp.starttls.enable", Boolean.toString(is(AlertSettings.Tls.STARTTLS)));
        // Without it a mail would go in the clear when the server, or who pretends to be it, offers no TLS.
        properties.setProperty("mail.smtp.starttls.required", Boolean.toString(is(AlertSettings.Tls.STARTTLS)));
        properties.setProperty("mail.smtp.auth", Boolean.toString(settings.username() != null));
        if (!is(AlertSettings.Tls.NONE)) {
            properties.put("mail.smtp.ssl.socketFactory", network.socketFactory());
        }
        session = Session.getInstance(properties, new Authenticator() {
            @Override
            protected PasswordAuthentication getPasswordAuthentication() {
                return new PasswordAuthentication(settings.username(), settings.password());
            }
        });
    }

    private boolean is(AlertSettings.Tls tls) {
        return settings.tls() == tls;
    }

    @Override
    public void take(Map<String, Object> alert) throws MessagingException {
        MimeMessage message = new MimeMessage(session);
        message.setFrom(new InternetAddress(settings.from()));
        for (String to : settings.to()) {
            message.addRecipient(Message.RecipientType.TO, new InternetAddress(to));
        }
        String text = (String) alert.get("text");
        message.setSubject(subject(alert, text), StandardCharsets.UTF_8.name());
        message.setText(text + "\n\nSince " + alert.get("raisedAt") + "\n", StandardCharsets.UTF_8.name());
        message.setSentDate(new Date());
        // RFC 3834: nobody is to answer that he is on holiday.
        message.setHeader("Auto-Submitted", "auto-generated");
        try {
            Transport.send(message);
        } catch (SendFailedException e) {
            if (isEmpty(e.getValidSentAddresses())) {
                throw e;
            }
            LOG.warn(
                    "An alert reached only some recipients: the mail server does not accept mail for {}. Correct"
                            + " contacts.alert.mail",
                    Stream.of(e.getInvalidAddresses(), e.getValidUnsentAddresses())
                            .filter(addresses -> !isEmpty(addresses))
                            .flatMap(Arrays::stream)
                            .map(Address::toString)
                            .collect(Collectors.joining(", ")));
        }
    }

    private static boolean isEmpty(Address[] addresses) {
        return addresses == null || addresses.length == 0;
    }

    /** Connects and signs in, and sends nothing. */
    void verify() throws MessagingException {
        try (Transport transport = session.getTransport("smtp")) {
            transport.connect();
        }
    }

    private static String subject(Map<String, Object> alert, String text) {
        String line = "[" + alert.get("severity") + "] jtl-contact-sync: "
                + ("several".equals(alert.get("kind")) ? alert.get("subject") : text);
        String clean = line.replaceAll("\\s+", " ").strip();
        return clean.length() <= LONGEST_SUBJECT ? clean : clean.substring(0, LONGEST_SUBJECT - 1) + "…";
    }
}
