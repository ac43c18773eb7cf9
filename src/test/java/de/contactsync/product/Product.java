package de.contactsync.product;

import de.contactsync.simulator.HubSpotSimulator;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SalesforceOptions;
import de.contactsync.simulator.SalesforceSimulator;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The packaged jar, started in processes of its own. Settings are given as {@code -D}, so nothing of the surroundings
 * gets in. Closing ends every process that was started.
 */
public final class Product implements AutoCloseable {

    public static final String TENANT = "3f2c0c5e-6b0f-4a59-9d53-6a1f0d1c2b7a";

    private static final Path PACKAGED = Path.of(System.getProperty("product.jar"));
    /** Short-lived on few cores: the quick compiler only, and the collector that starts fastest. */
    private static final List<String> JAVA = List.of(
            ProcessHandle.current().info().command().orElse("java"),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xmx256m");

    private final Path folder;
    private final Map<String, String> settings = new LinkedHashMap<>();
    private final List<String> launcher = new ArrayList<>();
    private final List<String> options = new ArrayList<>();
    private final List<RunningProduct> started = new ArrayList<>();

    private Path jar = PACKAGED;

    /** The options that each process gets, as {@code JDK_JAVA_OPTIONS} has them for scripts that start the jar. */
    static String javaOptions() {
        return Stream.concat(JAVA.stream().skip(1), ClassCache.options(PACKAGED, JAVA).stream())
                .collect(Collectors.joining(" "));
    }

    private Product(Path folder) {
        this.folder = folder;
        // Many of these run at once, and there is one such port.
        settings.put("contacts.status.port", "off");
    }

    /** @param folder its working directory; its output goes to files in a folder {@code output} beside it */
    public static Product in(Path folder) throws IOException {
        Files.createDirectories(folder);
        return new Product(folder);
    }

    public Product against(JtlSimulator simulator) {
        return with("jtl.base-url", simulator.baseUrl())
                .with("jtl.tenant-id", TENANT)
                .with("jtl.oauth.token-endpoint", simulator.tokenApi())
                .with("jtl.oauth.client-id", "demo")
                .with("jtl.oauth.client-secret", "demo");
    }

    public Product into(HubSpotSimulator hubSpot) {
        return with("contacts.sinks", "database,crm")
                .with("contacts.crm.base-url", hubSpot.baseUrl())
                .with("contacts.crm.token", hubSpot.token());
    }

    public Product into(SalesforceSimulator salesforce) {
        return with("contacts.sinks", "database,crm")
                .with("contacts.crm.kind", "salesforce")
                .with("contacts.crm.base-url", salesforce.baseUrl())
                .with("contacts.crm.oauth.client-id", SalesforceOptions.CLIENT_ID)
                .with("contacts.crm.oauth.client-secret", SalesforceOptions.CLIENT_SECRET);
    }

    /** A mapping with which HubSpot has no reason to refuse any contact that the simulated JTL makes up. */
    public Product withHarmlessMapping() throws IOException {
        Path mapping = Files.createDirectories(folder.resolve("mapping")).resolve("hubspot.yaml");
        Files.writeString(mapping, """
                key: jtl_contact_id
                default-country: DE
                gone: {jtl_gone: "yes"}
                fields:
                  firstname: {from: firstName, transform: trim}
                  lastname: {from: contactId}
                  mobilephone: {from: mobilePhoneNumber, transform: [trim, e164]}
                  jtl_customer_id: {from: customerId}
                """);
        return this;
    }

    public Product with(String key, Object value) {
        settings.put(key, value.toString());
        return this;
    }

    public Product without(String key) {
        settings.remove(key);
        return this;
    }

    /** Options of the JVM for the processes to come, in place of those given before. */
    public Product jvm(String... jvmOptions) {
        options.clear();
        options.addAll(List.of(jvmOptions));
        return this;
    }

    /** A process takes over the signals that its parent ignores, and background jobs of a shell ignore Ctrl-C. */
    public Product heedingInterrupts() {
        launcher.clear();
        launcher.addAll(List.of("env", "--default-signal=INT"));
        return this;
    }

    /** The processes to come hear and give the names of files in this locale. */
    public Product inLocale(String locale) {
        launcher.clear();
        launcher.addAll(List.of("env", "LC_ALL=" + locale));
        return this;
    }

    /** Permissions of files count for processes of root, too, which otherwise may read everything. */
    public Product heedingPermissions() {
        if ("root".equals(System.getProperty("user.name"))) {
            String without = "-dac_override,-dac_read_search";
            launcher.clear();
            launcher.addAll(List.of("setpriv", "--bounding-set=" + without, "--inh-caps=" + without));
        }
        return this;
    }

    /** Where the database stands unless a test says otherwise. */
    public Path database() {
        return folder.resolve("data/contacts.db");
    }

    public String databaseUrl() {
        return settings.getOrDefault("contacts.database.url", "jdbc:sqlite:" + database());
    }

    public Path folder() {
        return folder;
    }

    /** Starts the jar from a folder of its own, with these in its folder {@code lib}. */
    public Product withLibraries(Path... jars) throws IOException {
        Path program = Files.createDirectories(folder.resolveSibling(folder.getFileName() + "-program"));
        Path lib = Files.createDirectories(program.resolve("lib"));
        for (Path library : jars) {
            Files.copy(library, lib.resolve(library.getFileName().toString()));
        }
        // Of a link, the JVM would take the place that it leads to.
        jar = Files.copy(jar, program.resolve("jtl-contact-sync.jar"));
        return this;
    }

    public RunningProduct start(Object... arguments) throws IOException {
        List<String> command = new ArrayList<>(launcher);
        command.addAll(JAVA);
        command.addAll(ClassCache.options(PACKAGED, JAVA));
        Path temporary = Files.createDirectories(folder.resolveSibling(folder.getFileName() + "-tmp"));
        command.add("-Djava.io.tmpdir=" + temporary);
        command.addAll(options);
        settings.forEach((key, value) -> command.add("-D" + key + "=" + value));
        command.addAll(List.of("-jar", jar.toString()));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        Path output = Files.createDirectories(folder.resolveSibling(folder.getFileName() + "-output"));
        File stdout = output.resolve(started.size() + ".out").toFile();
        File stderr = output.resolve(started.size() + ".err").toFile();
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectOutput(stdout)
                .redirectError(stderr);
        builder.environment().keySet().removeIf(name -> name.startsWith("JTL_") || name.startsWith("CONTACTS_"));
        RunningProduct runningProduct = new RunningProduct(builder.start(), stdout.toPath(), stderr.toPath());
        started.add(runningProduct);
        return runningProduct;
    }

    @Override
    public void close() {
        started.forEach(RunningProduct::close);
    }
}
