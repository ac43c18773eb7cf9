package de.contactsync.http;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.core5.http.ConnectionRequestTimeoutException;
import org.apache.hc.core5.http.MessageConstraintException;
import org.apache.hc.core5.http.NoHttpResponseException;

/** What is said of a call that ended without an answer. */
public final class NetworkErrors {

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

    /**
     * Only texts that report the network: a parser's may quote the answer, and with it a contact.
     *
     * @param keys what the keys of the time limits begin with, such as {@code contacts.crm}
     */
    public static String describe(IOException e, String keys) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof UntrustedServerException) {
                return cause.getMessage();
            }
        }
        if (e instanceof SSLException && e.getMessage() != null) {
            return "no TLS connection (" + e.getMessage() + "): check that the address is one for https";
        }
        if (e instanceof ConnectTimeoutException) {
            return "no connection for as long as " + keys + ".connect-timeout allows (" + e.getMessage() + ")";
        }
        if (e instanceof SocketTimeoutException) {
            return "the connection was made, but nothing came for as long as " + keys + ".response-timeout allows";
        }
        boolean network = e instanceof SocketException
                || e instanceof UnknownHostException
                || e instanceof InterruptedIOException
                || e instanceof NoHttpResponseException
                || e instanceof ProxyRefusedException
                || e instanceof ResponseTooLargeException
                || e instanceof MessageConstraintException;
        return network && e.getMessage() != null ? e.getMessage() : e.getClass().getSimpleName();
    }
}
