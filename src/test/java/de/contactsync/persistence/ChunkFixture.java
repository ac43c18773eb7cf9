package de.contactsync.persistence;

import de.contactsync.model.ContactKey;
import de.contactsync.model.CustomerContact;
import de.contactsync.model.EnrichedChunk;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import de.contactsync.model.RunChunk;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Chunks with what came of them, as JTL's side of the house would hand them over. */
public final class ChunkFixture {

    public static final UUID TENANT = UUID.fromString("0d9f4f3e-7c1b-4a58-9e36-52c1a8b7d604");

    private ChunkFixture() {}

    public static ContactKey key(int number) {
        return new ContactKey(TENANT, new UUID(0xC0, number), new UUID(0xFFFF_0000_0000_0000L, number));
    }

    public static CustomerContact named(String lastName) {
        return new CustomerContact(null, "", "Jörg", lastName, "+49 30 1", null, "j@example.org", null);
    }

    /** Keys {@code from} to {@code from + count - 1}, all of them found; positions are the keys' numbers. */
    public static EnrichedChunk found(long runId, int number, int from, int count) {
        List<KeyEntry> entries = new ArrayList<>();
        List<Outcome> outcomes = new ArrayList<>();
        for (int i = from; i < from + count; i++) {
            entries.add(new KeyEntry.Valid(i, key(i)));
            outcomes.add(new Outcome.Found(named("Contact " + i)));
        }
        return new EnrichedChunk(new RunChunk(runId, number, entries, 0), outcomes);
    }

    public static EnrichedChunk found(long runId, int number, ContactKey key, CustomerContact contact) {
        return new EnrichedChunk(
                new RunChunk(runId, number, List.of(new KeyEntry.Valid(1, key)), 0),
                List.of(new Outcome.Found(contact)));
    }

    public static EnrichedChunk failed(long runId, int number, KeyEntry entry, Outcome.Failed failure) {
        return new EnrichedChunk(new RunChunk(runId, number, List.of(entry), 0), List.of(failure));
    }

    public static Outcome.Failed notFound() {
        return new Outcome.Failed(Reason.NOT_FOUND, 404, "NotFound", "no such contact", null, 1);
    }

    static Outcome.Failed invalid(String problem) {
        return new Outcome.Failed(Reason.INVALID_KEY, null, null, problem, null, 0);
    }

    /** One of each outcome there is: positions 1 to 7, and 3 duplicates. */
    public static EnrichedChunk mixed(long runId, int number) {
        List<KeyEntry> entries = new ArrayList<>();
        for (int i = 1; i <= 6; i++) {
            entries.add(new KeyEntry.Valid(i, key(i)));
        }
        entries.add(new KeyEntry.Invalid(7, "x;ü;\uD83D\uDE80", "customerId is \"x\""));
        return new EnrichedChunk(
                new RunChunk(runId, number, entries, 3),
                List.of(
                        new Outcome.Found(named("Groß")),
                        notFound(),
                        new Outcome.Failed(Reason.REJECTED, 400, "Bad", "refused", "{\"customerId\":[\"no\"]}", 1),
                        new Outcome.Failed(Reason.CONTRACT_VIOLATION, null, null, "another id", null, 2),
                        new Outcome.Failed(Reason.RETRIES_EXHAUSTED, 503, null, "busy", null, 5),
                        new Outcome.Found(named("Klein")),
                        invalid("customerId is \"x\"")));
    }
}
