package de.contactsync.crm.rest;

import com.fasterxml.jackson.core.JsonPointer;
import java.time.Duration;
import java.util.Set;

/** How a record gets into the CRM. */
public sealed interface RestMode {

    /** The call that writes into a record that is there. */
    RequestTemplate update();

    /** One call that creates or updates. */
    record Single(RequestTemplate write) implements RestMode {

        @Override
        public RequestTemplate update() {
            return write;
        }
    }

    /**
     * One call for many records, which creates or updates.
     *
     * @param linger how long a batch that is not full waits for more
     */
    record Batch(RequestTemplate write, int size, Duration linger) implements RestMode {

        @Override
        public RequestTemplate update() {
            return write;
        }
    }

    /**
     * A call that looks for the record, and one that creates or updates it; for a CRM without an upsert.
     *
     * @param findByEmail a call that looks for the records with the contact's e-mail address; null when there is none
     * @param found    array of the records that were found
     * @param foundId  where in one of them its id stands
     * @param foundKey where in one of them its key stands; null when all that was found is meant
     *                 whose field of the mapping's key does not say that it is another's
     * @param none     what says that there is none
     * @param findLag  after which a record that was created can be found; until then none is created again
     * @param exists   statuses and error codes that say that what was to be created is there already
     */
    record FindThenWrite(
            RequestTemplate find,
            RequestTemplate findByEmail,
            JsonPointer found,
            ValuePointer foundId,
            JsonPointer foundKey,
            FoundNone none,
            Duration findLag,
            RequestTemplate create,
            Set<String> exists,
            RequestTemplate update)
            implements RestMode {}
}
