package de.contactsync.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.RefreshTokens.Access;
import de.contactsync.model.RefreshTokens.Turn;
import de.contactsync.outbox.OutboxFixture;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;

/** Secrets that JTL and CRMs gave out: where and how they rest, and that one process at a time spends them. */
@ParameterizedClass
@EachDatabase
class SecretTableTest extends OutboxFixture {

    private static final String CANARY = "c4n4ry-refresh-token";
    private static final SecretKeys ENCRYPTED = new SecretKeys("a key of twenty characters", null);
    private static final SecretKeys ROTATED = new SecretKeys("another key of twenty characters", ENCRYPTED.current());
    private static final String LOG_IN = "log in";

    private SecretVault vault(SecretKeys keys) {
        // The product's 600,000 iterations take seconds in the tests' JVM.
        return new SecretVault(test.settings(), keys, key -> new SecretCipher(key, 1_000));
    }

    private SecretTable secrets(SecretKeys keys) {
        return new SecretTable(database, vault(keys));
    }

    private RefreshTokenTable tokens(String owner, String first) {
        return RefreshTokenTable.ofSettings(database, vault(ENCRYPTED), "crm", owner, first);
    }

    private RefreshTokenTable login(String owner) {
        return RefreshTokenTable.ofLogin(database, vault(ENCRYPTED), "jtl:login", owner, LOG_IN);
    }

    private static Access access(String token, Duration lifetime) {
        return new Access(token, lifetime, null);
    }

    private Path file() {
        return Path.of(test.settings().url().substring("jdbc:sqlite:".length()) + ".secrets");
    }

    private void onlySqlite() {
        Assumptions.assumeTrue(test.kind() == TestDatabase.Kind.SQLITE);
    }

    @Test
    void a_refresh_token_is_one_process_s_at_a_time_and_the_next_gets_the_rotated_one() {
        RefreshTokenTable one = tokens("elsewhere/1/1", "seed");
        RefreshTokenTable other = tokens("elsewhere/2/1", "seed");
        assertThat(one.claim(null)).isEqualTo(new Turn.Spend("seed"));
        assertThat(other.claim(null)).as("two would spend the same").isEqualTo(new Turn.Wait());
        one.release("rotated", null);
        assertThat(other.claim(null)).isEqualTo(new Turn.Spend("rotated"));
        other.release(null, null);
        assertThat(one.claim(null)).isEqualTo(new Turn.Spend("rotated"));
    }

    @Test
    void another_token_in_the_settings_takes_the_place_of_what_was_kept() {
        RefreshTokenTable before = tokens("elsewhere/1/1", "seed");
        before.claim(null);
        before.release("rotated", access("of the old one", Duration.ofHours(1)));
        assertThat(tokens("elsewhere/2/1", "got anew").claim(null)).isEqualTo(new Turn.Spend("got anew"));
    }

    @Test
    void what_one_process_was_given_is_used_by_all_until_it_is_unwanted_or_nearly_over() {
        secrets(ENCRYPTED).put("jtl:login", "refresh-0");
        RefreshTokenTable one = login("elsewhere/1/1");
        RefreshTokenTable other = login("elsewhere/2/1");
        assertThat(one.claim(null)).isEqualTo(new Turn.Spend("refresh-0"));
        one.release("refresh-1", access("access-1", Duration.ofHours(1)));

        assertThat(other.claim(null)).isInstanceOfSatisfying(Turn.Use.class, use -> {
            assertThat(use.access().token()).isEqualTo("access-1");
            assertThat(use.access().lifetime()).isBetween(Duration.ofMinutes(59), Duration.ofHours(1));
        });
        assertThat(other.claim("access-1")).isEqualTo(new Turn.Spend("refresh-1"));
        other.release("refresh-2", access("access-2", Duration.ofSeconds(5)));
        assertThat(one.claim("access-1")).as("too short to share").isEqualTo(new Turn.Spend("refresh-2"));
    }

    @Test
    void a_refused_refresh_token_is_spent_by_nobody_again_until_somebody_logs_in() {
        assertThat(login("elsewhere/1/1").claim(null)).isEqualTo(new Turn.None(LOG_IN));
        secrets(ENCRYPTED).put("jtl:login", "refresh-0");
        RefreshTokenTable one = login("elsewhere/1/1");
        one.claim(null);
        one.refused();
        assertThat(login("elsewhere/2/1").claim(null)).isEqualTo(new Turn.None(LOG_IN));
        secrets(ENCRYPTED).put("jtl:login", "refresh-9");
        assertThat(login("elsewhere/2/1").claim(null)).isEqualTo(new Turn.Spend("refresh-9"));
    }

