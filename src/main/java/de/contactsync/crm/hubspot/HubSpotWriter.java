package de.contactsync.crm.hubspot;

import de.contactsync.crm.CrmClient;
import de.contactsync.crm.CrmJson;
import de.contactsync.crm.CrmRecord;
import de.contactsync.crm.CrmResponse;
import de.contactsync.crm.CrmSettings.Match;
import de.contactsync.crm.ErrorSanitizer;
import de.contactsync.crm.RemotePresence;
import de.contactsync.crm.hubspot.HubSpotSettings.EmailConflict;
import de.contactsync.crm.mapping.Mapping;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Writes contacts, and those whose e-mail address is another record's as the settings say.
 */
final class HubSpotWriter {

    private final CrmClient calls;
    private final Mapping mapping;
    private final HubSpotSettings settings;
    private final Match match;
    private final HubSpotReads reads;
    private final HubSpotTakeover takeover;
    private final HubSpotGivenEmails given = new HubSpotGivenEmails();
    private final HubSpotRefusals refusals;
    private final HubSpotUpsert upsert;

    /** @param contacts the path of contacts */
    HubSpotWriter(
            CrmClient calls,
            Mapping mapping,
            HubSpotSettings settings,
            Match match,
            String contacts,
            HubSpotReads reads,
            HubSpotRefusals refusals) {
        this.calls = calls;
        this.mapping = mapping;
        this.settings = settings;
        this.match = match;
        this.reads = reads;
        this.refusals = refusals;
        this.upsert = new HubSpotUpsert(calls, mapping, contacts, refusals, given);
        this.takeover = new HubSpotTakeover(calls, refusals, mapping.key(), contacts);
    }

    List<DeliveryResult> write(List<CrmRecord> batch, HubSpotUpsert.Notes notes, long ends) {
        Map<CrmRecord, String> wanted = new IdentityHashMap<>();
        batch.stream()
                .filter(contact -> contact.takes() != null)
                .forEach(contact -> wanted.put(contact, contact.takes()));
        Map<CrmRecord, DeliveryResult> without = takeover.take(wanted, ends);
        List<CrmRecord> others =
                batch.stream().filter(contact -> !without.containsKey(contact)).toList();
        return RemotePresence.together(batch, without, others.isEmpty() ? List.of() : writeAll(others, notes, ends));
    }

    private List<DeliveryResult> writeAll(List<CrmRecord> batch, HubSpotUpsert.Notes notes, long ends) {
        Set<String> addresses = HubSpotEmails.addresses(batch);
        if (HubSpotEmails.areInDoubt(batch)) {
            return writeApart(batch, reads.owners(addresses, ends), true, notes, ends);
        }
        Map<String, HubSpotReads.Owner> given = this.given.owners(addresses, calls.now());
        if (!HubSpotEmails.of(batch, given).conflicts().isEmpty()) {
            return writeApart(batch, given, false, notes, ends);
        }
        CrmResponse answer = upsert.call(batch, ends);
        if (answer.status() / 100 == 2) {
            return upsert.receipts(batch, answer, notes);
        }
        if (batch.size() == 1) {
            return List.of(alone(batch.get(0), answer, notes, ends));
        }
        Map<String, HubSpotReads.Owner> owners = answer.status() == 409 ? reads.owners(addresses, ends) : Map.of();
        return HubSpotEmails.of(batch, owners).conflicts().isEmpty()
                ? new ArrayList<>(Collections.nCopies(batch.size(), new DeliveryResult.Unsent()))
                : writeApart(batch, owners, true, notes, ends);
    }

