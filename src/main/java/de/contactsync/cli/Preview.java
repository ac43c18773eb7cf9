package de.contactsync.cli;

import de.contactsync.crm.CrmSettings;
import de.contactsync.crm.mapping.Mapping;

/**
 * What is decided for the keys of a file, and said of it.
 *
 * @param changed whether the mapping has, since all contacts were sent
 * @param all     whether the next start sends all contacts
 */
record Preview(PreviewPlanner planner, PreviewText text, boolean changed, boolean all) {

    static Preview of(Mapping mapping, CrmSettings settings, boolean changed, boolean all) {
        return new Preview(
                new PreviewPlanner(mapping, settings, all), new PreviewText(mapping, settings, changed), changed, all);
    }

    /** What there is to say beside the totals; empty for nothing. */
    String remark() {
        return changed && !all
                ? "\nThe mapping has changed since all contacts were sent: contacts that have not changed in"
                        + " JTL-Wawi stay as they are in the CRM. The command sync --full sends all."
                : "";
    }
}
