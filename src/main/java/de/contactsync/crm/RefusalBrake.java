package de.contactsync.crm;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.TreeSet;

/**
 * Tells a mapping that cannot be right from contacts that are wrong: the CRM has taken none so far, and refuses each of
 * the first batch for the same code and field. Without it the whole stock would become dead letters. Used by one
 * thread.
 */
public final class RefusalBrake {

    /** Fewer may all be wrong by chance. */
    private static final int CONVINCING = 10;

    private boolean taken;
    /** Code and field for which all were refused; null while contacts are sent. */
    private String held;

    /** Codes and fields in one form, so that they can be compared. */
    public static String details(List<String> codes, List<String> fields) {
        ObjectNode error = CrmJson.object();
        ArrayNode names = error.putArray("codes");
        new TreeSet<>(codes).forEach(names::add);
        ArrayNode about = error.putArray("fields");
        new TreeSet<>(fields).forEach(about::add);
        return new String(CrmJson.bytes(CrmJson.array(error)), StandardCharsets.UTF_8);
    }

    /** Whether one contact is to show first whether the mapping, or the CRM, has been corrected. */
    boolean isOn() {
        return held != null;
    }

    /**
     * @param receipts of what was sent together; of one contact while it {@link #isOn}
     * @return null, or why nothing is to be sent until somebody has mended the mapping
     */
    String trouble(List<DeliveryResult> receipts) {
        taken |= receipts.stream()
                .anyMatch(result -> result instanceof DeliveryResult.Accepted
                        || result instanceof DeliveryResult.Unlinked
                        || result instanceof DeliveryResult.WithoutEmail);
        String reason = held;
        held = null;
        if (taken || reason == null && receipts.size() < CONVINCING) {
            return null;
        }
        Outcome.Failed first = null;
        for (DeliveryResult result : receipts) {
            if (!(result instanceof DeliveryResult.Refused refused)
                    || refused.why().reason() != Reason.SINK_REJECTED
                    || refused.why().errors() == null
                    || refused.why().errors().endsWith("\"fields\":[]}]")
                    || reason != null && !reason.equals(refused.why().errors())) {
                return null;
            }
            reason = refused.why().errors();
            first = refused.why();
        }
        held = reason;
        return (receipts.size() == 1 ? "All of the first" : "All of the first " + receipts.size())
                + " contacts were refused for the same reason, so no more are sent and"
                + " none became a dead letter: " + first.errorMessage().replace(ErrorSanitizer.ONCE_CHANGED, "")
                + "; correct that field in the mapping, or in the CRM";
    }
}