    /**
     * Those whose address is another's by themselves, without a call where it would be refused anyway.
     *
     * @param read whether HubSpot was asked for the owners just now
     */
    private List<DeliveryResult> writeApart(
            List<CrmRecord> batch,
            Map<String, HubSpotReads.Owner> owners,
            boolean read,
            HubSpotUpsert.Notes notes,
            long ends) {
        HubSpotEmails emails = HubSpotEmails.of(batch, owners);
        Map<String, DeliveryResult> known = new HashMap<>();
        List<CrmRecord> together = new ArrayList<>();
        List<CrmRecord> behind = new ArrayList<>();
        Map<CrmRecord, String> free = free(batch, emails, ends);
        takeover.take(free, ends).forEach((contact, result) -> known.put(contact.id(), result));
        for (CrmRecord contact : batch) {
            HubSpotReads.Owner owner = emails.conflicts().get(contact.id());
            CrmRecord without = owner == null ? contact : without(contact);
            if (known.containsKey(contact.id())) {
                continue;
            }
            if (emails.later().contains(contact.id())) {
                known.put(contact.id(), new DeliveryResult.Unsent());
            } else if (owner == null || free.containsKey(contact)) {
                together.add(contact);
            } else if (settings.emailConflict() == EmailConflict.WITHOUT_EMAIL
                    && settings.unfit(without.fields()) == null) {
                if (contact.delivery().lacksOnlyEmail()) {
                    known.put(contact.id(), withoutEmail(contact.delivery().remoteId(), null));
                } else {
                    together.add(without);
                    notes.withoutEmail().add(contact.id());
                }
            } else if (owner.recordId() == null) {
                behind.add(contact);
            } else {
                boolean hasOwn = owner.key().isEmpty() && !free.containsValue(owner.recordId());
                known.put(contact.id(), refused(contact, owner.error(), hasOwn));
            }
        }
        if (!together.isEmpty()) {
            CrmResponse answer = upsert.call(together, ends);
            if (answer.status() == 409 && !read) {
                // An address is somebody else's after all.
                batch.forEach(contact -> notes.withoutEmail().remove(contact.id()));
                return writeApart(batch, reads.owners(HubSpotEmails.addresses(batch), ends), true, notes, ends);
            }
            List<DeliveryResult> receipts = answer.status() / 100 == 2
                    ? upsert.receipts(together, answer, notes)
                    : together.size() > 1
                            ? Collections.nCopies(together.size(), new DeliveryResult.Unsent())
                            : List.of(alone(together.get(0), answer, notes, ends));
            for (int i = 0; i < together.size(); i++) {
                known.put(together.get(i).id(), receipts.get(i));
            }
        }
        // One whose address another of the batch was to get can have it when that one was not taken.
        Set<String> taken = HubSpotEmails.addresses(together.stream()
                .filter(contact -> known.get(contact.id()) instanceof DeliveryResult.Accepted)
                .toList());
        for (CrmRecord contact : behind) {
            known.put(
                    contact.id(),
                    taken.containsAll(HubSpotEmails.addresses(List.of(contact)))
                            ? refused(
                                    contact,
                                    emails.conflicts().get(contact.id()).error(),
                                    false)
                            : new DeliveryResult.Unsent());
        }
        return batch.stream().map(contact -> known.get(contact.id())).toList();
    }

    /** Of contacts in conflict those that may take over the record that has their address, with its id. */
    private Map<CrmRecord, String> free(List<CrmRecord> batch, HubSpotEmails emails, long ends) {
        Map<CrmRecord, String> free = new IdentityHashMap<>();
        Set<String> records = new HashSet<>();
        for (CrmRecord contact : batch) {
            HubSpotReads.Owner owner = emails.conflicts().get(contact.id());
            if (owner != null
                    && owner.recordId() != null
                    && owner.key().isEmpty()
                    && mayTakeOver(contact)
                    && records.add(owner.recordId())) {
                free.put(contact, owner.recordId());
            }
        }
        if (!free.isEmpty()) {
            Set<String> present =
                    reads.present(free.keySet().stream().map(CrmRecord::id).toList(), ends);
            free.keySet().removeIf(contact -> present.contains(contact.id()));
        }
        return free;
    }

    private boolean mayTakeOver(CrmRecord contact) {
        return settings.emailConflict() == EmailConflict.ADOPT
                || match == Match.EMAIL && !contact.delivery().known();
    }

    /** Its record is removed or flagged. */
    void forgetEmail(String key) {
        given.forget(key);
    }

    private static CrmRecord without(CrmRecord contact) {
        Map<String, String> others = new HashMap<>(contact.fields());
        others.remove("email");
        return contact.with(others);
    }

