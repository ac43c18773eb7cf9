package de.contactsync.jtl;

import java.util.Locale;

/** The ways in to JTL's API, by their names in {@code jtl.auth}. */
public enum JtlAuth {
    /** A service account of JTL's cloud: the app's own id and secret. */
    CLIENT_CREDENTIALS,
    /** A person has logged in and let the app act for them. */
    AUTHORIZATION_CODE,
    /** JTL-Wawi on a server of its owner, where the app was registered and got a key. */
    WAWI_APP;

    /** As in {@code jtl.auth}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
