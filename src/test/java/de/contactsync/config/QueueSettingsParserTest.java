package de.contactsync.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import de.contactsync.messaging.jms.QueueSettings;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QueueSettingsParserTest {

    private static final String SECRET = "s3cr3t-c4n4ry";

    @TempDir
    Path folder;

    private final Properties system = new Properties();

    QueueSettingsParserTest() {
        system.setProperty("jtl.oauth.client-id", "id");
        system.setProperty("jtl.oauth.client-secret", "secret");
    }

    private QueueSettingsParserTest with(String key, String value) {
        system.setProperty("contacts.queue." + key, value);
        return this;
    }

    private QueueSettings load() {
        return Settings.load(folder, Map.of(), system).queue();
    }

    private String problem() {
        ConfigurationException e = catchThrowableOfType(ConfigurationException.class, this::load);
        assertThat(e).as("the configuration is refused").isNotNull();
        return e.getMessage();
    }

    @Test
    void without_an_address_the_broker_is_in_this_process() {
        QueueSettings settings = load();
        assertThat(settings.isEmbedded()).isTrue();
        assertThat(settings.port())
                .as("no port for other programs unless it is asked for")
                .isNull();
        assertThat(settings.directory()).isEqualTo(Path.of("data/broker"));
        assertThat(settings.name()).isEqualTo("contact-keys");
        assertThat(settings.output()).isEqualTo("contacts-enriched");
        assertThat(settings.deadLetter()).isEqualTo("contacts-dead-letter");
        assertThat(settings.consumers()).isEqualTo(8);
        assertThat(settings.shownUrl()).contains("data/broker").doesNotContain("127.0.0.1");
        assertThat(settings.broker()).isEqualTo("the broker of this process (data/broker)");
        settings = with("port", "61616")
                .with("username", "shop")
                .with("password", SECRET)
                .load();
        assertThat(settings.port()).isEqualTo(61616);
        assertThat(settings.shownUrl()).contains("data/broker", "amqp://127.0.0.1:61616");
    }

    @Test
    void a_port_for_other_programs_needs_a_user() {
        assertThat(with("port", "61616").problem())
                .startsWith("contacts.queue.port")
                .contains("contacts.queue.username", ".password");
    }

    @ParameterizedTest
    @CsvSource({
        "tcp://broker:61616, true, false",
        "tcp://broker:61616?retryInterval=500, true, false",
        "ssl://broker:61617, true, true",
        "amqp://broker:5672, false, false",
        "amqp://broker:5672?amqp.idleTimeout=30000, false, false",
        "amqps://broker:5671, false, true",
        "tcp://[::1]:61616, true, false",
    })
    void the_scheme_says_whether_it_is_an_artemis_and_whether_there_is_tls(String url, boolean artemis, boolean tls) {
        QueueSettings settings = with("url", url).load();
        assertThat(settings.isEmbedded()).isFalse();
        assertThat(settings.isArtemis()).isEqualTo(artemis);
        assertThat(settings.isTls()).isEqualTo(tls);
        assertThat(settings.shownUrl()).isEqualTo(url.replaceAll("\\?.*", ""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://broker:61616",
                "vm://0",
                "broker:61616",
                "tcp://broker",
                "tcp:broker:61616",
                "tcp://:61616",
                "TCP://h:1",
                "failover:(tcp://a:1,tcp://b:2)",
                "discovery:multicast",
                "jms:queue:x",
                "tcp://broker:99999999",
                "nonsense %",
                // Its options would be lost without a word.
                "ssl://broker:61617?trustAll=true",
            })
    void another_address_is_refused_with_what_was_expected(String url) {
        assertThat(with("url", url).problem())
                .startsWith("contacts.queue.url")
                .contains("tcp://HOST:PORT", "amqp://HOST:PORT");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tcp://me:" + SECRET + "@broker:61616",
                "amqp://me:" + SECRET + "@broker:5672",
                "tcp://" + SECRET + "@broker:61616",
                "tcp://broker:61616?password=" + SECRET,
                "tcp://broker:61616?user=me&password=" + SECRET + "&x=1",
                "tcp://broker:61616?trustStorePassword=" + SECRET,
                "amqps://broker:5671?transport.keyStorePassword=" + SECRET,
                "amqp://broker:5672?jms.password=" + SECRET,
                "tcp://broker:61616;keyStorePassword=" + SECRET,
                "amqp://me:p@ss" + SECRET + "@broker:5672",
            })
    void a_password_in_the_address_is_refused_and_not_repeated(String url) {
        assertThat(with("url", url).problem())
                .startsWith("contacts.queue.url")
                .contains("contacts.queue.password")
                .doesNotContain(SECRET);
    }

    @Test
    void the_broker_of_this_process_has_transactions() {
        assertThat(with("transactions", "false")
                        .with("url", "amqp://broker:5672")
                        .load()
                        .transactions())
                .isFalse();
        system.remove("contacts.queue.url");
        assertThat(problem()).startsWith("contacts.queue.transactions").contains("contacts.queue.url");
    }

    @Test
    void each_of_two_bad_names_is_reported() {
        assertThat(with("name", "a b")
                        .with("output", "#all")
                        .with("dead-letter", "ä")
                        .problem())
                .contains("contacts.queue.name", "contacts.queue.output", "contacts.queue.dead-letter");
    }

    @Test
    void a_password_without_a_user_is_refused() {
        assertThat(with("password", SECRET).problem())
                .startsWith("contacts.queue.username")
                .doesNotContain(SECRET);
    }

    @Test
    void passwords_stay_out_of_what_is_shown() {
        QueueSettings settings = with("url", "ssl://broker:61617")
                .with("username", "me")
                .with("password", SECRET)
                .with("trust-store", "trust.p12")
                .with("trust-store-password", SECRET)
                .with("key-store", "key.p12")
                .with("key-store-password", SECRET)
                .load();
        assertThat(settings.password()).isEqualTo(SECRET);
        assertThat(settings.trustStore()).isEqualTo(Path.of("trust.p12"));
        assertThat(settings.keyStorePassword()).isEqualTo(SECRET);
        assertThat(settings + settings.shownUrl()).doesNotContain(SECRET);
    }

    /** A broker's address may have escapes, such as those of RabbitMQ for a queue with a slash in its name. */
    @Test
    void an_address_is_taken_as_it_is() {
        assertThat(with("name", "/queues/shop%2Fkeys").load().name()).isEqualTo("/queues/shop%2Fkeys");
    }

    @ParameterizedTest
    @ValueSource(strings = {"output", "dead-letter"})
    void answers_must_not_go_where_keys_come_from(String key) {
        assertThat(with("name", "q").with(key, "q").problem())
                .startsWith("contacts.queue." + key)
                .contains("a queue other than contacts.queue.name");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a b",
                "?x=1",
                "a?concurrentConsumers=99",
                "#all",
                "a*",
                "-a",
                "a::b",
                "../a%2f",
                "ä",
                "{{env:HOME}}"
            })
    void a_name_that_is_not_a_plain_one_is_refused(String name) {
        assertThat(with("name", name).problem())
                .startsWith("contacts.queue.name")
                .contains("of letters, digits");
    }

    @ParameterizedTest
    @CsvSource({"consumers, 0", "consumers, 65", "port, 0", "port, 65536", "port, on"})
    void numbers_have_their_bounds(String key, String value) {
        assertThat(with(key, value).problem())
                .startsWith("contacts.queue." + key)
                .contains("a whole number from 1");
    }
}
