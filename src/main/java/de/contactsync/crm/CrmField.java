package de.contactsync.crm;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a CRM says of one of its fields.
 *
 * @param type      as the CRM names it
 * @param writable  whether we may write it, in new records and in those there are
 * @param options   the only values it takes; null where it takes others too
 * @param maxLength most characters; 0 when the CRM does not say
 */
public record CrmField(String name, String type, boolean writable, Set<String> options, int maxLength) {

    private static final int MOST_SHOWN = 20;
    private static final Set<String> NUMBERS = Set.of("number", "int", "double", "currency", "percent");
    private static final Set<String> DATES = Set.of("date", "datetime", "time");

    /**
     * Why no contact, or each that has such a value, would be refused because of the mapping; empty when it fits.
     *
     * @param known    what the mapping sends whatever is in a contact
     * @param constant whether it sends nothing else
     */
    public List<String> misfits(Set<String> known, boolean constant) {
        List<String> misfits = new ArrayList<>();
        if (!writable) {
            misfits.add(name + " cannot be written there: remove it from the mapping");
            return misfits;
        }
        if (!constant && (NUMBERS.contains(type) || DATES.contains(type))) {
            misfits.add(
                    name + " takes no text (its type is " + type + "), which is all that is sent: name a text field");
        }
        for (String value : known) {
            if (options != null && !options.contains(value)) {
                misfits.add(name + " does not take \"" + value + "\", only " + shown());
            } else if (NUMBERS.contains(type) && !value.matches("-?\\d+(\\.\\d+)?")) {
                misfits.add(name + " takes numbers only, not \"" + value + "\"");
            } else if (maxLength > 0 && value.length() > maxLength) {
                misfits.add(name + " takes " + maxLength + " characters, not the " + value.length()
                        + " that the mapping has for it");
            }
        }
        return misfits;
    }

    private String shown() {
        List<String> some = new TreeSet<>(options).stream().limit(MOST_SHOWN).toList();
        return (some.isEmpty() ? "what it has no option for" : String.join(", ", some))
                + (options.size() > MOST_SHOWN ? " and " + (options.size() - MOST_SHOWN) + " more" : "");
    }
}
