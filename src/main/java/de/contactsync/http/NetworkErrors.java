package de.contactsync.http;

import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.zip.ZipException;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.ConnectionRequestTimeoutException;
import org.apache.hc.core5.http.MessageConstraintException;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.apache.hc.core5.http.TruncatedChunkException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is said of a call that ended without an answer. */
public final class NetworkErrors {

    private static final Logger LOG = LoggerFactory.getLogger(NetworkErrors.class);

    private NetworkErrors() {}

    /** Whether nothing was sent, so that it cannot be about what was to be sent. */
    public static boolean isUnconnected(IOException e) {
        return e instanceof ConnectException
                || e instanceof NoRouteToHostException
                || e instanceof UnknownHostException
                || e instanceof SSLException
                || e instanceof ProxyRefusedException
                || e instanceof ConnectTimeoutException
                || e instanceof ConnectionRequestTimeoutException;
    }

    /** Whether the server's certificate is not accepted: the next try would meet the same one. */
    public static boolean isUntrusted(Throwable e) {
        return untrusted(e) != null;
    }

    /** Why the server's certificate is not accepted, with the remedy; null where it is not about that. */
    public static String untrusted(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof UntrustedServerException untrusted) {
                return untrusted.getMessage();
            }
        }
        return null;
    }

    /** As {@link #describe(IOException, String)}, behind {@code noAnswer} and a colon unless an answer was too long. */
    public static String describe(IOException e, String keys, String noAnswer) {
        String problem = describe(e, keys);
        return e instanceof ResponseTooLargeException ? problem : noAnswer + ": " + problem;
    }

    /**
     * For people, so without names of classes. Of texts only those that report the network: a parser's may quote the
     * answer, and with it a contact.
     *
     * @param keys what the keys of the time limits begin with, such as {@code contacts.crm}
     */
    public static String describe(IOException e, String keys) {
        String untrusted = untrusted(e);
        if (untrusted != null) {
            return untrusted;
        }
        if (e instanceof SSLException && e.getMessage() != null) {
            return "no TLS connection (" + e.getMessage() + "): check that the address is one for https";
        }
        if (e instanceof ConnectTimeoutException) {
            return "no connection within " + keys + ".connect-timeout (" + e.getMessage() + ")";
        }
        if (e instanceof SocketTimeoutException) {
            return "the connection was established, but no data arrived within " + keys + ".response-timeout";
        }
        if (e instanceof ZipException) {
            return "an answer that says it is compressed (gzip) and cannot be unpacked";
        }
        if (e instanceof NoHttpResponseException) {
            return "the connection was closed before an answer came";
        }
        if (e instanceof ConnectionClosedException
                || e instanceof EOFException
                || e instanceof TruncatedChunkException) {
            return "the connection was closed in the middle of the answer";
        }
        if (e instanceof MessageConstraintException) {
            return "an answer with too many or too long headers: look for a proxy that adds them";
        }
        boolean network = e instanceof SocketException
                || e instanceof UnknownHostException
                || e instanceof InterruptedIOException
                || e instanceof ProxyRefusedException
                || e instanceof ResponseTooLargeException;
        if (network && e.getMessage() != null) {
            return e.getMessage();
        }
        LOG.debug("a call ended without an answer that can be read", e);
        // The rest are breaches of HTTP: malformed heads, chunks and lengths.
        return "an answer that is not valid HTTP: check the address and its port, and look for a proxy in between";
    }
}
