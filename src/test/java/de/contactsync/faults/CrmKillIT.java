package de.contactsync.faults;

import de.contactsync.product.KillsIntoCrm;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SIGKILL at random moments of a first sync into the CRM. */
class CrmKillIT {

    @TempDir
    Path folder;

    @Test
    void nothing_is_lost_and_nothing_is_doubled_in_the_crm() throws Exception {
        KillsIntoCrm.assertNothingLostOrDoubled(folder, Scale.of(4_000, 20_000), Scale.of(8, 50));
    }
}
