package de.contactsync.messaging;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import de.contactsync.model.ContactKey;
import de.contactsync.model.CustomerContact;
import de.contactsync.model.EnrichedChunk;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class KeyResultTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final UUID TENANT = UUID.fromString("0d9f4f3e-7c1b-4a58-9e36-52c1a8b7d604");
    private static final KeyEntry GEHEIM_RAW = new KeyEntry.Invalid(1, "Geheim \"x\"\n", "customerId is missing");

    private static KeyEntry key(int number) {
        return new KeyEntry.Valid(1, new ContactKey(TENANT, new UUID(0xC0, number), new UUID(0xCC, number)));
    }

    private static Outcome found(String lastName) {
        return new Outcome.Found(
                new CustomerContact(null, "", "Jörg", lastName, "+49 30 1", null, "j@example.org", null));
    }

    private static Outcome.Failed invalid() {
        return new Outcome.Failed(Reason.INVALID_KEY, null, null, "customerId is missing", null, 0);
    }

    private static void assertJson(String actual, String expected) throws JsonProcessingException {
        assertThat(JSON.readTree(actual)).isEqualTo(JSON.readTree(expected.replace('\'', '"')));
    }

    @Test
    void a_contact_bears_the_names_of_jtls_model_and_keeps_null_and_empty_apart() throws JsonProcessingException {
        CustomerContact contact = ((Outcome.Found) found("Groß")).contact();
        assertJson(
                new KeyResult("ID:1", key(1), found("Groß")).json(),
                "{'messageId':'ID:1','outcome':'found','tenantId':'" + TENANT + "',"
                        + "'customerId':'00000000-0000-00c0-0000-000000000001',"
                        + "'contactId':'00000000-0000-00cc-0000-000000000001','department':null,'honorific':'',"
                        + "'firstName':'Jörg','lastName':'Groß','phoneNumber':'+49 30 1','mobilePhoneNumber':null,"
                        + "'emailAddress':'j@example.org','fax':null,'contentHash':'" + contact.contentHash() + "'}");
    }

    @Test
    void an_error_bears_jtls_own_words_and_its_errors_as_json() throws JsonProcessingException {
        Outcome.Failed failed =
                new Outcome.Failed(Reason.REJECTED, 400, "Bad", "refused", "{\"customerId\":[\"no\"]}", 2);
        assertJson(
                new KeyResult("ID:1#2", key(1), failed).json(),
                "{'messageId':'ID:1#2','outcome':'rejected','tenantId':'" + TENANT + "',"
                        + "'customerId':'00000000-0000-00c0-0000-000000000001',"
                        + "'contactId':'00000000-0000-00cc-0000-000000000001','stage':'jtl','httpStatus':400,"
                        + "'errorCode':'Bad','errorMessage':'refused','errors':{'customerId':['no']},'attempts':2}");
    }

    /** A consumer could not see that an older answer had come behind a newer one. */
    @Test
    void contact_and_error_say_when_their_call_began_in_texts_that_sort_by_time() throws JsonProcessingException {
        long micros = 1_795_824_000_000_000L;
        List<Outcome> outcomes = List.of(
                found("Groß").withAskedAt(micros),
                new Outcome.Failed(Reason.NOT_FOUND, 404, null, "gone", null, 1).withAskedAt(micros + 1),
                found("Groß").withAskedAt(micros + 1_500_000));

        assertThat(outcomes)
                .map(outcome -> JSON.readTree(new KeyResult("ID:1", key(1), outcome).json())
                        .path("askedAt")
                        .textValue())
                .containsExactly(
                        "2026-11-28T00:00:00.000000Z", "2026-11-28T00:00:00.000001Z", "2026-11-28T00:00:01.500000Z")
                .isSorted();
    }

    @Test
    void what_is_no_key_is_given_back_as_it_stood_there() throws JsonProcessingException {
        KeyResult result = new KeyResult("ID:1", GEHEIM_RAW, invalid());
        assertJson(
                result.json(),
                "{'messageId':'ID:1','outcome':'invalid-key','rawKey':'Geheim \\'x\\'\\n','stage':'key',"
                        + "'httpStatus':null,'errorCode':null,'errorMessage':'customerId is missing','errors':null,"
                        + "'attempts':0}");
        assertThat(result.keyText()).isNull();
        assertThat(result.found()).isFalse();
    }

    @Test
    void a_message_gets_one_answer_for_all_its_keys() throws JsonProcessingException {
        KeyRequests requests = new KeyRequests(
                "queue",
                List.of(
                        new KeyRequest("ID:1", "c1", null, List.of(key(1))),
                        new KeyRequest("ID:2", "c2", null, List.of()),
                        new KeyRequest("ID:3", "c3", null, List.of(key(2), key(3)))));
        EnrichedChunk enriched = new EnrichedChunk(requests.chunk(), List.of(found("Eins"), invalid(), found("Drei")));

        List<KeyRequests.Answer> answers = requests.answers(enriched);

        assertThat(requests.chunk().positions()).containsExactly("ID:1", "ID:3#1", "ID:3#2");
        assertThat(answers).extracting(answer -> answer.request().id()).containsExactly("ID:1", "ID:2", "ID:3");
        assertThat(JSON.readTree(answers.get(0).json()).get("lastName").textValue())
                .isEqualTo("Eins");
        assertThat(answers.get(1).json()).isEqualTo("[]");
        assertThat(JSON.readTree(answers.get(2).json()))
                .hasSize(2)
                .extracting(each -> each.get("messageId").textValue() + " "
                        + each.get("outcome").textValue())
                .containsExactly("ID:3#1 invalid-key", "ID:3#2 found");
    }

    @Test
    void no_text_for_a_log_holds_a_contact_or_a_message() {
        KeyRequests requests = new KeyRequests(
                "queue",
                List.of(
                        new KeyRequest("ID:1", "c1", null, List.of(GEHEIM_RAW)),
                        new KeyRequest("ID:2", "c2", null, List.of(key(1)))));
        EnrichedChunk enriched = new EnrichedChunk(requests.chunk(), List.of(invalid(), found("Geheim")));
        List<KeyRequests.Answer> answers = requests.answers(enriched);

        assertThat(requests.toString()
                        + requests.chunk()
                        + enriched
                        + answers
                        + answers.get(1).results())
                .doesNotContain("Geheim", "example.org");
    }
}
