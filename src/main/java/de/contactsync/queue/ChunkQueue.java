package de.contactsync.queue;

import de.contactsync.contact.RunChunk;

/** Hands parts of a run to whichever process takes them. */
public final class ChunkQueue {

    private final QueueSessions sessions;
    private final String name;

    public ChunkQueue(QueueSessions sessions, QueueSettings settings) {
        this.sessions = sessions;
        this.name = settings.chunks();
    }

    /** @throws de.contactsync.outage.OutageException when the broker is away */
    public void send(RunChunk chunk) {
        sessions.send(session -> {
            session.createProducer().send(session.createQueue(name), ChunkMessage.write(chunk));
        });
    }
}
