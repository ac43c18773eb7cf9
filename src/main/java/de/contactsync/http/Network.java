package de.contactsync.http;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import org.apache.hc.client5.http.impl.ChainElement;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.ssl.ClientTlsStrategyBuilder;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;

/** The way to other servers: by which proxy, and whose certificates are trusted. Thread-safe. */
public final class Network {

    /** Without a proxy, with the certificates that the JVM trusts. */
    public static final Network DIRECT = new Network(null, null);

    private final ForwardProxy proxy;
    private final TrustedCertificates certificates;
    private TlsSocketStrategy tls;

    /**
     * @param proxy        null: none
     * @param certificates beside those that the JVM trusts; null: none
     */
    public Network(ForwardProxy proxy, TrustedCertificates certificates) {
        this.proxy = proxy;
        this.certificates = certificates;
    }

    /** For people. */
    @Override
    public String toString() {
        return proxy == null ? "calls go out without a proxy" : "calls go out by the proxy " + proxy;
    }

    /** For another protocol than HTTP, with the same certificates. */
    public SSLSocketFactory socketFactory() {
        return TrustedCertificates.context(certificates).getSocketFactory();
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
            SSLContext context = TrustedCertificates.context(certificates);
            tls = ClientTlsStrategyBuilder.create().setSslContext(context).buildClassic();
        }
        return tls;
    }
}
