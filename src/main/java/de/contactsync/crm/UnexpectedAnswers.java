package de.contactsync.crm;

import de.contactsync.model.ContactKey;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.Outcome;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * Contacts whose calls were answered as in {@link UnexpectedAnswerException}. Such an answer is about a contact when it
 * came, then others were taken, then it came again; by another process the first time, if need be. What so many
 * contacts get one after another is about none of them. Used by one thread.
 */
final class UnexpectedAnswers {

    /** So many calls in a row, of whichever contacts. */
    private static final int CONVINCING = 20;
    /** As long as none was taken, since whoever signs in wrongly more often may be locked out. */
    private static final int CONVINCING_UNAUTHORIZED = 3;

    private static final long TOGETHER = -1;

    /**
     * @param first how many contacts had been taken when it came first
     * @param last  the same of the last time that the contact was sent alone; {@link #TOGETHER} if it never was
     */
    private record Seen(long first, long last) {}

    private final Map<ContactKey, Seen> seen = new HashMap<>();
    private long taken;
    private int inARow;
    private Outcome.Failed last;

    /** How many contacts were taken so far. */
    long taken() {
        return taken;
    }

    /** The answer that came last; null when there was none. */
    Outcome.Failed last() {
        return last;
    }

    /** What became of a contact that was sent alone, or has a result of its own. */
    void note(Delivery contact, DeliveryResult result) {
        if (result instanceof DeliveryResult.Unexpected unexpected) {
            Seen before = seen.get(contact.key());
            long first = before != null ? before.first : contact.tries() > 0 ? 0 : taken;
            seen.put(contact.key(), new Seen(first, taken));
            count(unexpected.why());
        } else if (!(result instanceof DeliveryResult.Unsent)) {
            seen.remove(contact.key());
            if (!(result instanceof DeliveryResult.Refused)) {
                taken++;
                inARow = 0;
            }
        }
    }

    /** One answer to a call about several. */
    void noteTogether(Collection<Delivery> contacts, Outcome.Failed why) {
        contacts.forEach(contact -> seen.putIfAbsent(contact.key(), new Seen(taken, TOGETHER)));
        count(why);
    }

    private void count(Outcome.Failed why) {
        last = why;
        inARow++;
    }

    /** Whether it came for the contact when that was sent alone. */
    boolean contains(ContactKey key) {
        Seen of = seen.get(key);
        return of != null && of.last != TOGETHER;
    }

    /** Until one is taken, such an answer is about none of the contacts. */
    void concernAll() {
        inARow = CONVINCING;
    }

    /** Whether one came since the last contact was taken. */
    boolean isInARow() {
        return inARow > 0;
    }

    boolean areConvincing() {
        boolean unauthorized = last != null && Integer.valueOf(401).equals(last.httpStatus());
        return inARow >= (unauthorized && taken == 0 ? CONVINCING_UNAUTHORIZED : CONVINCING);
    }

    /** The contact is a dead letter: once it is sent again, what came before shows nothing any longer. */
    void forget(ContactKey key) {
        seen.remove(key);
    }

    /** Whether it is about the contact. */
    boolean isOwn(ContactKey key) {
        Seen of = seen.get(key);
        return of != null && of.first < of.last && (of.last < taken || !areConvincing());
    }

    /** Whether such an answer may still be about all contacts. */
    boolean isLeft(Delivery contact, DeliveryResult result) {
        return result instanceof DeliveryResult.Unexpected && !isOwn(contact.key());
    }
}
