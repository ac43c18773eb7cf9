package de.contactsync.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import de.contactsync.imports.KeySelection;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/** The compose file and the Kubernetes manifests say of the program what it knows, and of each other what is there. */
class ManifestsTest {

    private static final Path KUBERNETES = Path.of("ops/kubernetes");
    private static final Path COMPOSE = Path.of("ops/compose");

    /** Kinds with their groups, as Kubernetes 1.27 and later have them. */
    private static final Map<String, String> VERSIONS = Map.of(
            "Namespace", "v1",
            "Service", "v1",
            "Deployment", "apps/v1",
            "CronJob", "batch/v1",
            "PodDisruptionBudget", "policy/v1",
            "NetworkPolicy", "networking.k8s.io/v1");

    private static Map<String, Object> read(Path file) throws IOException {
        Load load = new Load(LoadSettings.builder().setSchema(new CoreSchema()).build());
        return map(load.loadFromString(Files.readString(file)));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(Object value) {
        return value == null ? Map.of() : (Map<String, Object>) value;
    }

    private static List<?> list(Object value) {
        return value == null ? List.of() : List.copyOf((Collection<?>) value);
    }

    private static Object at(Object value, String... path) {
        Object found = value;
        for (String name : path) {
            found = map(found).get(name);
        }
        return found;
    }

    private static Map<String, Map<String, Object>> resources() throws IOException {
        Map<String, Map<String, Object>> resources = new HashMap<>();
        for (Object file : list(read(KUBERNETES.resolve("kustomization.yaml")).get("resources"))) {
            Map<String, Object> resource = read(KUBERNETES.resolve((String) file));
            resources.put((String) resource.get("kind"), resource);
        }
        return resources;
    }

    private static Object podOf(Map<String, Object> resource) {
        return resource.get("kind").equals("CronJob")
                ? at(resource, "spec", "jobTemplate", "spec", "template", "spec")
                : at(resource, "spec", "template", "spec");
    }

    private static void assertKnown(Stream<String> variables) {
        assertThat(variables)
                .isNotEmpty()
                .allSatisfy(name -> assertThat(SettingNames.ofEnvironment(name.replaceFirst("_FILE$", "")))
                        .as(name)
                        .isPresent());
    }

    @Test
    void all_manifests_are_listed_and_of_current_versions() throws IOException {
        Map<String, Map<String, Object>> resources = resources();
        assertThat(resources.keySet()).isEqualTo(VERSIONS.keySet());
        resources.forEach((kind, resource) -> {
            assertThat(resource.get("apiVersion")).as(kind).isEqualTo(VERSIONS.get(kind));
            assertThat(at(resource, "metadata", "name")).as(kind).isNotNull();
        });
        try (Stream<Path> files = Files.list(KUBERNETES)) {
            assertThat(files.filter(file -> file.toString().endsWith(".yaml"))).hasSize(VERSIONS.size() + 1);
        }
    }

    @Test
    void all_manifests_are_what_the_schemas_of_kubernetes_allow() throws IOException {
        Map<String, Class<?>> types = Map.of(
                "Namespace", Namespace.class,
                "Service", Service.class,
                "Deployment", Deployment.class,
                "CronJob", CronJob.class,
                "PodDisruptionBudget", PodDisruptionBudget.class,
                "NetworkPolicy", NetworkPolicy.class);
        // The types would take fields that the schemas do not have for additional ones.
        ObjectMapper strict = new ObjectMapper().setAnnotationIntrospector(new JacksonAnnotationIntrospector() {
            private static final long serialVersionUID = 1;

            @Override
            public Boolean hasAnySetter(Annotated member) {
                return false;
            }
        });
        resources()
                .forEach((kind, resource) -> assertThatCode(() -> strict.convertValue(resource, types.get(kind)))
                        .as(kind)
                        .doesNotThrowAnyException());
        Map<String, Object> misspelt = Map.of("spec", Map.of("replica", 2));
        assertThatThrownBy(() -> strict.convertValue(misspelt, Deployment.class))
                .hasMessageContaining("replica");
    }

    @Test
    void pods_are_confined_and_mount_what_is_there() throws IOException {
        Map<String, Map<String, Object>> resources = resources();
        for (String kind : Set.of("Deployment", "CronJob")) {
            Object pod = podOf(resources.get(kind));
            assertThat(at(pod, "securityContext", "runAsNonRoot")).isEqualTo(true);
            Map<String, Object> container = map(list(at(pod, "containers")).get(0));
            assertThat(at(container, "securityContext", "readOnlyRootFilesystem"))
                    .isEqualTo(true);
            assertThat(at(container, "image")).isEqualTo("jtl-contact-sync");
            List<Object> volumes = new ArrayList<>();
            list(at(pod, "volumes")).forEach(volume -> volumes.add(at(volume, "name")));
            assertThat(list(container.get("volumeMounts")))
                    .allSatisfy(mount -> assertThat(volumes).contains(at(mount, "name")));
        }
    }

    /** What ends with another code than 3 would end so again. */
    @Test
    void the_nightly_run_is_tried_again_only_where_that_helps() throws IOException {
        Object job = at(resources().get("CronJob"), "spec", "jobTemplate", "spec");
        Map<String, Object> container =
                map(list(at(job, "template", "spec", "containers")).get(0));
        assertThat(container.get("args")).isEqualTo(List.of("run", "--once"));
        Object rule = list(at(job, "podFailurePolicy", "rules")).get(0);
        assertThat(at(rule, "action")).isEqualTo("FailJob");
        assertThat(at(rule, "onExitCodes", "containerName")).isEqualTo(container.get("name"));
        assertThat(list(at(rule, "onExitCodes", "values"))).isEqualTo(List.of(1, 2, 4));
        assertThat(at(job, "template", "spec", "restartPolicy"))
                .as("with which alone there may be such a policy")
                .isEqualTo("Never");
    }

    @Test
    void probes_budget_and_service_find_the_workers() throws IOException {
        Map<String, Map<String, Object>> resources = resources();
        Map<String, Object> worker =
                map(list(at(podOf(resources.get("Deployment")), "containers")).get(0));
        assertThat(at(list(worker.get("ports")).get(0), "containerPort"))
                .isEqualTo(Integer.valueOf(ConfigKey.STATUS_PORT.defaultValue()));
        assertThat(at(worker, "livenessProbe", "httpGet", "path")).isEqualTo("/observe/health/live");
        assertThat(at(worker, "readinessProbe", "httpGet", "path")).isEqualTo("/observe/health/ready");
        Object labels = at(resources.get("Deployment"), "spec", "template", "metadata", "labels");
        assertThat(at(resources.get("Deployment"), "spec", "selector", "matchLabels"))
                .isEqualTo(labels);
        assertThat(at(resources.get("PodDisruptionBudget"), "spec", "selector", "matchLabels"))
                .isEqualTo(labels);
        assertThat(at(resources.get("Service"), "spec", "selector")).isEqualTo(labels);
    }

    @Test
    void the_settings_are_accepted_by_the_program() throws IOException {
        Properties secrets = new Properties();
        try (var in = Files.newBufferedReader(KUBERNETES.resolve("secrets.env"))) {
            secrets.load(in);
        }
        assertKnown(secrets.stringPropertyNames().stream());
        Map<String, String> environment = new HashMap<>();
        secrets.stringPropertyNames().forEach(name -> environment.put(name, "value"));
        assertThat(Settings.load(KUBERNETES, environment, new Properties()).sources())
                .containsExactly("queue");
        assertThat(Settings.load(KUBERNETES, environment, new Properties(), SettingsReader.Purpose.RUNS_ONCE)
                        .timer()
                        .keys())
                .isInstanceOf(KeySelection.Known.class);
    }

    @Test
    void the_trial_runs_the_version_of_the_build_with_settings_that_there_are() throws IOException {
        Map<String, Object> compose = read(COMPOSE.resolve("compose.yaml"));
        String version = Files.readString(Path.of("pom.xml")).replaceFirst("(?s).*?<version>(.*?)</version>.*", "$1");
        assertThat(at(compose, "x-program", "image")).isEqualTo("jtl-contact-sync:" + version);
        assertThat(at(
                        list(read(KUBERNETES.resolve("kustomization.yaml")).get("images"))
                                .get(0),
                        "newTag"))
                .isEqualTo(version);
        assertKnown(map(compose.get("x-settings")).keySet().stream());
        Map<String, Object> services = map(compose.get("services"));
        assertThat(services).containsKeys("database", "broker", "simulator", "worker-one", "worker-two");
        assertThat(map(at(compose, "x-worker", "depends_on")).keySet()).isSubsetOf(services.keySet());
        for (Object secret : map(compose.get("secrets")).values()) {
            assertThat(COMPOSE.resolve((String) at(secret, "file"))).exists();
        }
        Map<String, String> environment = new HashMap<>();
        map(compose.get("x-settings")).forEach((name, value) -> environment.put(name, String.valueOf(value)));
        environment.put(
                "CONTACTS_DATABASE_PASSWORD_FILE",
                COMPOSE.resolve("database-password.txt").toString());
        environment.put("CONTACTS_SOURCES", "file,queue");
        assertThat(Settings.load(COMPOSE, environment, new Properties()).chunksViaQueue())
                .isTrue();
    }
}
