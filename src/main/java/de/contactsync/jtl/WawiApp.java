package de.contactsync.jtl;

/**
 * How the app names itself to a JTL-Wawi on its owner's server.
 *
 * @param id      as registered, sent as {@code x-appid}
 * @param version sent as {@code x-appversion}
 * @param scopes  that it registers for, with blanks between them; null: what the API's version calls for
 */
public record WawiApp(String id, String version, String scopes) {}
