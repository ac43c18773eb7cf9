package de.contactsync.messaging.jms;

import de.contactsync.model.RunChunk;

/** Hands parts of a run to whichever process takes them. */
public final class ChunkPublisher {

    private final QueueSessions sessions;
    private final String name;

    public ChunkPublisher(QueueSessions sessions, QueueSettings settings) {
        this.sessions = sessions;
        this.name = settings.chunks();
    }

    /** @throws de.contactsync.resilience.OutageException when the broker is away */
    public void send(RunChunk chunk) {
        sessions.send(session -> {
            session.createProducer().send(session.createQueue(name), ChunkMessageCodec.write(chunk));
        });
    }
}
