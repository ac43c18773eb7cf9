package de.contactsync.jtl;

import de.contactsync.model.Chunk;
import de.contactsync.model.ContactKey;
import de.contactsync.model.ForgottenContacts;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Keys of a chunk that JTL is not asked for, because their contacts were forgotten on request. */
final class ForgottenKeys {

    private final ForgottenContacts contacts;

    ForgottenKeys(ForgottenContacts contacts) {
        this.contacts = contacts;
    }

    /** @param known outcomes of the chunk's entries, by index, null or nothing where there is none */
    List<Outcome> fill(Chunk chunk, List<Outcome> known) {
        Set<ContactKey> forgotten = contacts.among(chunk.entries().stream()
                .filter(KeyEntry.Valid.class::isInstance)
                .map(entry -> ((KeyEntry.Valid) entry).key())
                .toList());
        if (forgotten.isEmpty()) {
            return known;
        }
        List<Outcome> filled = new ArrayList<>(chunk.entries().size());
        for (int i = 0; i < chunk.entries().size(); i++) {
            filled.add(
                    chunk.entries().get(i) instanceof KeyEntry.Valid valid && forgotten.contains(valid.key())
                            ? Outcome.FORGOTTEN
                            : i < known.size() ? known.get(i) : null);
        }
        return filled;
    }
}
