package de.contactsync;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.junit.LocationProvider;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.CompositeArchRule;
import de.contactsync.app.Application;
import java.util.List;
import java.util.Set;

/** The packages are floors: each imports only from those below it. */
@AnalyzeClasses(locations = ArchitectureTest.ProductClasses.class)
class ArchitectureTest {

    /** Their folder; by the name of a package, each entry of 300 jars would be looked at. */
    static final class ProductClasses implements LocationProvider {

        @Override
        public Set<Location> get(Class<?> test) {
            return Set.of(Location.of(
                    Application.class.getProtectionDomain().getCodeSource().getLocation()));
        }
    }

    /** Ground floor first. */
    private static final List<String> FLOORS = List.of(
            "model",
            "tracing",
            "keyfile",
            "http",
            "resilience",
            "oauth",
            "jtl",
            "persistence",
            "outbox",
            "crm",
            "routes",
            "messaging",
            "imports",
            "config",
            "observability",
            "app",
            "cli");

    @ArchTest
    static final ArchRule packages_import_only_from_those_below_them = floors();

    @ArchTest
    static final ArchRule each_package_is_a_floor_or_the_simulator =
            classes().should().resideInAnyPackage(packages(FLOORS.size(), "simulator"));

    @ArchTest
    static final ArchRule packages_are_free_of_cycles =
            slices().matching("de.contactsync.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule the_simulator_imports_no_other_package = classes()
            .that()
            .resideInAPackage("de.contactsync.simulator..")
            .should()
            .onlyDependOnClassesThat(inOrOutside("de.contactsync.simulator.."));

    @ArchTest
    static final ArchRule only_commands_start_the_simulator = noClasses()
            .that()
            .resideOutsideOfPackages("de.contactsync.simulator..", "de.contactsync.cli..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("de.contactsync.simulator..");

    @ArchTest
    static final ArchRule one_crm_does_not_import_another = slices().matching(
                    "de.contactsync.crm.(hubspot|salesforce|rest)")
            .should()
            .notDependOnEachOther();

    @ArchTest
    static final ArchRule queues_and_kafka_do_not_import_each_other = slices().matching(
                    "de.contactsync.messaging.(jms|kafka|http)")
            .should()
            .notDependOnEachOther();

    @ArchTest
    static final ArchRule only_kafka_and_its_wiring_use_the_kafka_client = noClasses()
            .that()
            .resideOutsideOfPackages("de.contactsync.messaging.kafka", "de.contactsync.app", "de.contactsync.cli")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.apache.kafka..");

    @ArchTest
    static final ArchRule only_queues_use_jms = noClasses()
            .that()
            .resideOutsideOfPackage("de.contactsync.messaging.jms")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("jakarta.jms..", "org.apache.activemq..", "org.apache.qpid..");

    @ArchTest
    static final ArchRule only_observability_counts_with_meters = noClasses()
            .that()
            .resideOutsideOfPackages("de.contactsync.observability")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.micrometer..", "org.apache.camel.health..");

    @ArchTest
    static final ArchRule only_tracing_uses_open_telemetry = noClasses()
            .that()
            .resideOutsideOfPackages("de.contactsync.tracing")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.opentelemetry..");

    @ArchTest
    static final ArchRule only_the_status_port_the_source_of_keys_and_the_simulator_serve_http = noClasses()
            .that()
            .resideOutsideOfPackages(
                    "de.contactsync.observability", "de.contactsync.messaging.http", "de.contactsync.simulator")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.vertx..", "org.apache.camel.component.platform..");

    @ArchTest
    static final ArchRule model_keyfile_and_persistence_use_neither_camel_nor_http = noClasses()
            .that()
            .resideInAnyPackage(
                    "de.contactsync.model",
                    "de.contactsync.keyfile",
                    "de.contactsync.persistence",
                    "de.contactsync.outbox")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.camel..", "org.apache.hc..", "io.vertx..");

    @ArchTest
    static final ArchRule calls_and_their_parsers_use_no_database = noClasses()
            .that()
            .resideInAnyPackage(
                    "de.contactsync.model",
                    "de.contactsync.http",
                    "de.contactsync.resilience",
                    "de.contactsync.oauth",
                    "de.contactsync.jtl",
                    "de.contactsync.crm..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.sql..", "com.zaxxer..", "org.flywaydb..");

    @ArchTest
    static final ArchRule no_code_sleeps = noClasses().should().callMethod(Thread.class, "sleep", long.class);

    private static ArchRule floors() {
        ArchRule all = null;
        for (int i = 0; i < FLOORS.size(); i++) {
            ArchRule floor = classes()
                    .that()
                    .resideInAPackage("de.contactsync." + FLOORS.get(i) + "..")
                    .should()
                    .onlyDependOnClassesThat(inOrOutside(packages(i + 1, "simulator")))
                    .as(FLOORS.get(i) + " imports only from packages below it");
            all = all == null ? floor : CompositeArchRule.of(List.of(all, floor));
        }
        return all;
    }

    private static String[] packages(int floors, String other) {
        String[] packages = new String[floors + 1];
        for (int i = 0; i < floors; i++) {
            packages[i] = "de.contactsync." + FLOORS.get(i) + "..";
        }
        packages[floors] = "de.contactsync." + other + "..";
        return packages;
    }

    private static DescribedPredicate<JavaClass> inOrOutside(String... packages) {
        return JavaClass.Predicates.resideInAnyPackage(packages)
                .or(JavaClass.Predicates.resideOutsideOfPackage("de.contactsync.."));
    }
}
