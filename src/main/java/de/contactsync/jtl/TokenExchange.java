package de.contactsync.jtl;

/** One request for a token. Blocks, for no longer than the deadline of the call. */
interface TokenExchange extends AutoCloseable {

    TokenAnswer request();

    @Override
    void close();
}
