package de.contactsync.crm.hubspot;

import de.contactsync.crm.CrmKind;
import de.contactsync.crm.CrmSettings.Company;
import de.contactsync.crm.OAuthClient;
import de.contactsync.crm.mapping.Mapping;
import de.contactsync.crm.mapping.MappingException;
import de.contactsync.crm.mapping.WritePolicy;
import de.contactsync.resilience.QuotaHeaders;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/**
 * What only HubSpot has of the keys under {@code contacts.crm.}.
 *
 * @param apiVersion     of its paths: {@code v3}, or a date such as {@code 2026-03}
 * @param token          of a private app; empty where there is a client
 * @param client         of an app that the account has installed; null for a private app
 * @param createProperty whether properties that are missing are created
 */
public record HubSpotSettings(
        String apiVersion,
        String token,
        OAuthClient client,
        boolean createProperty,
        EmailConflict emailConflict,
        Company company)
        implements CrmKind {

    /** With the token of a private app. */
    public HubSpotSettings(
            String apiVersion, String token, boolean createProperty, EmailConflict emailConflict, Company company) {
        this(apiVersion, token, null, createProperty, emailConflict, company);
    }

    /** What to do with a contact that is new to the CRM while its e-mail address belongs to another record there. */
    public enum EmailConflict {
        DEAD_LETTER,
        /** The record becomes that of the contact, unless it is that of another contact of JTL. */
        ADOPT,
        WITHOUT_EMAIL
    }

    private static final Set<String> NEEDED = Set.of("email", "firstname", "lastname");
    private static final String MAX = "x-hubspot-ratelimit-max";
    private static final String INTERVAL = "x-hubspot-ratelimit-interval-milliseconds";
    private static final String REMAINING = "x-hubspot-ratelimit-remaining";

    @Override
    public boolean createsWhatIsMissing() {
        return createProperty;
    }

    @Override
    public String id() {
        return "hubspot";
    }

    @Override
    public boolean namesAccount() {
        return true;
    }

    @Override
    public String label() {
        return "HubSpot";
    }

    @Override
    public String unfit(Map<String, String> fields) {
        return NEEDED.stream().anyMatch(name -> !fields.getOrDefault(name, "").isEmpty())
                ? null
                : "HubSpot takes no contact without e-mail address, first name and last name: give it one of them in"
                        + " JTL-Wawi, it is sent once it has changed";
    }

    @Override
    public UniqueField uniqueField() {
        return new UniqueField("email", emailConflict == EmailConflict.WITHOUT_EMAIL);
    }

    @Override
    public void check(Mapping mapping) {
        if (company == Company.LINK && mapping.companyKey() == null) {
            throw new MappingException("contacts.crm.company is link, and " + mapping.file()
                    + " does not say which company" + " is whose: add company-key: with a property of companies");
        }
        if (emailConflict == EmailConflict.WITHOUT_EMAIL && mapping.write("email") == WritePolicy.CREATE_ONLY) {
            throw new MappingException("contacts.crm.on-email-conflict is without-email, and " + mapping.file()
                    + " says write: create-only of email: an address that was left out would never be sent; take write:"
                    + " when-empty there");
        }
    }

    @Override
    public Set<String> domains() {
        return Set.of();
    }

    @Override
    public Set<String> quotaHeaders() {
        return Set.of(MAX, INTERVAL, REMAINING);
    }

    @Override
    public QuotaHeaders quota(Map<String, String> headers) {
        return QuotaHeaders.read(headers.get(MAX), headers.get(INTERVAL), Duration.ofMillis(1), headers.get(REMAINING));
    }

    /** Without the token. */
    @Override
    public String toString() {
        return "HubSpotSettings[" + apiVersion + ", token=***, " + createProperty + ", " + emailConflict + ", "
                + company
                + "]";
    }
}
