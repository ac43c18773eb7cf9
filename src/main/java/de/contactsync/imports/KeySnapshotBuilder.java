package de.contactsync.imports;

import de.contactsync.keyfile.KeyFile;
import de.contactsync.keyfile.KeyReader;
import de.contactsync.keyfile.UnreadableKeyFileException;
import de.contactsync.model.ContactKey;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.KeyPage;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.RequestRefusedException;
import de.contactsync.model.TenantNames;
import de.contactsync.persistence.CustomerMarks;
import de.contactsync.persistence.KeySnapshotStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes down which keys a scheduled run is about, before it asks for the first of them. */
final class KeySnapshotBuilder {

    private static final Logger LOG = LoggerFactory.getLogger(KeySnapshotBuilder.class);

    private static final int AT_ONCE = 1_000;

    private final KeySelection keys;
    private final TenantNames tenants;
    private final KeySnapshotStore lists;
    private final RunCoordinator coordinator;
    private final CustomerDirectory customers;
    private final CustomerMarks marks;
    private final Clock clock;
    /** How far the contacts have been considered for the list that grows; null where the list itself says it. */
    private ContactKey known;

    KeySnapshotBuilder(
            TimerSettings settings,
            KeySnapshotStore lists,
            RunCoordinator coordinator,
            CustomerDirectory customers,
            CustomerMarks marks,
            Clock clock) {
        this.keys = settings.keys();
        this.tenants = settings.tenants();
        this.customers = customers;
        this.marks = marks;
        this.clock = clock;
        this.lists = lists;
        this.coordinator = coordinator;
    }

    /**
     * The list is whole when this returns, or grows page by page from here on.
     *
     * @param tenantId whose customers are gone through; null where they are not
     * @throws UnreadableKeyFileException when there is no such list
     * @throws ProcessingHaltedException              when it cannot be made now
     */
    void build(long runId, UUID tenantId) {
        if (keys instanceof KeySelection.InFile file) {
            listFile(runId, file);
        } else if (keys instanceof KeySelection.Customers all) {
            lists.beginPages(runId, changedSince(all.changedSince(), tenantId));
        } else if (keys instanceof KeySelection.Known) {
            known = null;
            lists.beginPages(runId);
        } else if (keys instanceof KeySelection.Sql sql) {
            try (SqlKeyReader rows = SqlKeyReader.open(sql)) {
                copy(runId, rows);
            }
        }
    }

    /**
     * Adds a page, which may be empty, to a list that grows. What has been listed stays so, whatever becomes of JTL's
     * list meanwhile.
     *
     * @return false when it is whole
     */
    boolean appendPage(long runId, UUID tenantId) {
        Optional<KeySnapshotStore.Growth> growth = lists.growth(runId);
        if (growth.isEmpty()) {
            return false;
        }
        coordinator.checkActive();
        if (keys instanceof KeySelection.Known stored) {
            ContactKey behind = known == null ? lists.lastKey(runId) : known;
            known = lists.addKnown(runId, growth.get().lastPosition(), behind, stored.maxAge())
                    .orElse(null);
            return known != null;
        }
        if (keys instanceof KeySelection.Customers all) {
            appendCustomers(runId, tenantId, growth.get(), all.changedSince());
            return true;
        }
        // contacts.timer.keys was changed while the run was under way: it ends with what it has listed, and the next
        // run
        // is of the list that is wanted now.
        return false;
    }

    private void appendCustomers(long runId, UUID tenantId, KeySnapshotStore.Growth listed, ChangedSince changed) {
        if (changed == null && listed.changedSince() != null) {
            // It was taken out of the settings while the run was under way: page 3 of these is not page 3 of all.
            lists.goThroughAll(runId);
            appendCustomers(runId, tenantId, lists.growth(runId).orElseThrow(), null);
            return;
        }
        KeyPage page;
        try {
            page = page(runId, tenantId, listed, changed);
        } catch (RequestRefusedException e) {
            if (listed.changedSince() == null) {
                throw e;
            }
            LOG.warn(
                    "JTL does not list its customers by contacts.timer.changed-since={}, so this run goes through all"
                            + " of them: {}",
                    changed.parameter(),
                    e.getMessage());
            lists.goThroughAll(runId);
            appendCustomers(runId, tenantId, lists.growth(runId).orElseThrow(), changed);
            return;
        }
        lists.addPage(runId, page, page.last() ? null : listed.nextPage() + 1);
    }

