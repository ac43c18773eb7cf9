package de.contactsync.http;

import java.io.IOException;
import org.apache.hc.core5.http.HttpHost;

/** The proxy did not connect us to the server; the message says what it answered and what helps. */
public final class ProxyRefusedException extends IOException {

    private static final long serialVersionUID = 1;

    /** It cannot be reached itself. */
    ProxyRefusedException(HttpHost proxy, IOException cause) {
        super(
                "the proxy " + proxy.toHostString() + " is out of reach (" + cause.getMessage()
                        + "): check contacts.proxy, or HTTPS_PROXY",
                cause);
    }

    ProxyRefusedException(int status) {
        super("the proxy refused to connect with status " + status + ": "
                + switch (status) {
                    // Tinyproxy answers wrong credentials with 401.
                    case 401, 407 -> "check contacts.proxy.username and contacts.proxy.password";
                    case 400, 403, 405 -> "have the server allowed there, or name it in contacts.proxy.bypass";
                    default -> "the server is out of reach for it, or contacts.proxy is none that connects";
                });
    }
}
