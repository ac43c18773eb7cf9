package de.contactsync.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.contactsync.jtl.JtlAuth;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code jtl.tenants.NAME.…} says of single tenants. */
class TenantSettingsTest extends SettingsFixture {

    private static final String CLOUD = "3f2b8c1e-5d70-4c39-9a52-0e6b7d1f4a88";

    private static TenantSettings tenant(Settings settings, String name) {
        return settings.tenants().stream()
                .filter(tenant -> tenant.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void a_tenant_has_what_it_sets_itself_and_the_rest_from_the_settings_for_all() throws IOException {
        file(
                "jtl.max-attempts=7",
                "jtl.tenants.shop.tenant-id=" + CLOUD,
                "jtl.tenants.shop.response-timeout=3s",
                "jtl.tenants.wawi.auth=wawi-app",
                "jtl.tenants.wawi.base-url=http://127.0.0.1:5883/api/eazybusiness");
        Settings settings = load();
        TenantSettings shop = tenant(settings, "shop");
        assertThat(shop.jtl().maxAttempts()).isEqualTo(7);
        assertThat(shop.jtl().responseTimeout()).isEqualTo(Duration.ofSeconds(3));
        assertThat(settings.jtl().responseTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(shop.oauth())
                .as("one token serves both")
                .isEqualTo(tenant(withoutTimeout(), "shop").oauth());
        TenantSettings wawi = tenant(settings, "wawi");
        assertThat(wawi.jtl().auth()).isEqualTo(JtlAuth.WAWI_APP);
        assertThat(wawi.oauth())
                .as("a client of the cloud is no matter of this door")
                .isNull();
        assertThat(settings.file().tenants().id("WAWI")).contains(wawi.jtl().tenantId());
        assertThat(settings.file().tenants().id("shop")).contains(UUID.fromString(CLOUD));
        Settings only = settings.ofTenant(CLOUD);
        assertThat(only.others().orElseThrow()).isEqualTo(shop);
        assertThat(only.tenants()).isEmpty();
    }

    /** It was asked for as one of the cloud, by an address that was not meant for it. */
    @Test
    void a_door_that_is_set_to_nothing_is_that_of_all() throws IOException {
        file(
                "jtl.auth=wawi-app",
                "jtl.base-url=http://127.0.0.1:5883/api/eazybusiness",
                "jtl.tenants.shop.auth=",
                "jtl.tenants.shop.base-url=http://127.0.0.1:5884/api/eazybusiness");
        system.remove("jtl.oauth.client-id");
        system.remove("jtl.oauth.client-secret");
        assertThat(tenant(load(), "shop").jtl().auth()).isEqualTo(JtlAuth.WAWI_APP);
    }

    private Settings withoutTimeout() throws IOException {
        file("jtl.max-attempts=7", "jtl.tenants.shop.tenant-id=" + CLOUD, "jtl.response-timeout=3s");
        return load();
    }

    @Test
    void no_secret_and_no_address_passes_to_a_door_of_another_kind() throws IOException {
        file(
                "jtl.auth=wawi-app",
                "jtl.base-url=http://127.0.0.1:5883/api/eazybusiness",
                "jtl.certificate-fingerprint=" + "ab".repeat(32),
                "jtl.tenants.shop.auth=client-credentials",
                "jtl.tenants.shop.tenant-id=" + CLOUD,
                "jtl.tenants.shop.oauth.client-id=other",
                "jtl.tenants.shop.oauth.client-secret=x",
                "jtl.tenants.wawi-2.base-url=http://127.0.0.1:5884/api/eazybusiness");
        system.remove("jtl.oauth.client-id");
        system.remove("jtl.oauth.client-secret");
        Settings settings = load();
        assertThat(tenant(settings, "shop").jtl().baseUrl()).hasToString("https://api.jtl-cloud.com/erp");
        assertThat(tenant(settings, "wawi-2").jtl().fingerprint()).isNull();
        assertThat(List.of(
                        tenant(settings, "wawi-2").jtl().tenantId(),
                        settings.jtl().tenantId()))
                .as("each server has a tenant of its own")
                .doesNotHaveDuplicates();
    }

    @Test
    void where_only_single_tenants_are_set_up_no_credentials_for_others_are_needed() throws IOException {
        system.remove("jtl.oauth.client-id");
        system.remove("jtl.oauth.client-secret");
        file("jtl.tenants.wawi.auth=wawi-app", "jtl.tenants.wawi.base-url=http://127.0.0.1:5883/api/eazybusiness");
        Settings settings = load();
        assertThat(settings.others()).isEmpty();
        assertThatThrownBy(() -> settings.ofTenant(null)).hasMessageContaining("--tenant NAME");
        assertThatThrownBy(() -> settings.ofTenant("wawy")).hasMessageContaining("no settings for the tenant wawy");
    }

    @Test
    void the_environment_and_its_files_name_tenants_too() throws IOException {
        environment.put("JTL_TENANTS_SHOP_1_TENANT_ID", CLOUD);
        environment.put("JTL_TENANTS_SHOP_1_OAUTH_CLIENT_ID", "own");
        environment.put(
                "JTL_TENANTS_SHOP_1_OAUTH_CLIENT_SECRET_FILE",
                Files.writeString(folder.resolve("secret"), "hidden\n").toString());
        TenantSettings shop = tenant(load(), "shop-1");
        assertThat(shop.oauth().clientId()).isEqualTo("own");
        assertThat(shop.oauth().clientSecret()).isEqualTo("hidden");
        assertThat(SettingsOverview.of(folder, environment, system).entries())
                .anyMatch(entry -> entry.key().equals("jtl.tenants.shop-1.oauth.client-secret")
                        && entry.value().equals("***"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "jtl.tenants.shop.concurrency | 4 | jtl.concurrency applies to the whole process",
                "jtl.tenants.shop.refusal-pause | 1m | jtl.refusal-pause applies to the whole process",
                "jtl.tenants.shop.base-ur | x | Did you mean jtl.tenants.shop.base-url?",
                "jtl.tenants.shop | x | Did you mean jtl.tenants.NAME.base-url?",
                "jtl.tenants.a b.rate | 1/1s | Unknown property jtl.tenants.a b.rate",
                "jtl.tenants.shop.app.id | x | not applicable with jtl.auth=client-credentials, only with"
                        + " wawi-app",
                "jtl.tenants.shop.max-attempts | many | jtl.tenants.shop.max-attempts (-Djtl",
                "jtl.tenants.shop.auth | wawi-app | jtl.tenants.shop.base-url (default): jtl.auth=wawi-app requires",
                "jtl.tenants.shop.oauth.client-id | own | jtl.tenants.shop.oauth.client-secret is not set",
                "jtl.tenants.other.rate | 1/1s | jtl.tenants.other.tenant-id is not set",
                "jtl.tenants.other.tenant-id | 3f2b8c1e-5d70-4c39-9a52-0e6b7d1f4a88 | is the same as"
            })
    void what_a_tenant_cannot_have_is_refused_with_its_key(String key, String value, String words) {
        system.setProperty("jtl.tenants.shop.tenant-id", CLOUD);
        system.setProperty(key, value);
        assertThat(problems()).anyMatch(problem -> problem.contains(words));
    }

    @Test
    void a_thousand_tenants_are_read_in_a_moment() throws IOException {
        String[] lines = new String[2_000];
        for (int i = 0; i < 1_000; i++) {
            lines[2 * i] = "jtl.tenants.shop-" + i + ".auth=wawi-app";
            lines[2 * i + 1] = "jtl.tenants.shop-" + i + ".base-url=http://127.0.0.1:5883/api/shop" + i;
        }
        file(lines);
        assertThat(load().tenants()).hasSize(1_000);
    }
}