    private KeyPage page(long runId, UUID tenantId, KeySnapshotStore.Growth listed, ChangedSince changed) {
        Instant since = listed.changedSince();
        return customers.page(
                runId,
                tenantId,
                listed.nextPage(),
                listed.lastPosition(),
                listed.customers(),
                since == null ? null : changed.parameter(),
                since);
    }

    /** From when on the customers of a run that begins must have changed; null: it goes through all. */
    private Instant changedSince(ChangedSince wanted, UUID tenantId) {
        CustomerMarks.Mark mark = wanted == null ? null : marks.of(tenantId).orElse(null);
        Instant now = clock.instant();
        // A mark of the future is one of a clock that was ahead.
        return mark == null
                        || now.isBefore(mark.fullAt())
                        || !now.isBefore(mark.fullAt().plus(wanted.fullEvery()))
                ? null
                : mark.seenUntil().minus(ChangedSince.OVERLAP);
    }

    /**
     * Says of a run that is finished what of it only a look at all customers could find, and from when on the next one
     * has to look for changes.
     */
    void finish(long runId, UUID tenantId, String name) {
        if (!(keys instanceof KeySelection.Customers all) || all.changedSince() == null) {
            return;
        }
        Optional<CustomerMarks.Mark> mark = marks.of(tenantId);
        boolean isFull = marks.isFull(runId);
        if (mark.isPresent() && isFull) {
            compare(runId, tenantId, name, all.changedSince(), mark.get());
        }
        if (!marks.advance(runId, tenantId)) {
            LOG.warn(
                    "{}: not all customers could be read, or JTL does not say what time it is, so the next run {}",
                    name,
                    isFull ? "goes through all of them again" : "looks for changes since the same time as this one");
        }
    }

    private void compare(long runId, UUID tenantId, String name, ChangedSince changed, CustomerMarks.Mark mark) {
        try {
            Set<UUID> named = customers.changed(
                    tenantId, changed.parameter(), mark.seenUntil().minus(ChangedSince.OVERLAP));
            CustomerMarks.Changes found = marks.found(runId, tenantId, named);
            if (found.missed() == 0) {
                LOG.info(
                        "{}: of all customers, {} contacts have changed; contacts.timer.changed-since would have missed"
                                + " none",
                        name,
                        found.contacts());
            } else {
                LOG.warn(
                        "{}: of all customers, {} contacts have changed; contacts.timer.changed-since={} would have"
                                + " missed {} of them: JTL does not name their customers as changed. Take it out, or"
                                + " shorten contacts.timer.full-every",
                        name,
                        found.contacts(),
                        changed.parameter(),
                        found.missed());
            }
        } catch (ProcessingHaltedException e) {
            LOG.warn("{}: what contacts.timer.changed-since would have missed is not known: {}", name, e.getMessage());
        }
    }

    private void listFile(long runId, KeySelection.InFile given) {
        try (KeyReader file = KeyFile.open(given.file())) {
            copy(runId, file);
        } catch (NoSuchFileException e) {
            throw new UnreadableKeyFileException(FileNames.shown(given.file()) + " does not exist", e);
        } catch (AccessDeniedException e) {
            throw new UnreadableKeyFileException(
                    "this program's user has no permission to read " + FileNames.shown(given.file()), e);
        } catch (IOException | UncheckedIOException e) {
            throw new ProcessingHaltedException(
                    FileNames.shown(given.file()) + " cannot be read: " + FileNames.reason(e), e);
        }
    }

    private void copy(long runId, KeyReader from) {
        lists.begin(runId);
        long listed = 0;
        List<KeyEntry> entries = new ArrayList<>(AT_ONCE);
        while (from.hasNext()) {
            entries.add(from.next().orTenant(tenants));
            listed++;
            if (entries.size() == AT_ONCE) {
                coordinator.checkActive();
                lists.add(runId, entries);
                entries.clear();
            }
        }
        lists.add(runId, entries);
        lists.complete(runId, listed);
    }
}
