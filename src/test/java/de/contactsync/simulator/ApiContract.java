package de.contactsync.simulator;

import com.atlassian.oai.validator.OpenApiInteractionValidator;
import com.atlassian.oai.validator.model.Request;
import com.atlassian.oai.validator.model.SimpleResponse;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.responses.ApiResponses;
import io.swagger.v3.parser.OpenAPIV3Parser;
import io.swagger.v3.parser.core.models.ParseOptions;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;

/** JTL's contract as a check for answers. What it cannot be held to literally is set right in {@link #load()}. */
final class ApiContract {

    private static final String PATH = "/v2/customers/{customerId}/contacts/{customerContactId}";
    private static final String CONTACT = "JTL.Wawi.Rest.Contracts.Models.V1.Customer.CustomerContact";

    private final OpenApiInteractionValidator validator = OpenApiInteractionValidator.createFor(load())
            .withBasePathOverride("/erp")
            .build();

    /** What is wrong with this answer to a contact call; empty when nothing is. */
    List<String> violations(HttpResponse<String> response) {
        SimpleResponse.Builder answer = SimpleResponse.Builder.status(response.statusCode());
        response.headers().map().forEach((name, values) -> answer.withHeader(name, values));
        if (!response.body().isEmpty()) {
            answer.withBody(response.body());
        }
        return validator
                .validateResponse(response.uri().getPath(), Request.Method.GET, answer.build())
                .getMessages()
                .stream()
                .map(message -> message.getKey() + ": " + message.getMessage())
                .toList();
    }

    private static OpenAPI load() {
        ParseOptions resolve = new ParseOptions();
        resolve.setResolve(true);
        OpenAPI api = new OpenAPIV3Parser().read("jtl/get-customer-contact.openapi.yaml", null, resolve);
        correctContact(api.getComponents().getSchemas().get(CONTACT));
        addUndocumentedStatuses(api.getPaths().get(PATH).getGet().getResponses());
        return api;
    }

    /**
     * The required list has names in PascalCase, the properties are in camelCase and no others are allowed: taken
     * literally, no answer can ever be right. What a client needs is the id. No property is declared nullable, but a
     * contact can be created with any subset of the fields, so null is let in for all of them except the id.
     */
    @SuppressWarnings({"rawtypes", "unchecked"}) // the parser's model has raw types
    private static void correctContact(Schema contact) {
        contact.setRequired(List.of("id"));
        Map<String, Schema> properties = contact.getProperties();
        properties.forEach((name, property) -> {
            if (!name.equals("id")) {
                property.setNullable(true);
            }
        });
    }

    /** JTL's guides name further statuses that the contract leaves out; those with a body have an ErrorResponse. */
    private static void addUndocumentedStatuses(ApiResponses responses) {
        ApiResponse error = responses.get("400");
        for (String status : List.of("403", "412", "429")) {
            responses.addApiResponse(status, error);
        }
        responses.addApiResponse("405", new ApiResponse().description("no body"));
    }
}
