package de.contactsync;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Each room imports only from rooms below it, and knows only what it needs to. */
@AnalyzeClasses(packages = "de.contactsync", importOptions = ImportOption.DoNotIncludeTests.class)
class HouseTest {

    private static final String OURS = "de.contactsync..";

    @ArchTest
    static final ArchRule rooms_do_not_depend_on_each_other_in_a_circle =
            slices().matching("de.contactsync.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule contact_stands_on_the_ground = inOurs("contact", "contact");

    @ArchTest
    static final ArchRule outages_know_only_contacts = inOurs("outage", "outage", "contact");

    @ArchTest
    static final ArchRule keys_know_only_contacts = inOurs("keys", "keys", "contact");

    @ArchTest
    static final ArchRule guarded_calls_know_no_other_room = inOurs("http", "http");

    @ArchTest
    static final ArchRule jtl_knows_calls_contacts_and_outages = inOurs("jtl", "jtl", "http", "outage", "contact");

    @ArchTest
    static final ArchRule crm_knows_calls_contacts_and_outages = inOurs("crm", "crm", "http", "outage", "contact");

    @ArchTest
    static final ArchRule ledger_knows_only_contacts_and_outages = inOurs("ledger", "ledger", "outage", "contact");

    @ArchTest
    static final ArchRule messages_know_only_keys_outages_and_contacts =
            inOurs("message", "message", "keys", "outage", "contact");

    @ArchTest
    static final ArchRule queues_know_messages_and_outages =
            inOurs("queue", "queue", "message", "outage", "contact");

    @ArchTest
    static final ArchRule kafka_knows_messages_and_outages =
            inOurs("kafka", "kafka", "message", "outage", "contact");

    @ArchTest
    static final ArchRule only_kafka_knows_kafka = noClasses()
            .that().resideOutsideOfPackages("de.contactsync.kafka", "de.contactsync.command")
            .should().dependOnClassesThat().resideInAPackage("org.apache.kafka..");

    @ArchTest
    static final ArchRule only_queues_know_brokers = noClasses()
            .that().resideOutsideOfPackage("de.contactsync.queue")
            .should().dependOnClassesThat().resideInAnyPackage(
                    "jakarta.jms..", "org.apache.activemq..", "org.apache.qpid..");

    @ArchTest
    static final ArchRule sinks_know_the_ledger = inOurs("sink", "sink", "ledger", "outage", "contact");

    @ArchTest
    static final ArchRule simulator_knows_no_other_room = inOurs("simulator", "simulator");

    @ArchTest
    static final ArchRule sources_know_keys_and_ledger =
            inOurs("source", "source", "keys", "ledger", "outage", "contact");

    @ArchTest
    static final ArchRule status_tells_of_the_others_and_only_command_knows_it =
            inOurs("status", "status", "jtl", "http", "ledger", "source", "outage", "contact");

    @ArchTest
    static final ArchRule only_status_counts_with_meters_and_serves_over_http_beside_the_simulator = noClasses()
            .that().resideOutsideOfPackages("de.contactsync.status", "de.contactsync.simulator")
            .should().dependOnClassesThat().resideInAnyPackage(
                    "io.micrometer..", "io.vertx..", "org.apache.camel.health..", "org.apache.camel.component.platform..");

    @ArchTest
    static final ArchRule contact_keys_and_ledger_know_nothing_of_camel_or_http = noClasses()
            .that().resideInAnyPackage("de.contactsync.contact", "de.contactsync.keys", "de.contactsync.ledger")
            .should().dependOnClassesThat().resideInAnyPackage("org.apache.camel..", "org.apache.hc..", "io.vertx..");

    @ArchTest
    static final ArchRule contact_keys_jtl_and_crm_know_nothing_of_databases = noClasses()
            .that().resideInAnyPackage("de.contactsync.contact", "de.contactsync.keys", "de.contactsync.http",
                    "de.contactsync.jtl", "de.contactsync.crm")
            .should().dependOnClassesThat().resideInAnyPackage("java.sql..", "com.zaxxer..", "org.flywaydb..");

    @ArchTest
    static final ArchRule nobody_sleeps = noClasses()
            .should().callMethod(Thread.class, "sleep", long.class);

    private static ArchRule inOurs(String room, String... allowed) {
        String[] packages = new String[allowed.length];
        for (int i = 0; i < allowed.length; i++) {
            packages[i] = "de.contactsync." + allowed[i];
        }
        return classes().that().resideInAPackage("de.contactsync." + room)
                .should().onlyDependOnClassesThat(
                        com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage(packages)
                                .or(com.tngtech.archunit.core.domain.JavaClass.Predicates
                                        .resideOutsideOfPackage(OURS)));
    }
}
