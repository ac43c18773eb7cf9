package de.contactsync.oauth;

import java.util.Map;

/** What a call shows an API to be let in. */
public interface Credential {

    /** The headers that carry it, by name. */
    Map<String, String> headers();

    /** What must show neither in logs nor in what is kept of an answer that quotes it. */
    String secret();
}
