package de.contactsync.http;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** Asks a server for its certificate and hangs up, so that a person can look at it before anything is sent. */
public final class CertificateProbe {

    private CertificateProbe() {}

    /** @throws IOException when the server cannot be reached, or shows none */
    public static X509Certificate certificate(URI server, Duration timeout) throws IOException {
        AtomicReference<X509Certificate> shown = new AtomicReference<>();
        int port = server.getPort() < 0 ? 443 : server.getPort();
        try (Socket plain = new Socket()) {
            plain.connect(new InetSocketAddress(server.getHost(), port), (int) timeout.toMillis());
            plain.setSoTimeout((int) timeout.toMillis());
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new Looking(shown)}, null);
            try (SSLSocket tls =
                    (SSLSocket) context.getSocketFactory().createSocket(plain, server.getHost(), port, true)) {
                tls.startHandshake();
            } catch (IOException e) {
                if (shown.get() == null) {
                    throw e;
                }
            }
        } catch (GeneralSecurityException e) {
            throw new IOException("this JVM has no TLS", e);
        }
        return shown.get();
    }

    /** Trusts nobody. */
    private record Looking(AtomicReference<X509Certificate> shown) implements X509TrustManager {

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            shown.set(chain[0]);
            throw new CertificateException("only looked at");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            throw new CertificateException("no server");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
