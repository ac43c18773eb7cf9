package de.contactsync.simulator;

import io.vertx.core.http.HttpServerRequest;

/** What the server does in answer to one call, once it has been decided. */
interface Response {

    /** 0 when no HTTP answer is sent. */
    int status();

    void send(HttpServerRequest request);
}
