package de.contactsync.crm.mapping;

import de.contactsync.model.ContactKey;
import de.contactsync.model.Delivery;
import de.contactsync.model.JtlId;
import de.contactsync.model.TenantNames;
import java.net.IDN;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Contacts that are never sent: by their keys, e-mail addresses or the domains of these. Each is known by the line that
 * names it.
 */
final class BlockList {

    static final BlockList NONE = new BlockList(null);

    private static final String EXPECTED =
            "expected CUSTOMER/CONTACT, CUSTOMER/* for all contacts of a customer, either"
                    + " with the id of a tenant, or the NAME of jtl.tenants.NAME, and / before it, an e-mail address,"
                    + " @example.com for a domain and those below it, or # and a remark";

    /** @param tenant null for any @param contact null for all of the customer */
    private record Blocked(UUID tenant, UUID customer, UUID contact) {}

    private final String file;
    private final Map<Blocked, Integer> keys = new HashMap<>();
    private final Map<String, Integer> addresses = new HashMap<>();
    private final Map<String, Integer> domains = new HashMap<>();

    private BlockList(String file) {
        this.file = file;
    }

    /**
     * @param file    for messages
     * @param tenants that may be named in it
     * @throws MappingException when a line is none of what it may be; without what stands in it
     */
    static BlockList parse(String file, String text, TenantNames tenants) {
        BlockList list = new BlockList(file);
        int line = 0;
        for (String each : text.split("\\R", -1)) {
            line++;
            String entry = Blanks.trim(each);
            if (!entry.isEmpty() && !entry.startsWith("#") && !list.add(entry, line, tenants)) {
                throw new MappingException(file + " line " + line + ": " + EXPECTED);
            }
        }
        return list;
    }

    private boolean add(String entry, int line, TenantNames tenants) {
        if (entry.matches("@[^\\s@]+\\.[^\\s@]+")) {
            domains.putIfAbsent(domain(entry.substring(1)), line);
            return true;
        }
        if (entry.contains("@")) {
            addresses.putIfAbsent(address(entry), line);
            return entry.matches("[^\\s@,;]+@[^\\s@,;]+");
        }
        String[] ids = entry.split("/", -1);
        int first = ids.length - 2;
        if (first != 0 && first != 1) {
            return false;
        }
        Optional<UUID> tenant = first == 0 ? Optional.empty() : tenants.parse(ids[0]);
        Optional<UUID> customer = JtlId.parse(ids[first]);
        boolean all = ids[first + 1].strip().equals("*");
        Optional<UUID> contact = all ? Optional.empty() : JtlId.parse(ids[first + 1]);
        if (customer.isEmpty() || contact.isEmpty() && !all || tenant.isEmpty() && first == 1) {
            return false;
        }
        keys.putIfAbsent(new Blocked(tenant.orElse(null), customer.get(), contact.orElse(null)), line);
        return true;
    }

    /** The file, for messages. */
    String file() {
        return file;
    }

    /** The line that names the contact, or one of the addresses it has; 0 when none does. */
    int line(Delivery delivery) {
        ContactKey key = delivery.key();
        for (UUID tenant : new UUID[] {null, key.tenantId()}) {
            for (UUID contact : new UUID[] {null, key.contactId()}) {
                Integer line = keys.get(new Blocked(tenant, key.customerId(), contact));
                if (line != null) {
                    return line;
                }
            }
        }
        String given = delivery.contact().emailAddress();
        if (given == null || addresses.isEmpty() && domains.isEmpty()) {
            return 0;
        }
        // People write several into the one field, or their names before them.
        for (String each : given.split("[\\s,;<>()\"]+")) {
            int line = each.contains("@") ? lineOf(address(each)) : 0;
            if (line > 0) {
                return line;
            }
        }
        return 0;
    }

    private int lineOf(String address) {
        Integer line = addresses.get(address);
        String domain = address.substring(address.lastIndexOf('@') + 1);
        while (line == null) {
            line = domains.get(domain);
            int dot = domain.indexOf('.');
            if (line == null && dot < 0) {
                return 0;
            }
            domain = domain.substring(dot + 1);
        }
        return line;
    }

    private static String address(String text) {
        String plain = Blanks.trim(text).toLowerCase(Locale.ROOT).replaceFirst("^mailto:", "");
        int at = plain.lastIndexOf('@');
        return plain.substring(0, at + 1) + domain(plain.substring(at + 1));
    }

    /** In one form, also with umlauts. */
    private static String domain(String text) {
        String plain = text.toLowerCase(Locale.ROOT).replaceFirst("\\.$", "");
        try {
            return IDN.toASCII(plain, IDN.ALLOW_UNASSIGNED);
        } catch (IllegalArgumentException e) {
            return plain;
        }
    }
}
