package de.contactsync.keyfile;

/** The parts of a contact key, as columns of a CSV file or fields of a JSON object. */
public enum KeyColumn {
    CUSTOMER_ID("customerId"),
    CONTACT_ID("contactId"),
    TENANT_ID("tenantId");

    private static final int LONGEST_NAME = 60;

    private final String title;

    KeyColumn(String title) {
        this.title = title;
    }

    /** Its name in messages. */
    public String title() {
        return title;
    }

    /** @return null when {@code name} means none of them */
    public static KeyColumn of(String name) {
        return switch (name) {
            case "customerId" -> CUSTOMER_ID;
            case "contactId" -> CONTACT_ID;
            case "tenantId" -> TENANT_ID;
            default -> name.length() > LONGEST_NAME ? null : ofWords(name);
        };
    }

    private static KeyColumn ofWords(String name) {
        StringBuilder letters = new StringBuilder(name.length());
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c != '_' && c != '-' && !Character.isWhitespace(c) && !Character.isSpaceChar(c)) {
                letters.append(Character.toLowerCase(c));
            }
        }
        return switch (letters.toString()) {
            case "customerid" -> CUSTOMER_ID;
            case "contactid", "customercontactid" -> CONTACT_ID;
            case "tenantid" -> TENANT_ID;
            default -> null;
        };
    }
}
