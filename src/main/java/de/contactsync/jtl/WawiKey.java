package de.contactsync.jtl;

import de.contactsync.oauth.Credential;
import java.util.Map;

/**
 * The key that a JTL-Wawi on its owner's server gave out to the registered app.
 *
 * @param apiVersion that calls are made with, such as {@code 2.0}
 */
record WawiKey(String key, WawiApp app, String apiVersion) implements Credential {

    @Override
    public Map<String, String> headers() {
        return Map.of(
                "Authorization",
                "Wawi " + key,
                "x-appid",
                app.id(),
                "x-appversion",
                app.version(),
                "api-version",
                apiVersion);
    }

    @Override
    public String secret() {
        return key;
    }

    /** Never the key. */
    @Override
    public String toString() {
        return "WawiKey[" + app.id() + ", " + apiVersion + "]";
    }
}
