package de.contactsync.config;

import de.contactsync.crm.AcceptedTypes;
import de.contactsync.crm.CrmSettings.Gone;
import de.contactsync.crm.CrmSettings.Match;
import de.contactsync.crm.mapping.NullHandling;
import de.contactsync.crm.rest.BodyFormat;
import de.contactsync.crm.rest.HeaderTemplates;
import de.contactsync.crm.rest.RequestTemplate;
import de.contactsync.crm.rest.RestExisting;
import de.contactsync.crm.rest.RestKey;
import de.contactsync.crm.rest.RestMode;
import de.contactsync.crm.rest.RestSettings;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** The settings under {@code contacts.crm.rest.}. */
final class RestSettingsParser {

    /** Also with a suffix (RFC 6839) and with parameters, such as a profile. */
    private static final String JSON_TYPE = "(?i)(application|text)/([a-z0-9.!#$&^_-]+\\+)?json(;[ -~]+)?";

    private final SettingsParser read;
    private final URI baseUrl;
    private final boolean wanted;
    private final RestPointers pointers;

    private RestSettingsParser(SettingsParser read, URI baseUrl, boolean wanted) {
        this.baseUrl = baseUrl;
        this.read = read;
        this.wanted = wanted;
        this.pointers = new RestPointers(read);
    }

    /**
     * @param baseUrl null when it is not set, or wrong
     * @param wanted  whether the CRM is a sink
     */
    static RestSettings read(SettingsParser read, URI baseUrl, boolean wanted, Gone gone, Match match) {
        return new RestSettingsParser(read, baseUrl, wanted).settings(gone, match);
    }

    private RestSettings settings(Gone gone, Match match) {
        RestMode mode = RestModeParser.read(read);
        if (match == Match.EMAIL && mode instanceof RestMode.FindThenWrite) {
            read.required(ConfigKey.REST_FIND_BY_EMAIL);
        } else if (match == Match.EMAIL && mode != null) {
            read.note(ConfigKey.CRM_MATCH, "email requires contacts.crm.rest.mode=find-then-write");
        } else if (match == Match.KEY && read.isGiven(ConfigKey.REST_FIND_BY_EMAIL)) {
            read.note(ConfigKey.REST_FIND_BY_EMAIL, "it is used only with contacts.crm.match=email: set that as well");
        }
        RestAuthParser auth = new RestAuthParser(read, baseUrl, wanted, mode);
        NullHandling nullHandling = new NullHandling(rule(ConfigKey.REST_NULL, mode), rule(ConfigKey.REST_EMPTY, mode));
        RequestTemplate delete = read.explained(ConfigKey.REST_DELETE, RequestTemplate::deleting);
        if (gone == Gone.DELETE && delete == null) {
            read.required(ConfigKey.REST_DELETE);
        }
        return new RestSettings(
                mode,
                delete,
                read.explained(ConfigKey.REST_CHECK, RequestTemplate::checking),
                headers(!(mode instanceof RestMode.Batch)),
                read.explained(ConfigKey.REST_KEY, RestKey::parse),
                nullHandling,
                "null"
                        .equals(read.parsed(
                                ConfigKey.REST_CLEAR,
                                "null or text",
                                value -> value.matches("null|text") ? value : null)),
                RestAnswerParser.read(read),
                auth.credential(),
                auth.secrets(),
                auth.client(),
                read.rate(ConfigKey.REST_RATE),
                read.number(ConfigKey.REST_IN_FLIGHT, 1, 32),
                pauses(),
                accepts(),
                read.parsed(
                        ConfigKey.REST_CONTENT_TYPE,
                        "a media type of JSON such as application/vnd.api+json, or " + BodyFormat.FORM_TYPE,
                        value -> value.matches(JSON_TYPE) || BodyFormat.of(value) == BodyFormat.FORM ? value : null),
                existing(gone, mode, delete),
                steps());
    }

    private List<String> steps() {
        List<String> steps = read.parsed(
                ConfigKey.REST_STEPS,
                "names of steps in mapping/rest.yaml such as phone,company",
                text -> RestModeParser.words(text) == null
                        ? null
                        : Stream.of(text.split(","))
                                .map(String::strip)
                                .distinct()
                                .toList());
        return steps == null ? List.of() : steps;
    }

    private RestExisting existing(Gone gone, RestMode mode, RequestTemplate delete) {
        RequestTemplate read = this.read.explained(ConfigKey.REST_READ, RequestTemplate::reading);
        boolean blind = gone == Gone.DELETE && delete != null && delete.needsRemoteId() && read == null;
        if (blind && mode != null && !(mode instanceof RestMode.FindThenWrite)) {
            this.read.note(
                    ConfigKey.REST_READ,
                    "contacts.crm.rest.delete names the record by its id: set the call that reads it, such as GET"
                            + " /api/contacts/{remoteId}, so that only a record with the contact's key is deleted");
        }
        if (read == null && this.read.isGiven(ConfigKey.REST_MERGED_INTO)) {
            this.read.note(
                    ConfigKey.REST_MERGED_INTO,
                    "it is read from the response to contacts.crm.rest.read: set that as well");
        }
        return new RestExisting(
                this.read.parsed(
                        ConfigKey.REST_GONE,
                        "statuses and error codes such as 404,410,NOT_FOUND",
                        RestModeParser::words),
                read,
                pointers.pointer(ConfigKey.REST_READ_KEY),
                pointers.value(ConfigKey.REST_MERGED_INTO));
    }

    private AcceptedTypes accepts() {
        AcceptedTypes accepts = read.explained(ConfigKey.REST_ACCEPTS, AcceptedTypes::parse);
        return accepts == null ? AcceptedTypes.JSON : accepts;
    }

    private NullHandling.Rule rule(ConfigKey configKey, RestMode mode) {
        NullHandling.Rule rule = read.parsed(
                configKey, "omit, clear or keep", value -> NullHandling.Rule.valueOf(SettingsParser.constant(value)));
        if (rule == NullHandling.Rule.KEEP && !(mode instanceof RestMode.FindThenWrite)) {
            read.note(
                    configKey,
                    "keep requires contacts.crm.rest.mode=find-then-write, which reads what the CRM has; if the CRM"
                            + " preserves fields that are not sent, omit does the same");
        }
        return rule;
    }

    private HeaderTemplates headers(boolean ofContact) {
        HeaderTemplates headers =
                read.explained(ConfigKey.REST_HEADERS, text -> HeaderTemplates.parse(text, ofContact));
        return headers == null ? HeaderTemplates.NONE : headers;
    }

    private Map<String, Duration> pauses() {
        Map<String, Duration> pauses = read.parsed(
                ConfigKey.REST_WAIT_HEADERS,
                "headers with their unit, such as x-ratelimit-reset:s,X-Wait:ms",
                value -> {
                    Map<String, Duration> units = new LinkedHashMap<>();
                    for (String entry : value.split(",")) {
                        String[] parts = entry.strip().split(":");
                        if (parts.length != 2
                                || !parts[0].matches("[A-Za-z][A-Za-z0-9-]*")
                                || !parts[1].matches("s|ms")) {
                            return null;
                        }
                        units.put(
                                parts[0].toLowerCase(Locale.ROOT),
                                parts[1].equals("s") ? Duration.ofSeconds(1) : Duration.ofMillis(1));
                    }
                    return units;
                });
        return pauses == null ? Map.of() : pauses;
    }
}
