package de.contactsync.cli;

import de.contactsync.app.ReadOnlyApplication;
import de.contactsync.config.Settings;
import de.contactsync.config.TenantSettings;
import de.contactsync.model.ContactKey;
import de.contactsync.model.JtlId;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.Outcome;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.Reason;
import de.contactsync.model.RunChunk;
import java.util.List;
import java.util.UUID;

/** One call of JTL, for a contact that there cannot be: whoever says so has let us in. */
final class JtlTrial {

    private JtlTrial() {}

    /** In an application of its own. */
    static String run(Settings settings) throws Exception {
        try (ReadOnlyApplication application = ReadOnlyApplication.startTrial(settings)) {
            return run(settings.others().orElseThrow(), application);
        }
    }

    static String run(TenantSettings tenant, ReadOnlyApplication application) throws Exception {
        Outcome outcome = ask(tenant, UUID.randomUUID(), UUID.randomUUID(), application);
        if (outcome instanceof Outcome.Failed said && said.reason() == Reason.INVALID_KEY) {
            // Its ids are numbers, of which this is the last.
            UUID nobody = JtlId.of(Integer.MAX_VALUE);
            outcome = ask(tenant, nobody, nobody, application);
        }
        if (outcome instanceof Outcome.Failed said && said.reason() != Reason.NOT_FOUND) {
            throw new ProcessingHaltedException(said.errorMessage());
        }
        return tenant.jtl().baseUrl() + " answers for tenant " + tenant.who();
    }

    private static Outcome ask(TenantSettings tenant, UUID customerId, UUID contactId, ReadOnlyApplication application)
            throws Exception {
        ContactKey key = new ContactKey(tenant.jtl().tenantId(), customerId, contactId);
        return application
                .enrich(new RunChunk(0, 0, List.of(new KeyEntry.Valid(1, key)), 0))
                .outcomes()
                .get(0);
    }
}
