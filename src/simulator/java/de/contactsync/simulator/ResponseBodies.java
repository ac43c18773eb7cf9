package de.contactsync.simulator;

import com.fasterxml.jackson.core.JsonGenerator;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** The API's answers, with names in JSON as the options say. */
final class ResponseBodies {

    private final boolean pascalCase;

    ResponseBodies(boolean pascalCase) {
        this.pascalCase = pascalCase;
    }

    Buffer contactBody(Map<String, String> fields) {
        return Json.write(json -> {
            json.writeStartObject();
            for (Map.Entry<String, String> field : fields.entrySet()) {
                if (field.getKey().equals("id")) {
                    writeId(json, UUID.fromString(field.getValue()));
                } else {
                    json.writeStringField(name(field.getKey()), field.getValue());
                }
            }
            json.writeEndObject();
        });
    }

    private void writeId(JsonGenerator json, UUID id) throws IOException {
        Optional<Long> number = Ids.number(id);
        if (number.isPresent()) {
            json.writeNumberField(name("id"), number.get());
        } else {
            json.writeStringField(name("id"), id.toString());
        }
    }

    Buffer listBody(List<Map<String, String>> contacts) {
        Buffer body = Buffer.buffer("[");
        for (int i = 0; i < contacts.size(); i++) {
            body.appendString(i == 0 ? "" : ",").appendBuffer(contactBody(contacts.get(i)));
        }
        return body.appendString("]");
    }

    /** A page of customers in JTL's envelope; of each customer its id, and something that nobody here reads. */
    Buffer customersBody(List<UUID> page, int number, int size, int total) {
        int pages = (total + size - 1) / size;
        return Json.write(json -> {
            json.writeStartObject();
            json.writeNumberField(name("totalItems"), total);
            json.writeNumberField(name("pageNumber"), number);
            json.writeNumberField(name("pageSize"), size);
            json.writeNumberField(name("totalPages"), pages);
            json.writeBooleanField(name("hasPreviousPage"), number > 1);
            json.writeBooleanField(name("hasNextPage"), number < pages);
            json.writeArrayFieldStart(name("items"));
            for (UUID customer : page) {
                json.writeStartObject();
                writeId(json, customer);
                json.writeStringField(name("number"), "K" + customer.toString().substring(0, 8));
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    /** JTL's ErrorResponse without the parts that may be left out. */
    BufferedResponse error(int status, String code, String message) {
        return error(status, code, message, Map.of());
    }

    /** @param errors what is wrong, by parameter */
    BufferedResponse error(int status, String code, String message, Map<String, String> errors) {
        return BufferedResponse.json(status, Json.write(json -> {
            json.writeStartObject();
            json.writeStringField(name("errorCode"), code);
            json.writeStringField(name("errorMessage"), message);
            if (!errors.isEmpty()) {
                json.writeObjectFieldStart(name("errors"));
                for (Map.Entry<String, String> error : errors.entrySet()) {
                    json.writeArrayFieldStart(error.getKey());
                    json.writeString(error.getValue());
                    json.writeEndArray();
                }
                json.writeEndObject();
            }
            json.writeEndObject();
        }));
    }

    /** 401 and 402 have JSON bodies that are not an ErrorResponse: the contract gives them no schema. */
    BufferedResponse plain(int status, String message) {
        return BufferedResponse.json(status, Json.object(Map.of("message", message)));
    }

    /** The body that such a status usually has. */
    BufferedResponse usual(int status) {
        if (status < 300 || status == 304) {
            return BufferedResponse.empty(status);
        }
        return switch (status) {
            case 401, 402 -> plain(status, "simulated fault");
            case 404 -> notFound();
            case 502, 503, 504 -> BufferedResponse.html(status);
            default -> error(status, "SIMULATED_FAULT", "This answer was asked for by a fault rule.");
        };
    }

    BufferedResponse notFound() {
        return error(404, "NOT_FOUND", "No contact with the given ID exists.");
    }

    /** As this API writes it. */
    String name(String camelCase) {
        return pascalCase ? Character.toUpperCase(camelCase.charAt(0)) + camelCase.substring(1) : camelCase;
    }
}
