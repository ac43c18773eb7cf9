package de.contactsync.imports;

import de.contactsync.keyfile.KeyFile;
import de.contactsync.keyfile.KeyReader;
import de.contactsync.keyfile.UnreadableKeyFileException;
import de.contactsync.model.ContactKey;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.KeyPage;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.TenantNames;
import de.contactsync.persistence.KeySnapshotStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Writes down which keys a scheduled run is about, before it asks for the first of them. */
final class KeySnapshotBuilder {

    private static final int AT_ONCE = 1_000;

    private final KeySelection keys;
    private final TenantNames tenants;
    private final KeySnapshotStore lists;
    private final RunCoordinator coordinator;
    private final CustomerDirectory customers;
    /** How far the contacts have been considered for the list that grows; null where the list itself says it. */
    private ContactKey known;

    KeySnapshotBuilder(
            TimerSettings settings, KeySnapshotStore lists, RunCoordinator coordinator, CustomerDirectory customers) {
        this.keys = settings.keys();
        this.tenants = settings.tenants();
        this.customers = customers;
        this.lists = lists;
        this.coordinator = coordinator;
    }

    /**
     * The list is whole when this returns, or grows page by page from here on.
     *
     * @throws UnreadableKeyFileException when there is no such list
     * @throws ProcessingHaltedException              when it cannot be made now
     */
    void build(long runId) {
        if (keys instanceof KeySelection.InFile file) {
            listFile(runId, file);
        } else if (keys instanceof KeySelection.Customers || keys instanceof KeySelection.Known) {
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
    boolean appendPage(long runId) {
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
        int number = growth.get().nextPage();
        KeyPage page = customers.page(
                runId,
                tenants.unnamed(),
                number,
                growth.get().lastPosition(),
                growth.get().customers());
        lists.addPage(runId, page, page.last() ? null : number + 1);
        return true;
    }

    private void listFile(long runId, KeySelection.InFile given) {
        try (KeyReader file = KeyFile.open(given.file())) {
            copy(runId, file);
        } catch (NoSuchFileException e) {
            throw new UnreadableKeyFileException("there is no file " + FileNames.shown(given.file()), e);
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
            entries.add(from.next().withTenantId(tenants));
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
