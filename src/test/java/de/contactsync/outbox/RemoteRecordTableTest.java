package de.contactsync.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.model.ContactKey;
import de.contactsync.persistence.ChunkFixture;
import de.contactsync.persistence.EachDatabase;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;

/** Whose record it is that is to be removed from the sink. */
@ParameterizedClass
@EachDatabase
class RemoteRecordTableTest extends OutboxFixture {

    @Test
    void a_record_belongs_to_its_contact_also_under_another_customer() {
        named(1, "A");
        named(2, "B");
        recordResults(claim(10), accepted("101"), accepted("102"));
        RemoteRecordTable records = new RemoteRecordTable(database, "crm");
        ContactKey first = ChunkFixture.key(1);
        ContactKey second = ChunkFixture.key(2);

        // JTL has it again.
        assertThat(records.living(second, List.of("102"))).isEqualTo(second);
        test.execute("UPDATE delivery SET wanted_hash = NULL WHERE remote_id = '102'");
        assertThat(records.living(second, List.of("102", "99"))).isNull();
        assertThat(records.living(second, List.of("102", "101", "99"))).isEqualTo(first);
        assertThat(new RemoteRecordTable(database, "other").living(second, List.of("101")))
                .isNull();

        ContactKey elsewhere = new ContactKey(first.tenantId(), new UUID(9, 9), first.contactId());
        assertThat(records.living(elsewhere, List.of("99"))).isEqualTo(first);

        test.execute("UPDATE delivery SET wanted_hash = NULL WHERE remote_id = '101'");
        assertThat(records.living(elsewhere, List.of("101", "99"))).isNull();
    }
}
