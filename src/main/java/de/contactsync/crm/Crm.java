package de.contactsync.crm;

import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryResult;
import de.contactsync.outbox.Presence;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/** One kind of CRM. Used by one thread. */
public interface Crm {

    /** Most records that it is given at once. */
    int batchSize();

    /**
     * Looks whether the CRM can take what the mapping has for it; creates what is missing where that is allowed.
     *
     * @throws de.contactsync.resilience.OutageException when it is unavailable, or a person has to mend something first
     */
    void prepare();

    /**
     * Asks what can be asked without changing anything.
     *
     * @throws de.contactsync.resilience.OutageException when it is unavailable, or a person has to mend something first
     */
    default CrmTrial tryOut() {
        prepare();
        return new CrmTrial(
                "its description of the fields was read, and fits the mapping", "writing and deleting contacts");
    }

    /**
     * By which the CRM names itself, so that it is not mixed up with another of its kind; null when it does not tell.
     *
     * @throws de.contactsync.resilience.OutageException when it is unavailable
     */
    default String account() {
        return null;
    }

    /**
     * Creates or updates, in one call where the CRM can; of contacts that JTL has. Records that contacts take over get
     * their keys first.
     *
     * @param ends when its outcome is of no use any longer, as a {@link System#nanoTime} reading
     * @return in order; {@link DeliveryResult.Unsent} for what has to be sent in a smaller call, or, sent alone, stays
     *        pending
     * @throws de.contactsync.model.ProcessingHaltedException when nothing can be sent now
     */
    List<DeliveryResult> upsert(List<CrmRecord> contacts, long ends);

    /** Whether {@link #upsert} sends them one after another, so that their order is that of what becomes of them. */
    default boolean isSequential() {
        return false;
    }

    /**
     * Makes a call that changes nothing.
     *
     * @throws de.contactsync.model.ProcessingHaltedException when it is unavailable
     */
    Presence probe(long ends);

    /**
     * Whether the CRM shows the record of a contact that was delivered, or that cannot be asked.
     *
     * @throws de.contactsync.model.ProcessingHaltedException when it is unavailable
     */
    boolean shows(Delivery delivered, long ends);

    /** Most contacts that {@link #read} is given at once. */
    default int readBatchSize() {
        return batchSize();
    }

    /**
     * What it has of contacts that were delivered, by as few calls as it can; changes nothing.
     *
     * @param delivered with the fields that were sent
     * @return in order
     * @throws de.contactsync.model.ProcessingHaltedException when it is unavailable, or has no call that reads
     */
    List<CrmReading> read(List<CrmRecord> delivered, long ends);

    /**
     * What it has of what belongs to contacts and was written by calls of its own; changes nothing.
     *
     * @param found     contacts whose records were found
     * @param recordIds of these, in order
     * @return in order
     * @throws de.contactsync.model.ProcessingHaltedException when it is unavailable
     */
    default List<List<PartFinding>> compareParts(List<CrmRecord> found, List<String> recordIds, long ends) {
        return Collections.nCopies(found.size(), List.of());
    }

    /** Names of parts that {@link #compareParts} cannot read back. */
    default Set<String> unreadableParts() {
        return Set.of();
    }

    /**
     * What it has of records with the e-mail addresses of contacts, by as few calls as it can; changes nothing.
     *
     * @param contacts that have one, as of {@link EmailMatcher#address}
     * @return in order, as of {@link EmailMatcher#together}
     * @throws de.contactsync.model.ProcessingHaltedException when it is unavailable
     */
    List<CrmReading> readByEmail(List<CrmRecord> contacts, long ends);

    /**
     * Marks or deletes a contact that JTL has no longer, as the settings say; {@link DeliveryResult.Unsent}: it stays
     * pending; {@link DeliveryResult.Absent}: there is no record of it.
     */
    DeliveryResult removeOrFlag(Delivery delivery, long ends);
}
