package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Routes of the user as sinks, side by side, with the packaged jar. */
@OnBothRuntimes
class RouteSinkIT {

    private static final Duration LONG = Duration.ofSeconds(90);

    /** Takes all but contacts whose id begins with a digit, and says why. */
    private static final String PICKY = """
            - route:
                id: sink-teams
                from:
                  uri: direct:sink-teams
                  steps:
                    - choice:
                        when:
                          - simple: "${header.contactId} regex '[0-9].*' && ${header.change} == 'created'"
                            steps:
                              - setHeader:
                                  name: rejected
                                  constant: Teams has no room for it
                        otherwise:
                          steps:
                            - setBody:
                                simple:
                                  expression: "${header.change} ${header.contactId} ${body[lastName]}\\n"
                                  trim: false
                            - to:
                                uri: file:out
                                parameters:
                                  fileName: teams.txt
                                  fileExist: Append
            """;

    private static final String LISTS = """
            - route:
                id: sink-lists
                from:
                  uri: direct:sink-lists
                  steps:
                    - setBody:
                        simple:
                          expression: "${body.size} from ${body[0][contactId]}\\n"
                          trim: false
                    - to:
                        uri: file:out
                        parameters:
                          fileName: lists.txt
                          fileExist: Append
            """;

    @TempDir
    Path folder;

    private Path routes;

    private void write(String sink, String route) throws Exception {
        routes = Files.createDirectories(folder.resolve("home/routes"));
        Files.writeString(routes.resolve("sink-" + sink + ".camel.yaml"), route);
    }

    private List<String> out(String file) throws Exception {
        return Files.readAllLines(folder.resolve("home/out/" + file));
    }

    @Test
    void each_gets_what_changed_and_has_its_own_dead_letters_replay_and_gone_contacts() throws Exception {
        write("teams", PICKY);
        write("lists", LISTS);
        KeyFiles keys = KeyFiles.good(71, 60);
        Path file = keys.write(folder.resolve("keys.csv"));
        long picked = keys.keys().stream()
                .filter(key -> Character.isDigit(key.contactId().toString().charAt(0)))
                .count();
        assertThat(picked).isBetween(1L, 59L);
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.defaults());
                JtlSimulator empty = JtlSimulator.start(
                        SimulatorOptions.builder().notFoundShare(1).build());
                Product product = Product.in(folder.resolve("home")).against(jtl)) {
            product.with("contacts.sinks", "database,route:teams,route:lists")
                    .with("contacts.sink.lists.batch-size", 25)
                    .with("contacts.on-gone", "flag")
                    .with("contacts.max-gone-share", "100%");

            RunningProduct first = product.start("import", "--json", file);
            assertThat(first.exitCode(LONG)).as(first.toString()).isEqualTo(1);
            assertThat(first.out().get(first.out().size() - 1))
                    .contains("\"teams\":{\"delivered\":" + (60 - picked) + ",\"refused\":" + picked)
                    .contains("\"lists\":{\"delivered\":60,\"refused\":0");
            assertThat(out("teams.txt")).hasSize(60 - (int) picked).allMatch(line -> line.startsWith("created "));
            assertThat(out("lists.txt")).extracting(line -> line.split(" ")[0]).containsExactly("25", "25", "10");
            assertThat(Tables.of(product).rows("SELECT DISTINCT stage, reason, error_message, state FROM dead_letter"))
                    .containsExactly(List.of("sink:teams", "sink-rejected", "Teams has no room for it", "open"));

            write("teams", PICKY.replace("&& ${header.change} == 'created'", "&& 1 == 2"));
            RunningProduct replayed = product.start("replay");
            assertThat(replayed.exitCode(LONG)).as(replayed.toString()).isZero();
            assertThat(replayed.stdout()).contains("is sent to route:teams again");
            assertThat(out("teams.txt")).hasSize(60).doesNotHaveDuplicates();
            assertThat(out("lists.txt")).as("nothing of it was refused").hasSize(3);
            assertThat(Tables.of(product).number("SELECT count(*) FROM dead_letter WHERE state = 'open'"))
                    .isZero();

            RunningProduct gone = product.against(empty).start("import", file);
            assertThat(gone.exitCode(LONG)).as(gone.toString()).isEqualTo(1);
            assertThat(out("teams.txt").subList(60, 120)).allMatch(line -> line.startsWith("gone "));
            assertThat(Tables.of(product).number("SELECT count(*) FROM delivery WHERE state = 'gone'"))
                    .isEqualTo(120);
        }
    }
}
