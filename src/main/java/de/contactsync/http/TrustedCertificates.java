package de.contactsync.http;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/** Certificates that are trusted beside those of the JVM: a company's own authorities, or single servers. */
public final class TrustedCertificates {

    private static final Pattern PEM = Pattern.compile(
            "-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----.+?-----END (?:TRUSTED |X509 )?CERTIFICATE-----",
            Pattern.DOTALL);

    private static final Pattern PRIVATE_KEY = Pattern.compile("-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----");

    private final List<X509Certificate> certificates;

    private TrustedCertificates(List<X509Certificate> certificates) {
        this.certificates = List.copyOf(certificates);
    }

    /**
     * Reads a file in PKCS#12, JKS, PEM or DER.
     *
     * @param password null where the file has none
     * @throws IOException whose message says for a person what is wrong with the file
     */
    public static TrustedCertificates read(Path file, String password) throws IOException {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (IOException e) {
            throw new IOException(
                    file + " cannot be read: " + (Files.exists(file) ? e.getMessage() : "there is no such file"), e);
        }
        List<X509Certificate> found;
        try {
            String text = new String(bytes, StandardCharsets.ISO_8859_1);
            boolean pem = PEM.matcher(text).find();
            if (!pem && PRIVATE_KEY.matcher(text).find()) {
                throw new IOException(file + " holds a private key and no certificate: name the file with the"
                        + " authority's certificate (-----BEGIN CERTIFICATE-----), and keep the key to its server");
            }
            found = pem ? pem(text) : keyStore(file, bytes, password);
        } catch (GeneralSecurityException e) {
            throw new IOException(file + " is not a PKCS#12, JKS or PEM file with certificates: " + e.getMessage(), e);
        }
        if (found.isEmpty()) {
            throw new IOException(file + " holds no trusted certificate"
                    + (password == null ? " that can be read without contacts.trust-store.password" : "")
                    + ": put one in with keytool -importcert, or use a PEM file");
        }
        return new TrustedCertificates(found);
    }

    private static List<X509Certificate> pem(String text) throws GeneralSecurityException {
        List<X509Certificate> found = new ArrayList<>();
        for (String block :
                PEM.matcher(text).results().map(result -> result.group()).toList()) {
            found.addAll(certificates(block.getBytes(StandardCharsets.ISO_8859_1)));
        }
        return found;
    }

    private static List<X509Certificate> certificates(byte[] encoded) throws GeneralSecurityException {
        List<X509Certificate> found = new ArrayList<>();
        for (Certificate certificate :
                CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(encoded))) {
            found.add((X509Certificate) certificate);
        }
        return found;
    }

    private static List<X509Certificate> keyStore(Path file, byte[] bytes, String password)
            throws IOException, GeneralSecurityException {
        KeyStore store;
        try {
            store = KeyStore.getInstance(file.toFile(), password == null ? null : password.toCharArray());
        } catch (KeyStoreException e) {
            // Of no type that the JVM knows: what is left is a plain certificate.
            return certificates(bytes);
        } catch (IOException e) {
            throw e.getCause() instanceof UnrecoverableKeyException
                    ? new IOException(file + ": the password is wrong", e)
                    : new IOException(file + " cannot be read: " + e.getMessage(), e);
        }
        List<X509Certificate> found = new ArrayList<>();
        for (String alias : Collections.list(store.aliases())) {
            if (store.isCertificateEntry(alias) && store.getCertificate(alias) instanceof X509Certificate certificate) {
                found.add(certificate);
            }
        }
        return found;
    }

    /**
     * @param added       null: only those of the JVM are trusted
     * @param fingerprint of the one certificate that is accepted instead, if it has one; null: none
     */
    static SSLContext context(TrustedCertificates added, Supplier<String> fingerprint) {
        try {
            X509ExtendedTrustManager trusted = manager(null);
            if (added != null) {
                KeyStore both = KeyStore.getInstance(KeyStore.getDefaultType());
                try {
                    both.load(null, null);
                } catch (IOException e) {
                    throw new GeneralSecurityException(e);
                }
                List<X509Certificate> all = new ArrayList<>(List.of(trusted.getAcceptedIssuers()));
                all.addAll(added.certificates);
                for (int i = 0; i < all.size(); i++) {
                    both.setCertificateEntry("ca-" + i, all.get(i));
                }
                trusted = manager(both);
            }
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {manager(trusted, fingerprint)}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM has no TLS", e);
        }
    }

    private static TrustManager manager(X509ExtendedTrustManager trusted, Supplier<String> fingerprint) {
        ExplainingTrustManager explaining = new ExplainingTrustManager(trusted);
        return fingerprint == null ? explaining : new PinningTrustManager(explaining, fingerprint);
    }

    /** @param store null: what the JVM trusts, {@code -Djavax.net.ssl.trustStore} included */
    private static X509ExtendedTrustManager manager(KeyStore store) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509ExtendedTrustManager extended) {
                return extended;
            }
        }
        throw new GeneralSecurityException("no X.509 trust manager");
    }
}
