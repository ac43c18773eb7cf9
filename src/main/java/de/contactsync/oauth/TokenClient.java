package de.contactsync.oauth;

/** One request for a token. Blocks, for no longer than the deadline of the call. */
interface TokenClient extends AutoCloseable {

    TokenResult request();

    @Override
    void close();
}
