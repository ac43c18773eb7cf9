package de.contactsync.http;

import de.contactsync.model.Digest;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Locale;

/** What a person recognises a certificate by: its SHA-256, as browsers and openssl show it. */
public final class CertificateFingerprint {

    private CertificateFingerprint() {}

    /** 64 hexadecimal digits in lower case. */
    public static String of(X509Certificate certificate) {
        try {
            return Digest.of(certificate.getEncoded());
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a certificate that was received can be encoded", e);
        }
    }

    /** For people: in capitals, with colons. */
    public static String spaced(String fingerprint) {
        return fingerprint.toUpperCase(Locale.ROOT).replaceAll("(..)(?!$)", "$1:");
    }
}
