package de.contactsync.http;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.Locale;

/** What a person recognises a certificate by: its SHA-256, as browsers and openssl show it. */
public final class CertificateFingerprint {

    private CertificateFingerprint() {}

    /** 64 hexadecimal digits in lower case. */
    public static String of(X509Certificate certificate) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
        } catch (NoSuchAlgorithmException | CertificateEncodingException e) {
            throw new IllegalStateException("a certificate that was received can be encoded", e);
        }
    }

    /** For people: in capitals, with colons. */
    public static String spaced(String fingerprint) {
        return fingerprint.toUpperCase(Locale.ROOT).replaceAll("(..)(?!$)", "$1:");
    }
}
