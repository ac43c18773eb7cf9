package de.contactsync.release;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.cli.Main;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The archive as the build leaves it, unpacked. */
class ArchiveIT {

    /** Links of Markdown within the project, without those to its sources, and the projects that commands name by -f. */
    private static final Pattern MENTIONED =
            Pattern.compile("]\\((?!\\w+:|#|(?:\\.\\./)*(?:src|bench)\\b)([^)#\\s]+)|mvnw [^\\n]*-f (\\S+)");

    @TempDir
    static Path folder;

    private static Path root;

    @BeforeAll
    static void unpack() throws Exception {
        output("tar", "-C", folder.toString(), "-xzf", System.getProperty("product.archive"));
        try (Stream<Path> files = Files.list(folder)) {
            root = files.findFirst().orElseThrow();
        }
    }

    /** Once, man page and completion knew only the two options that stand before a command. */
    @Test
    void each_command_has_a_man_page_and_is_completed() throws Exception {
        var commands = new TreeSet<>(Main.commandLine().getSubcommands().keySet());

        assertThat(commands).isNotEmpty().allSatisfy(command -> {
            assertThat(root.resolve("man/jtl-contact-sync-" + command + ".1"))
                    .content()
                    .contains("SYNOPSIS");
            assertThat(root.resolve("man/jtl-contact-sync.1")).content().contains("fB" + command + "\\fP");
        });
        assertThat(completions("")).containsExactlyInAnyOrderElementsOf(commands);
        assertThat(completions("imp")).containsExactly("import");
    }

    /** Once, what adds tracing or components to an installation was left out. */
    @Test
    void what_its_pages_link_to_and_what_their_commands_need_is_in_it() throws Exception {
        List<Path> pages;
        try (Stream<Path> files = Files.walk(root)) {
            pages = files.filter(file -> file.toString().endsWith(".md")).toList();
        }
        assertThat(pages)
                .hasSizeGreaterThan(10)
                .allSatisfy(page -> MENTIONED
                        .matcher(Files.readString(page))
                        .results()
                        .forEach(
                                mentioned -> assertThat(target(page, mentioned)).exists()));
        assertThat(root.resolve("mvnw")).isExecutable();
        assertThat(root.resolve(".mvn/wrapper/maven-wrapper.properties")).isNotEmptyFile();
    }

    @Test
    void the_jar_with_what_other_systems_load_lies_where_the_program_looks_for_it() throws IOException {
        Path lib = root.resolve("lib");
        try (JarFile jar = new JarFile(lib.resolve("jtl-contact-sync.jar").toFile())) {
            assertThat(lib.resolve(jar.getManifest().getMainAttributes().getValue(Attributes.Name.CLASS_PATH)))
                    .isNotEmptyFile();
        }
    }

    private static Path target(Path page, MatchResult mentioned) {
        return mentioned.group(1) == null ? root.resolve(mentioned.group(2)) : page.resolveSibling(mentioned.group(1));
    }

    private static List<String> completions(String start) throws IOException, InterruptedException {
        String answer = output(
                "bash",
                "-c",
                ". \"$0\"; COMP_WORDS=(jtl-contact-sync \"$1\"); COMP_CWORD=1; _complete_jtl-contact-sync; echo \"${COMPREPLY[@]}\"",
                root.resolve("completion/jtl-contact-sync").toString(),
                start);
        return List.of(answer.strip().split("\\s+"));
    }

    private static String output(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }
}
