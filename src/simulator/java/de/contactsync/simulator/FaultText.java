package de.contactsync.simulator;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/** The text form of a {@link Fault}. */
final class FaultText {

    private static final Set<String> NAMES =
            Set.of("status", "body", "connection", "drip", "redirect", "share", "ids", "times", "at");

    private static final String FORMS = "status=200..599, body=" + words(Fault.Body.class) + " (or both), connection="
            + words(Fault.Connection.class) + ", drip=DURATION or redirect=URL; after it, where wanted, share=0..1,"
            + " ids=UUID;UUID, times=N and at=" + words(Fault.Call.class) + ", all separated by commas";

    private FaultText() {}

    static Fault parse(String text) {
        try {
            Map<String, String> parts = split(text);
            int times = number("times", parts.getOrDefault("times", "0"));
            Fault.Call at = constant("at", Fault.Call.class, parts.getOrDefault("at", "contact"));
            return new Fault(effect(parts), share(parts), ids(parts), times, at);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "fault \"" + text + "\" cannot be used: " + e.getMessage() + ". Allowed: " + FORMS, e);
        }
    }

    private static Map<String, String> split(String text) {
        Map<String, String> parts = new LinkedHashMap<>();
        for (String part : text.split(",", -1)) {
            int equals = part.indexOf('=');
            String name = equals < 0 ? part.strip() : part.substring(0, equals).strip();
            if (equals < 0 || !NAMES.contains(name)) {
                throw new IllegalArgumentException("\"" + part + "\" is not NAME=VALUE with a known name");
            }
            if (parts.put(name, part.substring(equals + 1).strip()) != null) {
                throw new IllegalArgumentException(name + " is there twice");
            }
        }
        return parts;
    }

    private static Fault.Effect effect(Map<String, String> parts) {
        Fault.Effect effect = null;
        int effects = 0;
        if (parts.containsKey("status") || parts.containsKey("body")) {
            int status = number("status", parts.getOrDefault("status", "200"));
            String body = parts.get("body");
            effect = new Fault.Answer(status, body == null ? null : constant("body", Fault.Body.class, body));
            effects++;
        }
        if (parts.containsKey("connection")) {
            effect = new Fault.Broken(constant("connection", Fault.Connection.class, parts.get("connection")));
            effects++;
        }
        if (parts.containsKey("drip")) {
            effect = new Fault.Drip(Durations.parse(parts.get("drip")));
            effects++;
        }
        if (parts.containsKey("redirect")) {
            effect = new Fault.Redirect(parts.get("redirect"));
            effects++;
        }
        if (effects != 1) {
            throw new IllegalArgumentException(
                    "it says " + (effects == 0 ? "nothing" : "more than one thing") + " that shall happen");
        }
        return effect;
    }

    private static double share(Map<String, String> parts) {
        String share = parts.getOrDefault("share", "1");
        try {
            return Double.parseDouble(share);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("share \"" + share + "\" is not a number", e);
        }
    }

    private static Set<UUID> ids(Map<String, String> parts) {
        if (!parts.containsKey("ids")) {
            return Set.of();
        }
        return Arrays.stream(parts.get("ids").split(";", -1)).map(FaultText::id).collect(Collectors.toSet());
    }

    private static UUID id(String text) {
        return Ids.uuid(text.strip())
                .orElseThrow(() -> new IllegalArgumentException("\"" + text + "\" in ids is not a UUID"));
    }

    private static int number(String name, String value) {
        try {
            return Integer.parseInt(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(name + " \"" + value + "\" is not a whole number", e);
        }
    }

    private static <E extends Enum<E>> E constant(String name, Class<E> type, String word) {
        return Arrays.stream(type.getEnumConstants())
                .filter(value -> Fault.word(value).equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(name + " \"" + word + "\" is not known"));
    }

    private static <E extends Enum<E>> String words(Class<E> type) {
        return Arrays.stream(type.getEnumConstants()).map(Fault::word).collect(Collectors.joining("|"));
    }
}
