package de.contactsync.config;

import de.contactsync.crm.rest.Condition;
import de.contactsync.crm.rest.RestResponseParser;
import de.contactsync.crm.rest.StatusMapping;
import de.contactsync.crm.rest.StatusMapping.Meaning;
import java.util.LinkedHashMap;
import java.util.Map;

/** What answers of the CRM mean: where results, ids and errors stand, and what becomes of each status. */
final class RestAnswerParser {

    private final SettingsParser read;
    private final RestPointers pointers;

    private RestAnswerParser(SettingsParser read) {
        this.read = read;
        this.pointers = new RestPointers(read);
    }

    static RestResponseParser read(SettingsParser read) {
        return new RestAnswerParser(read).answers();
    }

    private RestResponseParser answers() {
        return new RestResponseParser(
                pointers.pointer(ConfigKey.REST_RESULTS),
                pointers.pointer(ConfigKey.REST_RESULT_KEY),
                read.parsed(
                        ConfigKey.REST_SUCCESS,
                        "/pointer=value, /pointer (must be present) or !/pointer (must not); # is the whole response",
                        Condition::parse),
                pointers.values(ConfigKey.REST_ID),
                read.isGiven(ConfigKey.REST_ID),
                pointers.values(ConfigKey.REST_CODE),
                pointers.values(ConfigKey.REST_MESSAGE),
                statusMapping());
    }

    private StatusMapping statusMapping() {
        StatusMapping statusMapping = new StatusMapping();
        Map<ConfigKey, Meaning> lists = new LinkedHashMap<>();
        lists.put(ConfigKey.REST_RETRY, Meaning.RETRY);
        lists.put(ConfigKey.REST_QUOTA, Meaning.QUOTA);
        lists.put(ConfigKey.REST_REJECT, Meaning.REJECT);
        lists.put(ConfigKey.REST_HALT, Meaning.HALT);
        lists.put(ConfigKey.REST_RENEW, Meaning.RENEW);
        for (Map.Entry<ConfigKey, Meaning> list : lists.entrySet()) {
            StatusMapping before = statusMapping;
            StatusMapping with = read.explained(list.getKey(), text -> before.with(list.getValue(), text));
            statusMapping = with == null ? before : with;
        }
        return statusMapping;
    }
}
