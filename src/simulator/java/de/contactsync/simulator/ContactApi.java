package de.contactsync.simulator;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** Decides what the API answers. Checks come in the order of a gateway: path, method, quota, token, headers, ids. */
final class ContactApi {

    /** RFC 9110, section 5.6.7: unlike in Java's format of RFC 1123, each day has two digits. */
    private static final DateTimeFormatter HTTP_DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM uuuu HH:mm:ss 'GMT'", Locale.ROOT);

    private final ContactStore book;
    private final ApiGate gate;
    private final Optional<RateLimit> limit;
    private final FaultPlan faultPlan;
    private final FaultResponses faultResponses;
    private final ResponseBodies responseBodies;
    private final CallCounters callCounters;

    ContactApi(
            ContactStore book,
            ApiGate gate,
            Optional<RateLimit> limit,
            FaultPlan faultPlan,
            FaultResponses faultResponses,
            ResponseBodies responseBodies,
            CallCounters callCounters) {
        this.book = book;
        this.gate = gate;
        this.limit = limit;
        this.faultPlan = faultPlan;
        this.faultResponses = faultResponses;
        this.responseBodies = responseBodies;
        this.callCounters = callCounters;
    }

    /** Sets the quota headers too: they belong to every answer of the API. */
    Response answer(HttpServerRequest request, ApiPath path) {
        if (path instanceof ApiPath.Contact contact) {
            callCounters.contactCall(gate.id(contact.customerId()), gate.id(contact.contactId()));
        } else if (path instanceof ApiPath.Contacts) {
            callCounters.listCall();
        }
        if (limit.isPresent() && !limit.get().admit(request.response())) {
            return responseBodies.error(429, "TOO_MANY_REQUESTS", "The quota is used up.");
        }
        if (path instanceof ApiPath.Contact || !(path instanceof ApiPath.Unknown) && book.hasLists()) {
            return request.method() == HttpMethod.GET
                    ? checked(request, path)
                    : BufferedResponse.empty(405).with("Allow", "GET");
        }
        return BufferedResponse.html(404);
    }

    private Response checked(HttpServerRequest request, ApiPath path) {
        ApiGate.Admission admission = gate.admit(request);
        if (admission instanceof ApiGate.Refused refused) {
            return refused.response();
        }
        ApiGate.Admitted admitted = (ApiGate.Admitted) admission;
        if (!(path instanceof ApiPath.OfCustomer ofCustomer)) {
            return onBehalf(request, admitted.scopes()).orElseGet(() -> customers(request, admitted.tenantId()));
        }
        Optional<UUID> customerId = gate.id(ofCustomer.customerId());
        if (customerId.isEmpty()) {
            return invalid("customerId", "is not a valid id");
        }
        if (!(path instanceof ApiPath.Contact contact)) {
            return onBehalf(request, admitted.scopes())
                    .orElseGet(() -> contacts(admitted.tenantId(), customerId.get()));
        }
        Optional<UUID> contactId = gate.id(contact.contactId());
        if (contactId.isEmpty()) {
            return invalid("customerContactId", "is not a valid id");
        }
        return onBehalf(request, admitted.scopes())
                .orElseGet(() -> contact(admitted.tenantId(), customerId.get(), contactId.get()));
    }

    /** @return why the call may not be made on somebody's behalf; empty when it may, or does not ask to */
    private Optional<Response> onBehalf(HttpServerRequest request, Set<String> scopes) {
        String runAs = request.getHeader("x-runas");
        if (runAs != null && !scopes.contains("application.runas")) {
            return Optional.of(responseBodies.error(403, "FORBIDDEN", "x-runas needs the scope application.runas."));
        }
        if (runAs != null && !Ids.isIntOrUuid(runAs)) {
            return Optional.of(invalid("x-runas", "is neither an int nor a uuid"));
        }
        String companyId = request.getHeader("x-companyid");
        if (companyId != null && !Ids.isIntOrUuid(companyId)) {
            return Optional.of(invalid("x-companyid", "is neither an int nor a uuid"));
        }
        return Optional.empty();
    }

    private Response contact(UUID tenantId, UUID customerId, UUID contactId) {
        FaultResponses.Goods contact =
                change -> responseBodies.contactBody(change.apply(book.contact(tenantId, customerId, contactId)));
        return fault(contactId, contact)
                .orElseGet(() -> book.exists(tenantId, customerId, contactId)
                        ? BufferedResponse.json(200, contact.body())
                        : responseBodies.notFound());
    }

    private Response contacts(UUID tenantId, UUID customerId) {
        FaultResponses.Goods contacts = change -> responseBodies.listBody(
                book.contacts(tenantId, customerId).stream().map(change).toList());
        return fault(customerId, contacts).orElseGet(() -> BufferedResponse.json(200, contacts.body()));
    }

    private Response customers(HttpServerRequest request, UUID tenantId) {
        int number = number(request.getParam("pageNumber"), 1);
        int size = number(request.getParam("pageSize"), 100);
        if (number < 1 || size < 1 || size > 1_000) {
            return invalid(number < 1 ? "pageNumber" : "pageSize", "is out of range");
        }
        Optional<Instant> since;
        try {
            since = Optional.ofNullable(request.getParam("lastChangeFrom")).map(Instant::parse);
        } catch (DateTimeParseException e) {
            return invalid("lastChangeFrom", "is not a date");
        }
        List<UUID> all =
                since.map(from -> book.customersChangedSince(tenantId, from)).orElseGet(book::customers).stream()
                        .filter(gate::has)
                        .toList();
        int from = (int) Math.min(all.size(), (number - 1L) * size);
        int to = Math.min(all.size(), from + size);
        return BufferedResponse.json(200, responseBodies.customersBody(all.subList(from, to), number, size, all.size()))
                .with("Date", HTTP_DATE.format(ZonedDateTime.now(ZoneOffset.UTC)));
    }

    /** -1 when it is none. */
    private static int number(String text, int otherwise) {
        return text == null ? otherwise : text.matches("\\d{1,9}") ? Integer.parseInt(text) : -1;
    }

    private Optional<Response> fault(UUID id, FaultResponses.Goods goods) {
        return faultPlan.next(id).map(effect -> {
            callCounters.fault();
            return faultResponses.answer(effect, id, goods);
        });
    }

    private BufferedResponse invalid(String parameter, String problem) {
        return responseBodies.error(
                400,
                "VALIDATION_ERROR",
                "The sent data is invalid: " + parameter + " " + problem + ".",
                Map.of(parameter, problem));
    }
}
