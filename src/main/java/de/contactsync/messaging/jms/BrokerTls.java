package de.contactsync.messaging.jms;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** The certificates for a broker, from the settings. */
final class BrokerTls {

    private BrokerTls() {}

    /** @throws IOException when a store cannot be read; the message names the setting */
    static SSLContext context(QueueSettings settings) throws IOException {
        try {
            TrustManagerFactory trust = null;
            if (settings.trustStore() != null) {
                trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
                trust.init(load(settings.trustStore(), settings.trustStorePassword(), "contacts.queue.trust-store"));
            }
            KeyManagerFactory keys = null;
            if (settings.keyStore() != null) {
                keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
                keys.init(
                        load(settings.keyStore(), settings.keyStorePassword(), "contacts.queue.key-store"),
                        chars(settings.keyStorePassword()));
            }
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    keys == null ? null : keys.getKeyManagers(), trust == null ? null : trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("contacts.queue.trust-store or .key-store cannot be used: " + e.getMessage(), e);
        }
    }

    private static KeyStore load(Path path, String password, String setting)
            throws IOException, GeneralSecurityException {
        try (InputStream in = Files.newInputStream(path)) {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(in, chars(password));
            return store;
        } catch (IOException e) {
            throw new IOException(
                    setting + " " + path + " cannot be read: " + e.getMessage() + "; check the path and " + setting
                            + "-password",
                    e);
        }
    }

    private static char[] chars(String password) {
        return password == null ? null : password.toCharArray();
    }
}
