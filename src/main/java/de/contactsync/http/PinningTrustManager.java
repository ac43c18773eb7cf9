package de.contactsync.http;

import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.function.Supplier;
import javax.net.ssl.SSLSession;
import javax.net.ssl.X509ExtendedTrustManager;

/** Accepts one certificate, by its fingerprint, whoever issued it; while there is no fingerprint, decides as another. */
final class PinningTrustManager extends DelegatingTrustManager {

    private final Supplier<String> fingerprint;

    /** @param fingerprint as {@link CertificateFingerprint#of} writes it, or null */
    PinningTrustManager(X509ExtendedTrustManager otherwise, Supplier<String> fingerprint) {
        super(otherwise);
        this.fingerprint = fingerprint;
    }

    /** @return false when no certificate is pinned */
    private boolean isPinned(X509Certificate[] chain) throws CertificateException {
        String expected = fingerprint.get();
        if (expected == null) {
            return false;
        }
        String shown = CertificateFingerprint.of(chain[0]);
        if (!shown.equals(expected)) {
            throw new UntrustedServerException(
                    "the server shows another certificate than the one that was confirmed: its SHA-256 fingerprint is "
                            + CertificateFingerprint.spaced(shown) + ", expected was "
                            + CertificateFingerprint.spaced(expected)
                            + ". If its certificate was renewed, run register again, or set"
                            + " jtl.certificate-fingerprint; if not, somebody stands between",
                    null);
        }
        return true;
    }

    @Override
    void check(X509Certificate[] chain, SSLSession session, Check others) throws CertificateException {
        if (!isPinned(chain)) {
            others.run();
        }
    }
}
