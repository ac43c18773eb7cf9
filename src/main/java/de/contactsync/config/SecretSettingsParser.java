package de.contactsync.config;

import de.contactsync.persistence.SecretKeys;

/** {@code contacts.secret-key}, which secrets in the database are encrypted with. */
final class SecretSettingsParser {

    private SecretSettingsParser() {}

    static SecretKeys read(SettingsParser read) {
        String key = key(read, ConfigKey.SECRET_KEY);
        String previous = key(read, ConfigKey.SECRET_KEY_PREVIOUS);
        if (previous != null && key == null) {
            read.note(
                    ConfigKey.SECRET_KEY_PREVIOUS,
                    "it is only used for decryption until the command secrets rotate has run: set"
                            + " contacts.secret-key as well");
        }
        return new SecretKeys(key, previous);
    }

    private static String key(SettingsParser read, ConfigKey configKey) {
        return read.parsed(
                configKey,
                "a random text of at least " + SecretKeys.SHORTEST
                        + " characters, such as the output of openssl rand -base64 32",
                value -> value.length() >= SecretKeys.SHORTEST ? value : null);
    }
}