    /** A process asked with the old token while somebody logged in anew: its answer belongs to the login before. */
    @Test
    void an_answer_to_the_login_before_does_not_replace_a_new_login() {
        secrets(ENCRYPTED).put("jtl:login", "refresh-0");
        RefreshTokenTable slow = login("elsewhere/1/1");
        slow.claim(null);
        secrets(ENCRYPTED).put("jtl:login", "of a new login");
        slow.release("refresh-1", access("access-1", Duration.ofHours(1)));
        assertThat(login("elsewhere/2/1").claim(null)).isEqualTo(new Turn.Spend("of a new login"));
    }

    @Test
    void with_a_key_nothing_is_stored_in_clear_and_a_changed_key_is_reported() {
        secrets(ENCRYPTED).put("jtl:registration", CANARY);
        assertThat(secrets(ENCRYPTED).get("jtl:registration")).contains(CANARY);
        assertThat(test.rows("SELECT value FROM secret")).noneMatch(row -> row.contains(CANARY));
        assertThat(test.rows("SELECT value FROM secret")).allMatch(row -> row.startsWith("aes1:"));
        assertThatThrownBy(() -> secrets(new SecretKeys("quite another key of mine", null))
                        .get("jtl:registration"))
                .isInstanceOf(ProcessingHaltedException.class)
                .hasMessageContaining("contacts.secret-key");
        assertThatThrownBy(() -> secrets(SecretKeys.NONE).get("jtl:registration"))
                .isInstanceOf(ProcessingHaltedException.class)
                .hasMessageContaining("set contacts.secret-key");
    }

    @Test
    void a_secret_in_the_place_of_another_is_refused() {
        secrets(ENCRYPTED).put("jtl:a", CANARY);
        secrets(ENCRYPTED).put("jtl:b", "other");
        test.execute("UPDATE secret SET value = (SELECT value FROM secret WHERE name = 'jtl:a') WHERE name = 'jtl:b'");
        assertThatThrownBy(() -> secrets(ENCRYPTED).get("jtl:b"))
                .isInstanceOf(ProcessingHaltedException.class)
                .hasMessageContaining("changed from outside")
                .hasMessageNotContaining(CANARY);
    }

    @Test
    void rotation_encrypts_with_the_new_key_and_the_old_one_is_needed_no_longer() {
        secrets(ENCRYPTED).put("jtl:login", CANARY);
        test.execute(
                "INSERT INTO secret (name, seed, value) VALUES ('crm', 'seed', 'plain text of an earlier version')");
        assertThat(secrets(ROTATED).get("jtl:login")).contains(CANARY);
        assertThat(secrets(ROTATED).rotate()).containsExactly("crm", "jtl:login");
        assertThat(secrets(ROTATED).rotate()).isEmpty();
        SecretTable later = secrets(new SecretKeys(ROTATED.current(), null));
        assertThat(later.get("jtl:login")).contains(CANARY);
        assertThat(later.get("crm")).contains("plain text of an earlier version");
        assertThat(later.list())
                .allMatch(entry -> entry.rests().equals("encrypted with contacts.secret-key"))
                .hasSize(2);
    }

    @Test
    void without_a_key_a_secret_is_in_a_file_of_its_owner_alone() throws Exception {
        onlySqlite();
        secrets(SecretKeys.NONE).put("jtl:registration", CANARY);
        assertThat(secrets(SecretKeys.NONE).get("jtl:registration")).contains(CANARY);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
        assertThat(test.rows("SELECT value FROM secret")).noneMatch(row -> row.contains(CANARY));

        assertThat(secrets(ENCRYPTED).rotate()).containsExactly("jtl:registration");
        assertThat(Files.readString(file(), StandardCharsets.ISO_8859_1)).doesNotContain(CANARY);
        assertThat(secrets(ENCRYPTED).get("jtl:registration")).contains(CANARY);
    }

    @Test
    void what_was_removed_is_neither_in_the_database_nor_in_the_file() throws Exception {
        onlySqlite();
        SecretTable secrets = secrets(SecretKeys.NONE);
        secrets.put("jtl:login", CANARY);
        secrets.remove("jtl:login");
        assertThat(secrets.get("jtl:login")).isEmpty();
        assertThat(Files.readString(file(), StandardCharsets.ISO_8859_1)).doesNotContain(CANARY);
    }

    @Test
    void a_server_without_a_key_takes_no_secret() {
        Assumptions.assumeTrue(test.kind() == TestDatabase.Kind.POSTGRESQL);
        assertThatThrownBy(() -> secrets(SecretKeys.NONE).put("jtl:login", CANARY))
                .isInstanceOf(ProcessingHaltedException.class)
                .hasMessageContaining("contacts.secret-key is not set");
        assertThat(test.rows("SELECT name FROM secret")).isEmpty();
    }
}