    /** What becomes of a contact that was sent by itself and refused. */
    private DeliveryResult alone(CrmRecord contact, CrmResponse answer, HubSpotUpsert.Notes notes, long ends) {
        HubSpotError error = HubSpotError.of(CrmJson.read(answer));
        return answer.status() == 409
                ? conflict(contact, error, notes, ends)
                : refusals.refused(answer.status(), error, contact.fields(), ErrorSanitizer.ONCE_CHANGED);
    }

    private DeliveryResult conflict(CrmRecord contact, HubSpotError error, HubSpotUpsert.Notes notes, long ends) {
        DeliveryResult adopted =
                mayTakeOver(contact) && error.existingId() != null ? adopt(contact, error, notes, ends) : null;
        if (adopted != null) {
            return adopted;
        }
        if (settings.emailConflict() == EmailConflict.WITHOUT_EMAIL
                && contact.fields().containsKey("email")) {
            CrmRecord without = without(contact);
            if (settings.unfit(without.fields()) != null) {
                return refusals.refused(409, error, contact.fields(), ErrorSanitizer.ONCE_CHANGED);
            }
            notes.withoutEmail().add(contact.id());
            return retryOnce(without, notes, ends);
        }
        return refused(contact, error, false);
    }

    /** @param hasOwn whether the record with the address is nobody's, and the contact has one already */
    private DeliveryResult refused(CrmRecord contact, HubSpotError error, boolean hasOwn) {
        String next = "; contacts.crm.on-email-conflict says what else can be done about it";
        if (settings.emailConflict() == EmailConflict.ADOPT) {
            next = hasOwn
                    ? "; the contact has another record there already: merge the two, or change one of the addresses"
                    : "; that record is another contact of JTL already";
        }
        return refusals.refused(409, error, contact.fields(), next + ErrorSanitizer.ONCE_CHANGED);
    }

    /** Null when the record is another contact's, or is not to be adopted by one that has a record. */
    private DeliveryResult adopt(CrmRecord contact, HubSpotError error, HubSpotUpsert.Notes notes, long ends) {
        CrmResponse there = reads.read(null, error.existingId(), ends);
        if (HubSpotAnswers.fails(there)) {
            return refusals.refused(there, contact.fields(), ErrorSanitizer.ONCE_CHANGED);
        }
        String owner = HubSpotReads.record(there)
                .path("properties")
                .path(mapping.key())
                .asText("");
        if (!owner.isEmpty() && !owner.equals(contact.id())) {
            return null;
        }
        if (!reads.present(List.of(contact.id()), ends).isEmpty()) {
            return settings.emailConflict() == EmailConflict.ADOPT ? refused(contact, error, true) : null;
        }
        DeliveryResult lost =
                takeover.take(Map.of(contact, error.existingId()), ends).get(contact);
        return lost == null ? retryOnce(contact, notes, ends) : lost;
    }

    private DeliveryResult retryOnce(CrmRecord contact, HubSpotUpsert.Notes notes, long ends) {
        CrmResponse answer = upsert.call(List.of(contact), ends);
        return answer.status() / 100 == 2
                ? upsert.receipts(List.of(contact), answer, notes).get(0)
                : refusals.refused(answer, contact.fields(), ErrorSanitizer.ONCE_CHANGED);
    }

    /** @param result of the contact without its address */
    static DeliveryResult withoutEmail(DeliveryResult result) {
        return result instanceof DeliveryResult.Accepted accepted
                ? withoutEmail(accepted.remoteId(), null)
                : result instanceof DeliveryResult.Unlinked unlinked
                        ? withoutEmail(unlinked.remoteId(), unlinked.why())
                        : result;
    }

    /** @param unlinked why the contact has no link to its company either; null when it has */
    private static DeliveryResult withoutEmail(String remoteId, Outcome.Failed unlinked) {
        return new DeliveryResult.WithoutEmail(
                remoteId,
                new Outcome.Failed(
                        Reason.SINK_REJECTED,
                        409,
                        "CONFLICT",
                        "HubSpot has the contact without the e-mail address that JTL-Wawi has for it, since that"
                                + " belongs to another"
                                + " record there; an address that it had before stays. Merge the two records, or"
                                + " change one of the"
                                + " addresses: it is sent again whenever JTL is asked for the contact",
                        null,
                        1),
                unlinked);
    }
}
