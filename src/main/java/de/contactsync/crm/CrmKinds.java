package de.contactsync.crm;

import de.contactsync.crm.hubspot.HubSpotCrm;
import de.contactsync.crm.hubspot.HubSpotSettings;
import de.contactsync.crm.mapping.Mapping;
import de.contactsync.crm.rest.RestCrm;
import de.contactsync.crm.rest.RestSettings;
import de.contactsync.crm.salesforce.SalesforceCrm;
import de.contactsync.crm.salesforce.SalesforceSettings;
import de.contactsync.model.CreateAttempts;
import de.contactsync.model.RecordOwners;

/** Knows which class speaks with which kind of CRM. */
final class CrmKinds {

    private CrmKinds() {}

    static Crm of(CrmSettings settings, CrmClient calls, Mapping mapping, CreateAttempts creates, RecordOwners owners) {
        if (settings.kind() instanceof RestSettings rest) {
            return new RestCrm(calls, mapping, rest, settings.gone(), settings.missing(), creates, owners);
        }
        if (settings.kind() instanceof SalesforceSettings salesforce) {
            return new SalesforceCrm(calls, mapping, salesforce, settings.gone(), settings.missing(), owners);
        }
        return new HubSpotCrm(
                calls,
                mapping,
                (HubSpotSettings) settings.kind(),
                settings.gone(),
                settings.missing(),
                settings.match(),
                owners);
    }
}
