package de.contactsync.jtl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.contactsync.http.CertificateFingerprint;
import de.contactsync.http.CertificateProbe;
import de.contactsync.http.Network;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import de.contactsync.simulator.Wawi;
import de.contactsync.simulator.Wawi.Registration;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The registration of an app with JTL-Wawi on its owner's server, before the simulator. */
class WawiRegistrarTest {

    private static JtlSettings settings(String url) {
        return settings(url, true, null);
    }

    private static JtlSettings settings(String url, boolean versionInPath, String version) {
        return new JtlSettings(
                URI.create(url),
                null,
                null,
                null,
                4,
                Duration.ofSeconds(10),
                Duration.ofSeconds(10),
                1,
                0,
                Duration.ofMinutes(1),
                true,
                JtlAuth.WAWI_APP,
                null,
                versionInPath,
                new WawiApp("test/v1", "1.0.0", null),
                version,
                null);
    }

    private static JtlSimulator wawi(Registration registration, int version) {
        return JtlSimulator.start(SimulatorOptions.builder()
                .wawi(new Wawi(registration, version, 1))
                .build());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void the_version_is_found_out_and_the_key_comes_when_a_person_has_accepted(int version) {
        try (JtlSimulator jtl = wawi(Registration.ACCEPTED, version);
                WawiRegistrar registrar = new WawiRegistrar(settings(jtl.wawiUrl()), Network.DIRECT, null)) {
            assertThat(registrar.info()).isEqualTo("WAWI-Api 1.10.0, tenant eazybusiness");
            assertThat(registrar.begin()).isEqualTo(version + ".0");
            assertThat(registrar.poll()).isEqualTo(new WawiRegistrar.Pending());
            assertThat(registrar.poll()).isInstanceOfSatisfying(WawiRegistrar.Accepted.class, accepted -> {
                assertThat(accepted.registration().key()).isNotBlank();
                assertThat(accepted.registration().apiVersion()).isEqualTo(version + ".0");
                assertThat(WawiRegistration.parse(accepted.registration().toText()))
                        .isEqualTo(accepted.registration());
                assertThat(accepted.toString())
                        .doesNotContain(accepted.registration().key());
            });
            assertThatThrownBy(registrar::poll).as("the key is told once").hasMessageContaining("collected before");
        }
    }

    @ParameterizedTest
    @CsvSource({"1", "2"})
    void without_a_version_in_the_path_the_header_says_it(int version) {
        try (JtlSimulator jtl = wawi(Registration.ACCEPTED, version);
                WawiRegistrar registrar =
                        new WawiRegistrar(settings(jtl.wawiUrl(), false, null), Network.DIRECT, null)) {
            assertThat(registrar.begin()).isEqualTo(version + ".0");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "CLOSED, No registration is open in JTL-Wawi",
        "NO_LICENCE, has no licence for its REST server",
        "ALREADY, is already registered: remove it in JTL-Wawi",
        "REJECTED, The registration was rejected in JTL-Wawi",
        "EXPIRED, The registration has expired",
    })
    void each_refusal_is_said_in_words(Registration registration, String words) {
        try (JtlSimulator jtl = wawi(registration, 2);
                WawiRegistrar registrar = new WawiRegistrar(settings(jtl.wawiUrl()), Network.DIRECT, null)) {
            assertThatThrownBy(() -> {
                        registrar.begin();
                        registrar.poll();
                        registrar.poll();
                    })
                    .isInstanceOf(ProcessingHaltedException.class)
                    .hasMessageContaining(words);
        }
    }

    @Test
    void a_key_that_got_lost_on_its_way_is_said_to_be_collected() {
        try (JtlSimulator jtl = wawi(Registration.KEY_LOST, 2);
                WawiRegistrar registrar = new WawiRegistrar(settings(jtl.wawiUrl()), Network.DIRECT, null)) {
            registrar.begin();
            registrar.poll();
            assertThat(registrar.poll()).isInstanceOf(WawiRegistrar.Unanswered.class);
            assertThatThrownBy(registrar::poll).hasMessageContaining("its key was collected before");
        }
    }

    @Test
    void a_wrong_path_a_wrong_version_and_no_server_are_distinguished() {
        try (JtlSimulator jtl = wawi(Registration.ACCEPTED, 2)) {
            try (WawiRegistrar registrar =
                    new WawiRegistrar(settings(jtl.wawiUrl().replace("/api/", "/rest/")), Network.DIRECT, null)) {
                assertThatThrownBy(registrar::begin).hasMessageContaining("check jtl.base-url");
            }
            try (WawiRegistrar registrar =
                    new WawiRegistrar(settings(jtl.wawiUrl(), true, "1.0"), Network.DIRECT, null)) {
                assertThatThrownBy(registrar::begin).hasMessageContaining("set jtl.api-version");
            }
        }
        try (WawiRegistrar registrar =
                new WawiRegistrar(settings("http://127.0.0.1:1/api/eazybusiness"), Network.DIRECT, null)) {
            assertThatThrownBy(registrar::info).hasMessageContaining("that the REST server of JTL-Wawi runs");
        }
    }

    @Test
    @Tag("slow")
    void a_self_signed_certificate_is_accepted_by_its_fingerprint_and_no_other(@TempDir Path folder) throws Exception {
        Path key = folder.resolve("key.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "wawi",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=WAWI-SERVER",
                        "-validity",
                        "2",
                        "-keystore",
                        key.toString(),
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        "password")
                .redirectErrorStream(true)
                .start();
        assertThat(keytool.waitFor(1, TimeUnit.MINUTES)).isTrue();
        try (JtlSimulator jtl = JtlSimulator.start(
                SimulatorOptions.builder().tls(key, "password").build())) {
            JtlSettings settings = settings(jtl.wawiUrl());
            try (WawiRegistrar registrar = new WawiRegistrar(settings, Network.DIRECT, null)) {
                assertThatThrownBy(registrar::info).hasMessageContaining("certificate of 127.0.0.1 is not trusted");
            }
            String fingerprint =
                    CertificateFingerprint.of(CertificateProbe.certificate(settings.baseUrl(), Duration.ofSeconds(10)));
            try (WawiRegistrar registrar = new WawiRegistrar(settings, Network.DIRECT, fingerprint)) {
                assertThat(registrar.info()).startsWith("WAWI-Api");
            }
            try (WawiRegistrar registrar = new WawiRegistrar(settings, Network.DIRECT, "00".repeat(32))) {
                assertThatThrownBy(registrar::info).hasMessageContaining("another certificate than the one");
            }
        }
    }
}
