import de.contactsync.cli.Main;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.codegen.docgen.manpage.ManPageGenerator;

/**
 * Writes the shell completion and the sources of the man pages, with all commands: picocli's own programs know only what
 * the annotations of one class tell.
 * {@code java -cp JAR:picocli-codegen.jar CommandPages.java COMPLETION-FILE MAN-FOLDER}
 */
class CommandPages {

    public static void main(String[] arguments) throws Exception {
        CommandLine commands = Main.commandLine();
        Files.writeString(Path.of(arguments[0]), AutoComplete.bash(commands.getCommandName(), commands));
        int failed = ManPageGenerator.generateManPage(
                new File(arguments[1]), null, new boolean[0], true, commands.getCommandSpec());
        System.exit(failed);
    }
}
