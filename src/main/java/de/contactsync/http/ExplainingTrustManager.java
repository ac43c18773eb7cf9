package de.contactsync.http;

import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import javax.net.ssl.SSLSession;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Decides as another, and says of a server that is not trusted why, and what helps: {@link UntrustedServerException}.
 */
final class ExplainingTrustManager extends DelegatingTrustManager {

    private static final int MOST_NAMES = 5;

    ExplainingTrustManager(X509ExtendedTrustManager decides) {
        super(decides);
    }

    @Override
    void check(X509Certificate[] chain, SSLSession session, Check others) throws CertificateException {
        try {
            others.run();
        } catch (CertificateException e) {
            throw explained(chain, session, e);
        }
    }

    private static CertificateException explained(X509Certificate[] chain, SSLSession session, CertificateException e) {
        String host = session == null || session.getPeerHost() == null ? "the server" : session.getPeerHost();
        X509Certificate own = chain[0];
        String why;
        if (has(CertificateExpiredException.class, e)) {
            why = "the certificate of " + host + " or of its issuer has expired (its own ends "
                    + own.getNotAfter().toInstant()
                    + "): renew it on that server; if it is current, check the clock of this machine";
        } else if (has(CertificateNotYetValidException.class, e)) {
            why = "the certificate of " + host + " or of its issuer is not valid yet (its own begins "
                    + own.getNotBefore().toInstant() + "): check the clock of this machine";
        } else if (isOfAnotherName(e)) {
            why = "the certificate that " + host + " shows is for " + names(own) + ", not for " + host
                    + ": check the address, and any proxy or name service on the way";
        } else {
            why = "the certificate of " + host + " is not trusted: it was issued by \""
                    + chain[chain.length - 1].getIssuerX500Principal().getName() + "\". If that is your company's own"
                    + " authority, set contacts.trust-store to a file (PEM, PKCS#12 or JKS) with its certificate";
        }
        return new UntrustedServerException(why, e);
    }

    private static boolean has(Class<? extends Exception> type, Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return true;
            }
        }
        return false;
    }

    /** The JDK has no exception of its own for it. */
    private static boolean isOfAnotherName(CertificateException e) {
        String message = String.valueOf(e.getMessage());
        return message.contains("subject alternative") || message.startsWith("No name matching");
    }

    private static String names(X509Certificate certificate) {
        try {
            Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
            if (alternatives != null) {
                return alternatives.stream()
                        .map(alternative -> Objects.toString(alternative.get(1)))
                        .limit(MOST_NAMES)
                        .collect(Collectors.joining(", "));
            }
        } catch (CertificateParsingException e) {
            return "nobody (its names cannot be read)";
        }
        return "\"" + certificate.getSubjectX500Principal().getName() + "\"";
    }
}
