package de.contactsync.oauth;

import de.contactsync.persistence.TestDatabase;
import org.junit.jupiter.api.Test;

/** A login that several processes on one PostgreSQL share. */
class SharedLoginIT {

    @Test
    void two_processes_that_renew_together_spend_no_refresh_token_twice() throws Exception {
        LoginFlowTest.renewAtOnce(TestDatabase.Kind.POSTGRESQL, 100);
    }
}
