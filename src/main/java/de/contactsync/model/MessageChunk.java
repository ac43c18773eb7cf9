package de.contactsync.model;

import java.util.List;

/**
 * The keys of some messages, which are acknowledged together. There is no run: what is undone is still with the broker.
 *
 * @param source    kind of the broker, as the column {@code dead_letter.source} has it
 * @param positions one for each entry, the same each time its message is delivered: the id of the message, with
 *                  {@code #n} for the n-th of several keys
 */
public record MessageChunk(String source, List<KeyEntry> entries, List<String> positions) implements Chunk {

    /** Source of what no message brought. */
    private static final String RECHECK = "delivery";

    /** As {@link #isRecheck} has it. */
    public static MessageChunk recheck(List<KeyEntry> entries, List<String> positions) {
        return new MessageChunk(RECHECK, entries, positions);
    }

    public MessageChunk {
        entries = List.copyOf(entries);
        positions = List.copyOf(positions);
        if (entries.size() != positions.size()) {
            throw new IllegalArgumentException(positions.size() + " positions for " + entries.size() + " entries");
        }
    }

    @Override
    public int size() {
        return entries.size();
    }

    @Override
    public boolean isRecheck() {
        return source.equals(RECHECK);
    }

    @Override
    public Object id() {
        return positions;
    }

    @Override
    public String position(int index) {
        return positions.get(index);
    }

    /** Without what stood in the messages. */
    @Override
    public String toString() {
        return "Chunk[" + entries.size() + " keys of " + source + "]";
    }
}
