package de.contactsync.model;

import java.util.List;

/** Some entries of one source, worked on together and committed in one transaction. */
public sealed interface Chunk permits RunChunk, MessageChunk {

    List<KeyEntry> entries();

    /** Records of the source that this chunk accounts for. */
    int size();

    /** Equal for the same part of the same source, given again. */
    Object id();

    /**
     * Whether its keys are asked about for the sake of a sink, and not because anybody gave them: that one of them fails
     * says nothing of its tenant, and may be so for days.
     */
    default boolean isRecheck() {
        return false;
    }

    /** Where the entry stands in its source, as the column {@code dead_letter.position} has it. */
    String position(int index);
}
