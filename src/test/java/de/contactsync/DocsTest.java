package de.contactsync;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.cli.Main;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The documentation is short, its links lead somewhere, and the commands that it shows exist. */
class DocsTest {

    private static final int README_LINES = 150;
    private static final int CELL_LENGTH = 200;
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    /** A type in bold, and its number. */
    private static final Pattern WALK = Pattern.compile("\\*\\*`(\\w+)`\\*\\*(?:,\\s+| \\()(\\d+)");

    private static final Pattern PROFILE = Pattern.compile("-P(\\w+(?:,\\w+)*)");
    private static final Pattern SCRIPT = Pattern.compile("(?:^|[\\s`])((?:bench|examples|ops)/[\\w./-]+)");
    private static final Pattern MAKE = Pattern.compile("`make (\\w+)`");
    private static final Pattern JAR = Pattern.compile("(?:jtl-contact-sync|quarkus-run)\\.jar (?!-)([a-z]\\w*)");
    private static final Set<String> GOALS =
            Set.of("dependency:copy-dependencies", "package", "quarkus:dev", "spotless:apply", "test", "verify");

    @Test
    void the_readme_has_at_most_150_lines() throws IOException {
        assertThat(Files.readAllLines(Path.of("README.md"))).hasSizeLessThanOrEqualTo(README_LINES);
    }

    @Test
    void the_walk_of_a_key_names_at_most_twenty_types_that_exist() throws IOException {
        Set<String> types;
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            types = files.map(file -> file.getFileName().toString().replace(".java", ""))
                    .collect(Collectors.toSet());
        }
        List<String> numbers = new ArrayList<>();
        Matcher type = WALK.matcher(Files.readString(Path.of("docs/architecture.md")));
        while (type.find()) {
            assertThat(types).contains(type.group(1));
            numbers.add(type.group(2));
        }
        assertThat(numbers)
                .hasSizeLessThanOrEqualTo(20)
                .isEqualTo(IntStream.rangeClosed(1, numbers.size())
                        .mapToObj(Integer::toString)
                        .toList());
    }

    @Test
    void no_table_cell_is_longer_than_200_characters() throws IOException {
        List<String> tooLong = new ArrayList<>();
        for (Path page : pages()) {
            for (String line : outsideOfCode(page)) {
                if (line.startsWith("|")) {
                    Stream.of(line.split("(?<!\\\\)\\|"))
                            .filter(cell -> cell.strip().length() > CELL_LENGTH)
                            .forEach(cell -> tooLong.add(page + ": " + cell.strip()));
                }
            }
        }
        assertThat(tooLong).isEmpty();
    }

    @Test
    void relative_links_lead_to_files_and_headings_that_exist() throws IOException {
        List<String> dead = new ArrayList<>();
        for (Path page : pages()) {
            for (String line : outsideOfCode(page)) {
                for (Matcher link = LINK.matcher(line); link.find(); ) {
                    String target = link.group(1);
                    if (!target.matches("\\w+:.*") && !exists(page, target)) {
                        dead.add(page + ": " + target);
                    }
                }
            }
        }
        assertThat(dead).isEmpty();
    }

    @Test
    void maven_commands_name_goals_and_profiles_that_exist() throws IOException {
        String pom = Files.readString(Path.of("pom.xml"));
        List<String> unknown = new ArrayList<>();
        for (String command : commands("./mvnw")) {
            for (Matcher profile = PROFILE.matcher(command); profile.find(); ) {
                Stream.of(profile.group(1).split(","))
                        .filter(name -> !pom.contains("<id>" + name + "</id>"))
                        .forEach(name -> unknown.add("-P" + name));
            }
            Stream.of(command.replaceFirst("[`#&].*", "").strip().split("\\s+"))
                    .filter(word -> !word.isEmpty() && !word.startsWith("-") && !GOALS.contains(word))
                    // The pom.xml behind -f.
                    .filter(word -> !Files.exists(Path.of(word)))
                    .forEach(unknown::add);
        }
        assertThat(unknown).isEmpty();
    }

    @Test
    void commands_of_the_program_exist() throws IOException {
        Set<String> known = Main.commandLine().getSubcommands().keySet();
        Set<String> named = new TreeSet<>();
        for (Path page : pages()) {
            for (Matcher command = JAR.matcher(Files.readString(page)); command.find(); ) {
                named.add(command.group(1));
            }
        }
        assertThat(named).isNotEmpty().isSubsetOf(known);
    }

    @Test
    void scripts_and_make_targets_exist() throws IOException {
        String makefile = Files.readString(Path.of("Makefile"));
        List<String> missing = new ArrayList<>();
        for (Path page : pages()) {
            String text = Files.readString(page);
            for (Matcher script = SCRIPT.matcher(text); script.find(); ) {
                String path = script.group(1).replaceFirst("[./]+$", "");
                if (!Files.exists(Path.of(path))) {
                    missing.add(page + ": " + path);
                }
            }
            for (Matcher target = MAKE.matcher(text); target.find(); ) {
                if (!makefile.contains("\n" + target.group(1) + ":")) {
                    missing.add(page + ": make " + target.group(1));
                }
            }
        }
        assertThat(missing).isEmpty();
    }

    private static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>();
        for (String folder : List.of("docs", "bench", "examples")) {
            try (Stream<Path> files = Files.walk(Path.of(folder))) {
                files.filter(file -> file.toString().endsWith(".md")).forEach(pages::add);
            }
        }
        try (Stream<Path> files = Files.list(Path.of(""))) {
            files.filter(file -> file.toString().endsWith(".md")).forEach(pages::add);
        }
        return pages;
    }

    private static List<String> outsideOfCode(Path page) throws IOException {
        List<String> lines = new ArrayList<>();
        boolean code = false;
        for (String line : Files.readAllLines(page)) {
            if (line.startsWith("```")) {
                code = !code;
            } else if (!code) {
                lines.add(line);
            }
        }
        return lines;
    }

    private static List<String> commands(String program) throws IOException {
        List<String> commands = new ArrayList<>();
        for (Path page : pages()) {
            for (Matcher command = Pattern.compile(Pattern.quote(program) + "([^`\\n]*)")
                            .matcher(Files.readString(page));
                    command.find(); ) {
                commands.add(command.group(1));
            }
        }
        return commands;
    }

    private static boolean exists(Path page, String target) throws IOException {
        String[] parts = target.split("#", 2);
        Path parent = page.getParent() == null ? Path.of("") : page.getParent();
        Path file = parts[0].isEmpty() ? page : parent.resolve(parts[0]).normalize();
        if (!Files.exists(file)) {
            return false;
        }
        return parts.length == 1 || headings(file).contains(parts[1]);
    }

    /** As GitHub makes anchors of headings. */
    private static Set<String> headings(Path page) throws IOException {
        return outsideOfCode(page).stream()
                .filter(line -> line.startsWith("#"))
                .map(line -> line.replaceFirst("^#+ +", "")
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N} _-]", "")
                        .replace(' ', '-'))
                .collect(Collectors.toSet());
    }
}
