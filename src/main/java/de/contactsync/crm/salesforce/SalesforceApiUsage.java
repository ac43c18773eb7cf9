package de.contactsync.crm.salesforce;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says so in the log when the calls of 24 hours are nearly used up, before nobody can call any more. */
final class SalesforceApiUsage {

    private static final Logger LOG = LoggerFactory.getLogger(SalesforceApiUsage.class);

    private static final double MUCH = 0.9;
    private static final Pattern USED = Pattern.compile("(?<![\\w-])api-usage=(\\d{1,9})/(\\d{1,9})");

    private boolean warned;

    /** @param header {@link SalesforceSettings#LIMIT_INFO}, or null */
    void note(String header) {
        Matcher used = USED.matcher(header == null ? "" : header);
        if (!used.find()) {
            return;
        }
        boolean much = Integer.parseInt(used.group(1)) >= MUCH * Integer.parseInt(used.group(2));
        if (much && !warned) {
            LOG.warn(
                    "Salesforce: {} of {} calls of the last 24 hours are used, by all programs of the organisation"
                            + " together; at the limit all calls are refused",
                    used.group(1),
                    used.group(2));
        }
        warned = much;
    }
}
