package de.contactsync.http;

import java.security.cert.CertificateException;

/** A server whose certificate is not accepted; the message names the certificate and the remedy. */
final class UntrustedServerException extends CertificateException {

    private static final long serialVersionUID = 1;

    UntrustedServerException(String message, CertificateException cause) {
        super(message, cause);
    }
}
