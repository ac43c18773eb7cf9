package de.contactsync.simulator;

import io.vertx.core.http.HttpServerRequest;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** JTL's cloud: a bearer token, and the tenant in a header. */
record CloudGate(TokenStore tokens, ResponseBodies bodies) implements ApiGate {

    @Override
    public Admission admit(HttpServerRequest request) {
        Optional<Set<String>> scopes = bearer(request).flatMap(tokens::scopes);
        if (scopes.isEmpty()) {
            return new Refused(bodies.plain(401, "The access token is missing, unknown or expired.")
                    .with("WWW-Authenticate", "Bearer error=\"invalid_token\""));
        }
        String tenant = request.getHeader("x-tenant-id");
        if (tenant == null) {
            return new Refused(bodies.error(412, "PRECONDITION_FAILED", "The header x-tenant-id is missing."));
        }
        Optional<UUID> tenantId = Ids.uuid(tenant);
        return tenantId.isEmpty()
                ? new Refused(bodies.error(
                        400,
                        "VALIDATION_ERROR",
                        "The sent data is invalid: x-tenant-id is not a uuid.",
                        Map.of("x-tenant-id", "is not a uuid")))
                : new Admitted(tenantId.get(), scopes.get());
    }

    private static Optional<String> bearer(HttpServerRequest request) {
        String header = request.getHeader("Authorization");
        return header != null && header.regionMatches(true, 0, "Bearer ", 0, 7)
                ? Optional.of(header.substring(7).strip())
                : Optional.empty();
    }
}
