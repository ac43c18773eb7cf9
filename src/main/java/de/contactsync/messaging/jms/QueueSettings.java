package de.contactsync.messaging.jms;

import java.net.URI;
import java.nio.file.Path;

/**
 * How messages come and go over JMS.
 *
 * @param url        of the broker, which speaks AMQP 1.0: {@code amqp} or {@code amqps}, or {@code tcp} or {@code ssl}
 *        for
 *                   an acceptor of Artemis; null for the broker of this process
 * @param port       of this process's broker on 127.0.0.1 for other programs, null when they must not reach it
 * @param maxDiskUsage percent of the disk from which on the broker of this process takes no further messages
 * @param transactions whether the broker has them; without, a message is acknowledged when all that came of it is there
 * @param username   or null
 * @param password   or null
 * @param trustStore certificates that the broker's is checked by, PKCS#12 or JKS; null for those of the JVM
 * @param keyStore   our own certificate for the broker, or null
 * @param consumers  sessions that take messages at the same time
 */
public record QueueSettings(
        URI url,
        Integer port,
        int maxDiskUsage,
        boolean transactions,
        Path directory,
        String username,
        String password,
        Path trustStore,
        String trustStorePassword,
        Path keyStore,
        String keyStorePassword,
        String name,
        int consumers,
        String output,
        String deadLetter) {

    /** The queue that carries parts of files between the processes. */
    public String chunks() {
        return name + ".chunks";
    }

    /** The queue of messages that wait for their tenant. */
    public String held() {
        return name + ".held";
    }

    public boolean isEmbedded() {
        return url == null;
    }

    /** Whether the address is that of an Artemis, in the form of its own client library. */
    public boolean isArtemis() {
        return url != null && (url.getScheme().equals("tcp") || url.getScheme().equals("ssl"));
    }

    public boolean isTls() {
        return url != null && (url.getScheme().equals("ssl") || url.getScheme().equals("amqps"));
    }

    /** For people. */
    public String shownUrl() {
        return isEmbedded()
                ? "this process (" + directory + (port == null ? "" : ", amqp://127.0.0.1:" + port) + ")"
                : url.getScheme() + "://" + url.getAuthority();
    }

    /** As the beginning of a sentence about it. */
    public String broker() {
        return "the broker " + (isEmbedded() ? "of " : "") + shownUrl();
    }

    /** Without the passwords. */
    @Override
    public String toString() {
        return "QueueSettings[" + shownUrl() + "]";
    }
}
