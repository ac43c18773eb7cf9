package de.contactsync.routes;

import de.contactsync.model.EnrichedChunk;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.camel.spi.TypeConverterLoader;
import org.apache.camel.spi.TypeConverterRegistry;
import org.apache.camel.support.SimpleTypeConverter;

/**
 * Lets a route take the contacts of a chunk as a list of maps: {@code convertBodyTo} {@code java.util.List}, behind the
 * lookup. From there camel-jackson makes JSON, and camel-csv or camel-bindy CSV. Camel finds this class by its service
 * file.
 */
public final class ContactConverterLoader implements TypeConverterLoader {

    @Override
    public void load(TypeConverterRegistry registry) {
        registry.addTypeConverter(
                List.class,
                EnrichedChunk.class,
                new SimpleTypeConverter(false, (type, exchange, value) -> contacts((EnrichedChunk) value)));
    }

    /** Those that were found, in the order of their keys; what failed is in the dead letters. */
    private static List<Map<String, Object>> contacts(EnrichedChunk enriched) {
        List<Map<String, Object>> contacts = new ArrayList<>();
        for (int i = 0; i < enriched.outcomes().size(); i++) {
            if (enriched.outcomes().get(i) instanceof Outcome.Found found
                    && enriched.chunk().entries().get(i) instanceof KeyEntry.Valid valid) {
                contacts.add(ContactBody.of(valid.key(), found.contact()));
            }
        }
        return contacts;
    }
}
