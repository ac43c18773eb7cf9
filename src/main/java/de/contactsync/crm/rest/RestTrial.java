package de.contactsync.crm.rest;

import de.contactsync.crm.CallDecision;
import de.contactsync.crm.CrmClient;
import de.contactsync.crm.CrmRequest;
import de.contactsync.crm.CrmResponse;
import de.contactsync.crm.CrmTrial;
import de.contactsync.crm.rest.RestResponseParser.Result;
import de.contactsync.outbox.Presence;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Calls that change nothing, to see whether the CRM is there and understands what the settings say. */
final class RestTrial {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final CrmClient calls;
    private final RestSettings settings;
    private final RestMessages words;
    /** Null when nothing is looked for. */
    private final RestFinder finder;

    RestTrial(CrmClient calls, RestSettings settings, RestMessages words, RestFinder finder) {
        this.calls = calls;
        this.settings = settings;
        this.words = words;
        this.finder = finder;
    }

    /** By the call that the settings have for that, if any. */
    void check() {
        if (settings.check() != null) {
            check(System.nanoTime() + PATIENCE.toNanos());
        }
    }

    private void check(long ends) {
        CrmRequest request =
                settings.check().fill(settings.secrets()::get, null, Map.of(), settings.bodyFormat(), true);
        CrmResponse answer = calls.call(
                request,
                given -> words.verdict(
                        settings.check(), given, settings.answers().one(settings.check(), given), List.of()),
                ends);
        Result result = settings.answers().one(settings.check(), answer);
        if (!result.ok()) {
            throw calls.halt(words.check("contacts.crm.rest.check", settings.check(), answer, result));
        }
    }

    /** Looks for a contact that there cannot be; without a call that looks, only the one that checks can be made, if any. */
    CrmTrial tryOut() {
        check();
        String checked = settings.check() == null ? "" : "contacts.crm.rest.check was answered";
        if (finder == null) {
            return settings.check() == null
                    ? new CrmTrial(
                            reached(),
                            "its calls, and whether they are permitted: set contacts.crm.rest.check to a call that"
                                    + " changes nothing")
                    : new CrmTrial(checked, "contacts.crm.rest.write, and deleting");
        }
        String answered = finder.lookForNobody(System.nanoTime() + PATIENCE.toNanos());
        return new CrmTrial(
                (checked.isEmpty() ? "" : checked + ", and ") + "contacts.crm.rest.find for a made-up contact was "
                        + answered,
                "creating, updating and deleting contacts");
    }

    /** Signs in where a token is fetched for that, and connects; of whatever is answered no more is known. */
    private String reached() {
        CrmResponse answer = calls.call(
                new CrmRequest("HEAD", "/", null),
                given -> new CallDecision.Answered(),
                System.nanoTime() + PATIENCE.toNanos());
        return (settings.client() == null ? "" : "a token was fetched, and ") + "it answers (HTTP " + answer.status()
                + " to HEAD /)";
    }

    /** As {@link de.contactsync.crm.Crm#probe}. */
    Presence probe(long ends) {
        if (settings.check() != null) {
            check(ends);
        } else if (finder != null) {
            finder.lookForNobody(ends);
        } else {
            return Presence.UNKNOWN;
        }
        return Presence.ANSWERS;
    }
}
