package de.contactsync.brokers;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.qpid.server.SystemLauncher;

/** An Apache Qpid Broker-J with its store in Derby: directory and port. */
final class QpidMain {

    private QpidMain() {}

    public static void main(String[] args) throws Exception {
        Path directory = Path.of(args[0]);
        System.setProperty(
                "derby.stream.error.file", directory.resolve("derby.log").toString());
        System.setProperty("qpid.work_dir", directory.toString());
        ObjectMapper json = new ObjectMapper();
        Map<String, Object> host = Map.of(
                "type",
                "ProvidedStore",
                "nodeAutoCreationPolicies",
                List.of(Map.of(
                        "pattern",
                        ".*",
                        "nodeType",
                        "queue",
                        "attributes",
                        Map.of(),
                        "createdOnPublish",
                        true,
                        "createdOnConsume",
                        true)));
        Map<String, Object> configuration = Map.of(
                "name", "test",
                "modelVersion", "9.0",
                "authenticationproviders", List.of(Map.of("name", "anybody", "type", "Anonymous")),
                "ports",
                        List.of(Map.of(
                                "name",
                                "AMQP",
                                "bindingAddress",
                                "127.0.0.1",
                                "port",
                                args[1],
                                "authenticationProvider",
                                "anybody",
                                "protocols",
                                List.of("AMQP_1_0"),
                                "virtualhostaliases",
                                List.of(
                                        Map.of("name", "default", "type", "defaultAlias"),
                                        Map.of("name", "host", "type", "hostnameAlias")))),
                "virtualhostnodes",
                        List.of(Map.of(
                                "name",
                                "default",
                                "type",
                                "DERBY",
                                "defaultVirtualHostNode",
                                true,
                                "storePath",
                                directory.resolve("store").toString(),
                                "virtualHostInitialConfiguration",
                                json.writeValueAsString(host))));
        Path file = directory.resolve("configuration.json");
        Files.writeString(file, json.writeValueAsString(configuration));
        SystemLauncher launcher = new SystemLauncher();
        launcher.startup(Map.of(
                "type",
                "JSON",
                "storePath",
                directory.resolve("broker.json").toString(),
                "initialConfigurationLocation",
                file.toUri().toString(),
                "startupLoggedToSystemOut",
                true));
        Runtime.getRuntime().addShutdownHook(new Thread(launcher::shutdown));
    }
}
