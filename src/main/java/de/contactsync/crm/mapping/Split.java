package de.contactsync.crm.mapping;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Takes one part of a value.
 *
 * @param at   what stands between the parts; null: the value is not split
 * @param take which of them, from 1; {@link #LAST} for the last
 */
record Split(String at, int take) {

    static final int LAST = -1;

    static final Split NONE = new Split(null, 0);

    /** Null when there is no such part. Blanks around the parts are not part of them, and of empty ones there is none. */
    String of(String value) {
        if (at == null || value == null) {
            return value;
        }
        List<String> parts = Arrays.stream(value.split(Pattern.quote(at)))
                .map(Blanks::trim)
                .filter(part -> !part.isEmpty())
                .toList();
        int place = take == LAST ? parts.size() : take;
        return place < 1 || place > parts.size() ? null : parts.get(place - 1);
    }
}
