package de.contactsync.cli;

import de.contactsync.app.ExitCode;
import de.contactsync.app.LogOutput;
import de.contactsync.config.ConfigurationException;
import de.contactsync.config.LogFormat;
import de.contactsync.keyfile.KeyFile;
import java.io.IOException;
import java.io.ObjectInputFilter;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line. Exit codes: see {@link ExitCode}. */
@Command(
        name = "jtl-contact-sync",
        description = "Fetches contacts from JTL-Wawi by key, stores them, and delivers changes.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class)
public final class Main implements Callable<Integer> {

    private static final List<Class<?>> COMMANDS = List.of(
            RunCommand.class,
            ImportCommand.class,
            ReplayCommand.class,
            PreviewCommand.class,
            VerifyCommand.class,
            RunsCommand.class,
            ForgetCommand.class,
            AuditCommand.class,
            ExplainCommand.class,
            CheckCommand.class,
            SettingsCommand.class,
            LoginCommand.class,
            LogoutCommand.class,
            RegisterCommand.class,
            SecretsCommand.class,
            HealthCommand.class,
            SyncCommand.class,
            CrmCommand.class,
            DemoCommand.class,
            SimulatorCommand.class);

    private Main() {}

    public static void main(String[] arguments) {
        prepare();
        System.exit(run(arguments));
    }

    /** Sets what the JVM reads once. */
    static void prepare() {
        // Calls and chunks run on virtual threads where the Java runtime has them (Camel reads this at its start).
        System.setProperty("camel.threads.virtual.enabled", "true");
        // Netty's way to its fastest buffers makes JDK 24 and later print warnings.
        System.setProperty(
                "io.netty.noUnsafe", Boolean.toString(Runtime.version().feature() >= 24));
        if (ObjectInputFilter.Config.getSerialFilter() == null) {
            // Nothing here deserialises Java objects, so nobody else may bring it about.
            ObjectInputFilter.Config.setSerialFilter(ObjectInputFilter.Config.createFilter("!*"));
        }
    }

    /** @return the exit code */
    static int run(String... arguments) {
        String folder = System.getProperty("user.dir");
        String trouble = NativeNames.trouble(NativeNames.CHARSET, folder);
        if (trouble != null) {
            // Relative paths would lead into a folder of another name, which would even be made.
            System.err.println("The working folder " + KeyFile.shown(folder) + " cannot be used: " + trouble);
            return ExitCode.USAGE;
        }
        return commandLine(arguments)
                .setExecutionStrategy(parsed -> {
                    LogFormat.configured().ifPresent(LogOutput::use);
                    try {
                        Libraries.join();
                    } catch (IOException | UncheckedIOException e) {
                        // Without the cause, which picocli would hand on in its place.
                        throw new CommandLine.ExecutionException(
                                parsed.commandSpec().commandLine(),
                                "The folder lib cannot be read (" + e
                                        + "): make it readable for this user, or remove it");
                    }
                    return new CommandLine.RunLast().execute(parsed);
                })
                .setParameterExceptionHandler((e, given) -> showUsage(e))
                .setExecutionExceptionHandler((e, commandLine, parsed) -> explain(e, commandLine))
                .execute(arguments);
    }

    /** Knows all commands, or only the one that is given first: picocli reads each class and its options by reflection. */
    public static CommandLine commandLine(String... arguments) {
        CommandLine main = new CommandLine(new Main());
        COMMANDS.stream()
                .filter(type -> arguments.length > 0
                        && type.getAnnotation(Command.class).name().equals(arguments[0]))
                .findFirst()
                .map(List::<Class<?>>of)
                .orElse(COMMANDS)
                .forEach(main::addSubcommand);
        return main;
    }

    /** Without a command it is {@code run}. */
    @Override
    public Integer call() throws Exception {
        return new RunCommand().call();
    }

    /** Picocli's own handler leaves the usage out when it has a word to suggest. */
    private static int showUsage(CommandLine.ParameterException e) {
        PrintWriter err = e.getCommandLine().getErr();
        err.println(e.getMessage());
        CommandLine.UnmatchedArgumentException.printSuggestions(e, err);
        e.getCommandLine().usage(err);
        return ExitCode.USAGE;
    }

    private static int explain(Exception e, CommandLine commandLine) {
        commandLine.getErr().println(e.getMessage() == null ? e.toString() : e.getMessage());
        return e instanceof ConfigurationException ? ExitCode.USAGE : ExitCode.HALTED;
    }

    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {"jtl-contact-sync " + (version == null ? "(not packaged)" : version)};
        }
    }
}
