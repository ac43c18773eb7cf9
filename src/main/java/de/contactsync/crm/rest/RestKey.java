package de.contactsync.crm.rest;

import de.contactsync.crm.mapping.FieldSource;
import de.contactsync.crm.mapping.Template;
import de.contactsync.model.Delivery;

/** What tells the record of a contact from all others: made of its ids, which never change. */
public final class RestKey {

    private final Template template;

    private RestKey(Template template) {
        this.template = template;
    }

    /** @throws IllegalArgumentException that says what is wrong with it */
    public static RestKey parse(String text) {
        Template template = Template.parse(text, RestPlaceholders.IDS);
        if (!template.names().contains("contactId")) {
            throw new IllegalArgumentException("{contactId} must be in it, or contacts could not be told apart");
        }
        return new RestKey(template);
    }

    /** What tells it from other keys, with the names in place of values. */
    String pattern() {
        return template.fill(name -> '{' + name + '}');
    }

    String of(Delivery delivery) {
        return template.fill(name -> FieldSource.named(name).of(delivery));
    }
}
