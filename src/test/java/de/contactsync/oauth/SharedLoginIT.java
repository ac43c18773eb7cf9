package de.contactsync.oauth;

import de.contactsync.persistence.TestDatabase;
import org.junit.jupiter.api.Test;

/** A login that several processes on one PostgreSQL share. */
class SharedLoginIT {

    @Test
    void of_two_processes_that_renew_at_once_one_hundred_times_one_asks_and_no_token_is_spent_twice() throws Exception {
        LoginFlowTest.renewAtOnce(TestDatabase.Kind.POSTGRESQL, 100);
    }
}
