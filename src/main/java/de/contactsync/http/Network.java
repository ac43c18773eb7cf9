package de.contactsync.http;

import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocketFactory;
import org.apache.hc.client5.http.impl.ChainElement;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.ssl.ClientTlsStrategyBuilder;
import org.apache.hc.client5.http.ssl.HostnameVerificationPolicy;
import org.apache.hc.client5.http.ssl.HttpsSupport;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;

/** The way to other servers: by which proxy, and whose certificates are trusted. Thread-safe. */
public final class Network {

    /** Without a proxy, with the certificates that the JVM trusts. */
    public static final Network DIRECT = new Network(null, null);

    private final ForwardProxy proxy;
    private final TrustedCertificates certificates;
    /** Null where no certificate takes the place of a trusted one. */
    private final Supplier<String> fingerprint;

    private TlsSocketStrategy tls;

    /**
     * @param proxy        null: none
     * @param certificates beside those that the JVM trusts; null: none
     */
    public Network(ForwardProxy proxy, TrustedCertificates certificates) {
        this(proxy, certificates, null);
    }

    private Network(ForwardProxy proxy, TrustedCertificates certificates, Supplier<String> fingerprint) {
        this.proxy = proxy;
        this.certificates = certificates;
        this.fingerprint = fingerprint;
    }

    /**
     * The same, to a server that a person has recognised by its certificate.
     *
     * @param fingerprint asked for each connection: SHA-256 in hexadecimal digits of the one certificate that is
     *                    accepted, whoever issued it and whatever name it has; null: one that is trusted
     */
    public Network pinned(Supplier<String> fingerprint) {
        return new Network(proxy, certificates, fingerprint);
    }

    /** For people. */
    @Override
    public String toString() {
        return proxy == null ? "no proxy is used" : "the proxy is " + proxy;
    }

    /** For another protocol than HTTP, with the same certificates. */
    public SSLSocketFactory socketFactory() {
        return TrustedCertificates.context(certificates, fingerprint).getSocketFactory();
    }

    private boolean verify(String host, SSLSession session) {
        return fingerprint.get() != null
                || HttpsSupport.getDefaultHostnameVerifier().verify(host, session);
    }

    void configure(HttpClientBuilder builder) {
        if (proxy != null) {
            proxy.configure(builder);
        } else {
            builder.replaceExecInterceptor(ChainElement.PROTOCOL.name(), new PlainExec());
        }
    }

    /** Made when it is first needed: the JVM's certificates take a tenth of a second to read. */
    synchronized TlsSocketStrategy tls() {
        if (tls == null) {
            SSLContext context = TrustedCertificates.context(certificates, fingerprint);
            ClientTlsStrategyBuilder builder = ClientTlsStrategyBuilder.create().setSslContext(context);
            if (fingerprint != null) {
                // A certificate that was recognised need not have the name that it is reached by.
                builder.setHostVerificationPolicy(HostnameVerificationPolicy.CLIENT)
                        .setHostnameVerifier(this::verify);
            }
            tls = builder.buildClassic();
        }
        return tls;
    }
}
