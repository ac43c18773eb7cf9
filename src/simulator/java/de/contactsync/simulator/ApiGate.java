package de.contactsync.simulator;

import io.vertx.core.http.HttpServerRequest;
import java.util.Set;
import java.util.UUID;

/** Who may call the API, and for which tenant. */
interface ApiGate {

    sealed interface Admission {}

    record Admitted(UUID tenantId, Set<String> scopes) implements Admission {}

    record Refused(Response response) implements Admission {}

    Admission admit(HttpServerRequest request);
}
