package de.contactsync.crm.rest;

import de.contactsync.crm.CrmResponse;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What a status means, or an error code that stands in an answer: a code wins over the status it came with. A status
 * that is not named halts; a code that is not named refuses the record when the status says that all is well, unless it
 * is itself a status that may pass.
 */
public final class StatusMapping {

    public enum Meaning {
        OK,
        /** May pass. */
        RETRY,
        /** The quota is spent. */
        QUOTA,
        /** Of a session that is over: it is restarted. */
        RENEW,
        /** The record, or the batch, is not taken as it is. */
        REJECT,
        /** Concerns everything. */
        HALT
    }

    private static final Pattern STATUS = Pattern.compile("[3-5]\\d\\d");

    private final Map<String, Meaning> meanings = new HashMap<>();

    /**
     * @param list statuses from 300 to 599, {@code 4xx}, {@code 5xx} and error codes, with commas in between
     * @throws IllegalArgumentException when one of them has another meaning already
     */
    public StatusMapping with(Meaning meaning, String list) {
        StatusMapping more = new StatusMapping();
        more.meanings.putAll(meanings);
        for (String entry : list.split(",")) {
            if (!entry.isBlank() && more.meanings.put(entry.strip(), meaning) != null) {
                throw new IllegalArgumentException(entry.strip() + " occurs in two of the lists");
            }
        }
        return more;
    }

    /** Whether one of the lists has this error code. */
    boolean isNamed(String code) {
        return ofCode(code) != null;
    }

    private Meaning ofCode(String code) {
        return code == null || STATUS.matcher(code).matches() || code.matches("[345]xx") ? null : meanings.get(code);
    }

    /** @param code of the answer, null when there is none */
    Meaning of(int status, String code) {
        Meaning ofCode = ofCode(code);
        if (ofCode != null) {
            return ofCode;
        }
        if (status == CrmResponse.UNANSWERED) {
            return Meaning.RETRY;
        }
        if (status / 100 == 2) {
            // Of one record some give a status of its own.
            Meaning own = code != null && STATUS.matcher(code).matches() ? ofStatus(code) : Meaning.REJECT;
            return own == Meaning.RETRY || own == Meaning.QUOTA ? own : Meaning.REJECT;
        }
        return ofStatus(Integer.toString(status));
    }

    private Meaning ofStatus(String status) {
        Meaning exact = meanings.get(status);
        return exact != null ? exact : meanings.getOrDefault(status.charAt(0) + "xx", Meaning.HALT);
    }
}
