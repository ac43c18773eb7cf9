package de.contactsync.simulator;

import io.vertx.core.http.HttpServerRequest;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** Who may call the API, and for which tenant. */
interface ApiGate {

    sealed interface Admission {}

    record Admitted(UUID tenantId, Set<String> scopes) implements Admission {}

    record Refused(Response response) implements Admission {}

    Admission admit(HttpServerRequest request);

    /** Of a customer or a contact; empty when {@code text} is none. */
    default Optional<UUID> id(String text) {
        return Ids.uuid(text).filter(this::has);
    }

    /** Whether its ids are such ones. */
    default boolean has(UUID id) {
        return Ids.number(id).isEmpty();
    }
}
