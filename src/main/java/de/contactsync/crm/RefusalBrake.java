package de.contactsync.crm;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tells a mapping that cannot be right from contacts that are wrong: the CRM has taken none so far, and refuses each of
 * the first ten or more for the same code and field, or in the same words. Without it the whole stock would become dead
 * letters. Used by one thread.
 */
public final class RefusalBrake {

    /** Fewer may all be wrong by chance. */
    private static final int CONVINCING = 10;
    /** Is about a single record, and the mapping has no part in it. */
    private static final int CONFLICT = 409;

    /** What is in quotes, and words with a digit in them: values, ids of requests, times. */
    private static final Pattern VARYING =
            Pattern.compile("\"[^\"]*+\"|„[^“”]*+[“”]|(?<!\\w)'[^']*+'(?!\\w)|[\\w.:+-]*\\d[\\w.:+-]*+");
    /** Behind it a long message is cut off somewhere else for each contact. */
    private static final int COMPARED = 200;

    private boolean taken;
    /** Of those that were refused one after another; null when there are none. */
    private String reason;

    private int refused;
    private boolean on;

    /**
     * Codes and fields in one form, so that they can be compared; where no field is named, the message as well, without
     * what differs from one contact to the next although the reason is the same.
     *
     * @param message without anything of the contact; null when there is none
     * @param names   of fields, which such a message may be about
     */
    public static String details(List<String> codes, List<String> fields, String message, Collection<String> names) {
        ObjectNode error = CrmJson.object();
        ArrayNode sorted = error.putArray("codes");
        new TreeSet<>(codes).forEach(sorted::add);
        if (fields.isEmpty()) {
            error.put("message", message == null ? null : common(message, names));
        } else {
            ArrayNode about = error.putArray("fields");
            new TreeSet<>(fields).forEach(about::add);
        }
        return new String(CrmJson.bytes(CrmJson.array(error)), StandardCharsets.UTF_8);
    }

    private static String common(String message, Collection<String> names) {
        String common = VARYING.matcher(message).replaceAll(found -> {
            String word = found.group().replaceAll("^\\W|\\W$", "");
            return names.contains(word) ? Matcher.quoteReplacement(found.group()) : "…";
        });
        return common.length() > COMPARED ? common.substring(0, COMPARED) : common;
    }

    /** Whether one contact is to show first whether the mapping, or the CRM, has been corrected. */
    boolean isOn() {
        return on;
    }

    /**
     * @param receipts of what was sent together; of one contact while it {@link #isOn}
     * @return null, or why nothing is to be sent until somebody has mended the mapping
     */
    String trouble(List<DeliveryResult> receipts) {
        if (receipts.isEmpty()) {
            return null;
        }
        note(receipts);
        String common = taken ? null : common(receipts);
        boolean same = common != null && common.equals(reason);
        if (!same || !on) {
            refused = common == null ? 0 : same ? refused + receipts.size() : receipts.size();
            on = refused >= CONVINCING;
        }
        reason = common;
        if (!on) {
            return null;
        }
        return "All of the first " + refused + " contacts were refused for the same reason, so no more are sent"
                + (refused == receipts.size() ? " and none became a dead letter: " : ": ") + remedy(receipts);
    }

    /** The mapping can be right as soon as one contact was taken. */
    void note(List<DeliveryResult> receipts) {
        taken |= receipts.stream()
                .anyMatch(result -> result instanceof DeliveryResult.Accepted
                        || result instanceof DeliveryResult.Unlinked
                        || result instanceof DeliveryResult.WithoutEmail);
    }

    /** Whether nothing shows yet that the mapping can be right. */
    boolean isUndecided() {
        return !taken && !on;
    }

    /**
     * The same of a few contacts that were taken from all over a batch and sent one by one, since the CRM had refused
     * the batch: to halve it down to each of them would take twice as many calls as it has contacts.
     *
     * @param sample what became of them
     * @param size   of the batch
     */
    String troubleOfSample(List<DeliveryResult> sample, int size) {
        String common = taken ? null : common(sample);
        if (common == null) {
            return null;
        }
        reason = common;
        refused = sample.size();
        on = true;
        return "The CRM refused the first " + size + " contacts together, and " + refused
                + " of them, tried one by one,"
                + " for the same reason, so no more are sent and none became a dead letter: " + remedy(sample);
    }

    private static String remedy(List<DeliveryResult> receipts) {
        Outcome.Failed why = ((DeliveryResult.Refused) receipts.get(0)).why();
        return why.errorMessage().replace(ErrorSanitizer.ONCE_CHANGED, "")
                + (why.errors().contains("\"fields\":[")
                        ? "; correct that field in the mapping, or in the CRM"
                        : "; correct the cause that it names: the mapping, the call in the settings, or a requirement"
                                + " of the CRM");
    }

    /** Null when it is not the same for all, or nothing that the mapping could be wrong in. */
    private static String common(List<DeliveryResult> receipts) {
        String common = null;
        for (DeliveryResult result : receipts) {
            Outcome.Failed why = result instanceof DeliveryResult.Refused refusal ? refusal.why() : null;
            boolean ofMapping = why != null
                    && why.reason() == Reason.SINK_REJECTED
                    && !Integer.valueOf(CONFLICT).equals(why.httpStatus());
            String errors = ofMapping ? why.errors() : null;
            if (errors == null || common != null && !common.equals(errors)) {
                return null;
            }
            common = errors;
        }
        return common;
    }
}
