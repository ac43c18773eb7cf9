package de.contactsync.crm;

/**
 * @param path begins with a slash; never made of a contact's data
 * @param body JSON, or null
 */
record CrmRequest(String method, String path, byte[] body) {

    /** Without the body, which holds contacts: Camel logs what it hands to a bean. */
    @Override
    public String toString() {
        return method + " " + path;
    }
}
