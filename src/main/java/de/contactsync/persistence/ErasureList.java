package de.contactsync.persistence;

import de.contactsync.model.ContactKey;
import de.contactsync.model.Digest;
import de.contactsync.model.JtlId;
import de.contactsync.model.KeyEntry;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The table {@code forgotten}: whom nothing is stored of any more, known by a salted hash alone. */
final class ErasureList {

    /** The kind of a uuid whatever it is of, and whatever its tenant: a line that is not a key may name neither. */
    static final String ANYWHERE = "anywhere";

    private static final Pattern UUID_TEXT =
            Pattern.compile("\\p{XDigit}{8}([\\p{Pd}−]?\\p{XDigit}{4}){3}[\\p{Pd}−]?\\p{XDigit}{12}");

    private static final String SALT = "SELECT salt FROM forgotten_salt";

    private ErasureList() {}

    /** Of {@code contact} or {@code customer} ids, each with its tenant: SHA-256 in hexadecimal digits. */
    static String hash(Connection connection, String kind, UUID tenantId, UUID id) throws SQLException {
        return hash(salt(connection), kind, tenantId, id);
    }

    private static String hash(String salt, String kind, UUID tenantId, UUID id) {
        return Digest.of(salt + "/" + kind + "/" + tenantId + "/" + id);
    }

    private static String salt(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(SALT);
                ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getString(1);
        }
    }

    /** As {@link #among}; whoever is remembered from here on is so after the end of this transaction. */
    static Set<ContactKey> amongLocked(Connection connection, Dialect dialect, Collection<ContactKey> keys)
            throws SQLException {
        dialect.lockForgotten(connection, false);
        return among(connection, keys);
    }

    /** Those of the keys that are to be forgotten, by their contact or their customer. */
    static Set<ContactKey> among(Connection connection, Collection<ContactKey> keys) throws SQLException {
        if (keys.isEmpty() || !any(connection)) {
            return Set.of();
        }
        String salt = salt(connection);
        Map<String, Set<ContactKey>> byHash = new HashMap<>();
        for (ContactKey key : keys) {
            for (String hash : List.of(
                    hash(salt, "contact", key.tenantId(), key.contactId()),
                    hash(salt, "customer", key.tenantId(), key.customerId()))) {
                byHash.computeIfAbsent(hash, h -> new HashSet<>()).add(key);
            }
        }
        Set<ContactKey> forgotten = new HashSet<>();
        try (PreparedStatement statement = connection.prepareStatement("SELECT hash FROM forgotten WHERE hash IN ("
                + String.join(", ", Collections.nCopies(byHash.size(), "?")) + ")")) {
            int parameter = 1;
            for (String hash : byHash.keySet()) {
                statement.setString(parameter++, hash);
            }
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    forgotten.addAll(byHash.get(row.getString(1)));
                }
            }
        }
        return forgotten;
    }

    /**
     * The uuids in a text, in whichever form they are written. Not numbers: many customers and contacts of many tenants
     * share the same one, so outside a key it identifies nobody.
     */
    static Set<UUID> uuidsIn(String text) {
        return UUID_TEXT
                .matcher(text)
                .results()
                .flatMap(found -> ContactKey.parseUuid(found.group()).stream())
                .filter(id -> !JtlId.isNumber(id))
                .collect(Collectors.toSet());
    }

    /** Those of the records that are not keys, but hold the uuid of somebody who is to be forgotten, of any tenant. */
    static Set<KeyEntry.Invalid> mentioning(Connection connection, Collection<KeyEntry.Invalid> entries)
            throws SQLException {
        if (entries.isEmpty() || !any(connection)) {
            return Set.of();
        }
        String salt = salt(connection);
        Set<KeyEntry.Invalid> mentioning = new HashSet<>();
        try (PreparedStatement statement = connection.prepareStatement("SELECT 1 FROM forgotten WHERE hash = ?")) {
            for (KeyEntry.Invalid entry : entries) {
                for (UUID id : uuidsIn(entry.raw())) {
                    statement.setString(1, hash(salt, ANYWHERE, null, id));
                    try (ResultSet row = statement.executeQuery()) {
                        if (row.next()) {
                            mentioning.add(entry);
                        }
                    }
                }
            }
        }
        return mentioning;
    }

    private static boolean any(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT 1 FROM forgotten LIMIT 1");
                ResultSet row = statement.executeQuery()) {
            return row.next();
        }
    }
}
