package de.contactsync.jtl;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatusPolicyTest {

    @ParameterizedTest(name = "{0} is treated as {1}")
    @CsvSource({
        "200, READ_CONTACT",
        "201, CONTRACT_VIOLATION",
        "204, CONTRACT_VIOLATION",
        "206, CONTRACT_VIOLATION",
        "301, MISROUTED",
        "302, MISROUTED",
        "304, MISROUTED",
        "307, MISROUTED",
        "308, MISROUTED",
        "400, REJECT",
        "401, RENEW_TOKEN",
        "402, HALT",
        "403, NOT_OFFERED",
        "404, READ_NOT_FOUND",
        "405, NOT_OFFERED",
        "406, NOT_OFFERED",
        "408, RETRY_OUTAGE",
        "409, REJECT",
        "410, REJECT",
        "412, HALT",
        "418, REJECT",
        "422, REJECT",
        "429, WAIT_FOR_QUOTA",
        "451, REJECT",
        "500, RETRY",
        "501, RETRY",
        "502, RETRY_OUTAGE",
        "503, RETRY_OUTAGE",
        "504, RETRY_OUTAGE",
        "505, RETRY",
        "599, RETRY",
        "600, CONTRACT_VIOLATION",
        "999, CONTRACT_VIOLATION",
        "199, CONTRACT_VIOLATION",
    })
    void every_status_has_its_treatment(int status, StatusPolicy.Treatment treatment) {
        assertThat(StatusPolicy.of(status).treatment()).isEqualTo(treatment);
    }

    @ParameterizedTest(name = "{0} names {1}")
    @CsvSource({
        "401, jtl.oauth.client-id",
        "402, licence",
        "403, customers.read",
        "405, JTL-Wawi version",
        "412, jtl.tenant-id",
        "302, jtl.base-url",
    })
    void what_a_person_must_mend_is_named(int status, String remedy) {
        assertThat(StatusPolicy.of(status).advice()).contains(remedy);
    }
}
