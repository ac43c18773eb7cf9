package de.contactsync.model;

import java.util.List;

/** @param outcomes one for each of the chunk's entries, in their order */
public record EnrichedChunk(Chunk chunk, List<Outcome> outcomes) {

    public EnrichedChunk {
        outcomes = List.copyOf(outcomes);
        if (outcomes.size() != chunk.entries().size()) {
            throw new IllegalArgumentException(
                    outcomes.size() + " outcomes for " + chunk.entries().size() + " entries");
        }
    }

    @Override
    public String toString() {
        return "Enriched" + chunk;
    }
}
