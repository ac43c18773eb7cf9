package de.contactsync.cli;

import de.contactsync.crm.EmailMatcher;
import de.contactsync.model.Delivery;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.Outcome;
import de.contactsync.outbox.DeliveryQueries;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Which records the CRM has of new contacts of a file, by their keys or e-mail addresses. */
final class PreviewMatches {

    private final PreviewPlanner planner;
    private final EmailMatcher matcher;
    private final Set<String> taken = new HashSet<>();

    /** @param matcher null when nothing is looked for */
    PreviewMatches(PreviewPlanner planner, EmailMatcher matcher) {
        this.planner = planner;
        this.matcher = matcher;
    }

    /** @return in order; null for what is not looked for */
    List<EmailMatcher.Preview> of(List<KeyEntry> entries, List<Outcome> outcomes, List<DeliveryQueries.Known> known) {
        List<EmailMatcher.Preview> found = new ArrayList<>(Collections.nCopies(entries.size(), null));
        if (matcher == null) {
            return found;
        }
        List<Integer> places = new ArrayList<>();
        List<Delivery> wanted = new ArrayList<>();
        for (int i = 0; i < entries.size(); i++) {
            Delivery delivery = planner.wanted(entries.get(i), outcomes.get(i), known.get(i));
            if (delivery != null) {
                places.add(i);
                wanted.add(delivery);
            }
        }
        for (int from = 0; from < wanted.size(); from += matcher.batchSize()) {
            List<EmailMatcher.Preview> part =
                    matcher.preview(wanted.subList(from, Math.min(wanted.size(), from + matcher.batchSize())), taken);
            for (int i = 0; i < part.size(); i++) {
                found.set(places.get(from + i), part.get(i));
            }
        }
        return found;
    }
}
