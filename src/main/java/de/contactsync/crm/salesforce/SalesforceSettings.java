package de.contactsync.crm.salesforce;

import de.contactsync.crm.CrmKind;
import de.contactsync.crm.CrmSettings.Company;
import de.contactsync.crm.OAuthClient;
import de.contactsync.crm.mapping.Mapping;
import de.contactsync.crm.mapping.MappingException;
import de.contactsync.resilience.QuotaHeaders;
import java.util.Map;
import java.util.Set;

/**
 * What only Salesforce has of the keys under {@code contacts.crm.}.
 *
 * @param apiVersion such as {@code v62.0}
 * @param object     whose records contacts become, as the API names it: {@code Contact}
 */
public record SalesforceSettings(String apiVersion, String object, Company company, OAuthClient client)
        implements CrmKind {

    /** Tells how many calls of the last 24 hours are used, by all programs of the organisation together. */
    static final String LIMIT_INFO = "sforce-limit-info";

    private static final Set<String> OF_PEOPLE = Set.of("Contact", "Lead");

    @Override
    public String id() {
        return "salesforce";
    }

    /** Objects that people can merge. */
    boolean isOfPeople() {
        return OF_PEOPLE.contains(object);
    }

    @Override
    public boolean namesAccount() {
        return true;
    }

    @Override
    public String label() {
        return "Salesforce";
    }

    @Override
    public String unfit(Map<String, String> fields) {
        return !OF_PEOPLE.contains(object)
                        || !fields.getOrDefault("LastName", "").isBlank()
                ? null
                : "Salesforce takes no contact without last name: give it one in JTL-Wawi, it is sent once it has"
                        + " changed";
    }

    @Override
    public void check(Mapping mapping) {
        if (company == Company.LINK && mapping.companyKey() == null) {
            throw new MappingException("contacts.crm.company is link, and " + mapping.file()
                    + " does not say which account" + " is whose: add company-key: with a field of Account");
        }
    }

    @Override
    public Set<String> domains() {
        return Set.of("salesforce.com", "force.com");
    }

    @Override
    public Set<String> quotaHeaders() {
        return Set.of(LIMIT_INFO);
    }

    /** None: the limit is one of 24 hours, over which calls must not be spread evenly. */
    @Override
    public QuotaHeaders quota(Map<String, String> headers) {
        return null;
    }
}
