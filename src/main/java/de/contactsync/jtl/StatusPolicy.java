package de.contactsync.jtl;

import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What each HTTP status of JTL's contact calls means and what is done about it: the one place of this decision.
 * The contract declares 200, 400, 401, 402 and 404; the others come from JTL's guide on error handling, and statuses
 * that neither names fall to the last rows of their class.
 */
final class StatusPolicy {

    enum Treatment {
        /** The body is the contact. */
        READ_CONTACT,
        /** The contact does not exist, if JTL itself says so; else the call went to the wrong place. */
        READ_NOT_FOUND,
        /** Concerns this key alone and will not pass. */
        REJECT,
        /** The answer breaks the contract. */
        CONTRACT_VIOLATION,
        /** The token is not accepted: one new one, one more try. */
        RENEW_TOKEN,
        /** May pass; when it does not, this key is to blame. */
        RETRY,
        /** May pass; when it does not, JTL or the merchant's JTL-Wawi is unavailable. */
        RETRY_OUTAGE,
        /** The quota is spent: wait, at no cost of an attempt. */
        WAIT_FOR_QUOTA,
        /** The call did not reach the API that was meant. */
        MISROUTED,
        /** The call as such is not available. Concerns every key unless others pass, or another call will do. */
        NOT_OFFERED,
        /** Concerns every key until a person mends it, unless others pass. */
        HALT
    }

    /** @param advice what happened and what to do, for the dead letter or the halt */
    record Row(int from, int to, Treatment treatment, String advice) {

        /** The key's failure by an answer of that status, in which JTL may have explained itself. */
        Outcome.Failed failed(Reason reason, int status, Optional<ErrorResponse> error) {
            return new Outcome.Failed(
                    reason,
                    status,
                    error.map(ErrorResponse::errorCode).orElse(null),
                    describe(error),
                    error.map(ErrorResponse::errors).orElse(null),
                    1);
        }

        /** Ours first, because it says what to do; then JTL's own words. */
        private String describe(Optional<ErrorResponse> error) {
            return error.map(ErrorResponse::errorMessage)
                    .filter(message -> !message.isBlank())
                    .map(message -> advice + " (JTL: " + message + ")")
                    .orElse(advice);
        }
    }

    static final String REDIRECT =
            "JTL answered with a redirect, which is not followed to keep the token from other servers";

    private static final List<Row> ROWS = List.of(
            row(200, Treatment.READ_CONTACT, "JTL sent the contact"),
            row(400, Treatment.REJECT, "JTL found the request invalid"),
            row(
                    401,
                    Treatment.RENEW_TOKEN,
                    "JTL rejected the access token: check jtl.oauth.client-id, jtl.oauth.client-secret and"
                            + " jtl.tenant-id, and that the merchant has installed the app"),
            row(
                    402,
                    Treatment.HALT,
                    "JTL reports that there is no licence, or that the app is not authorised by JTL: clear this with"
                            + " the merchant or with JTL's partner desk"),
            row(
                    403,
                    Treatment.NOT_OFFERED,
                    "JTL reports that the token lacks a permission: give the app the scope customers.read"
                            + " (and application.runas when jtl.run-as is set)"),
            row(404, Treatment.READ_NOT_FOUND, "JTL knows no such contact"),
            row(
                    405,
                    406,
                    Treatment.NOT_OFFERED,
                    "this JTL-Wawi does not offer the call: it needs API 2.0 or newer, check jtl.base-url and the"
                            + " merchant's JTL-Wawi version"),
            row(408, Treatment.RETRY_OUTAGE, "JTL timed out"),
            row(
                    412,
                    Treatment.HALT,
                    "A required header is missing: check jtl.tenant-id, jtl.run-as and jtl.company-id"),
            row(429, Treatment.WAIT_FOR_QUOTA, "JTL's quota is spent"),
            row(502, 504, Treatment.RETRY_OUTAGE, "JTL or the merchant's JTL-Wawi is out of reach"),
            row(200, 299, Treatment.CONTRACT_VIOLATION, "JTL answered without the contact"),
            row(300, 399, Treatment.MISROUTED, REDIRECT + ": check jtl.base-url"),
            row(400, 499, Treatment.REJECT, "JTL refused the request"),
            row(500, 599, Treatment.RETRY, "JTL failed"));

    private static final Row OTHERWISE =
            new Row(0, 999, Treatment.CONTRACT_VIOLATION, "JTL answered with an unknown HTTP status");

    private StatusPolicy() {}

    /** What is to be done about a refusal where it is not what a service account of the cloud needs. */
    private static final Map<JtlAuth, Map<Integer, String>> ADVICE = Map.of(
            JtlAuth.AUTHORIZATION_CODE,
            Map.of(
                    401,
                    "JTL rejected the access token of the login: check jtl.tenant-id, and that the person who logged"
                            + " in may use this tenant; if that does not help, log in again with the command login"),
            JtlAuth.WAWI_APP,
            Map.of(
                    401,
                    "JTL-Wawi rejected the key of the app: it may have been removed in JTL-Wawi under Admin >"
                            + " App-Registrierung. Register again with the command register",
                    402,
                    "JTL-Wawi reports that there is no licence for its REST server: check the licences in the"
                            + " JTL-Wawi",
                    403,
                    "JTL-Wawi reports that the app lacks a permission; permissions are fixed when an app is"
                            + " registered: set jtl.app.scope if needed, and register again with the command register",
                    405,
                    "this JTL-Wawi does not offer the call: check jtl.base-url, jtl.path-style and jtl.api-version",
                    412,
                    "A required header is missing: check jtl.app.id, jtl.app.version and jtl.api-version"));

    /** As {@link #of(int)}, with what to do for that way in. */
    static Row of(int status, JtlAuth auth) {
        Row row = of(status);
        String advice = ADVICE.getOrDefault(auth, Map.of()).get(status == 406 ? 405 : status);
        return advice == null ? row : new Row(row.from, row.to, row.treatment, advice);
    }

    /** The first row that holds {@code status}: single statuses stand before the classes. */
    static Row of(int status) {
        for (Row row : ROWS) {
            if (row.from <= status && status <= row.to) {
                return row;
            }
        }
        return OTHERWISE;
    }

    private static Row row(int status, Treatment treatment, String advice) {
        return row(status, status, treatment, advice);
    }

    private static Row row(int from, int to, Treatment treatment, String advice) {
        return new Row(from, to, treatment, advice);
    }
}
