package de.contactsync.http;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.X509ExtendedTrustManager;

/** Leaves to another how a server is looked at, and decides what follows from it. */
abstract class DelegatingTrustManager extends X509ExtendedTrustManager {

    /** How the other looks at a server. */
    interface Check {
        void run() throws CertificateException;
    }

    private final X509ExtendedTrustManager other;

    DelegatingTrustManager(X509ExtendedTrustManager other) {
        this.other = other;
    }

    /**
     * @param session of the handshake; null when it is not known
     * @param others  what the other says of the server
     */
    abstract void check(X509Certificate[] chain, SSLSession session, Check others) throws CertificateException;

    @Override
    public final void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        check(
                chain,
                socket instanceof SSLSocket tls ? tls.getHandshakeSession() : null,
                () -> other.checkServerTrusted(chain, authType, socket));
    }

    @Override
    public final void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        check(chain, engine.getHandshakeSession(), () -> other.checkServerTrusted(chain, authType, engine));
    }

    @Override
    public final void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        check(chain, null, () -> other.checkServerTrusted(chain, authType));
    }

    @Override
    public final void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        other.checkClientTrusted(chain, authType, socket);
    }

    @Override
    public final void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        other.checkClientTrusted(chain, authType, engine);
    }

    @Override
    public final void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        other.checkClientTrusted(chain, authType);
    }

    @Override
    public final X509Certificate[] getAcceptedIssuers() {
        return other.getAcceptedIssuers();
    }
}
