package de.contactsync.routes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** {@code docs/routes.md} shows each shipped route as its YAML has it; {@code -Ddocs.write=true} draws it anew. */
class RoutePicturesTest {

    private static final Path PAGE = Path.of("docs/routes.md");

    /** One flow chart in the language of Mermaid. */
    private static final class Chart {
        private final List<String> lines = new ArrayList<>(List.of("```mermaid", "flowchart LR"));
        private int nodes;

        String node(String open, String words, String close) {
            String id = "n" + nodes++;
            lines.add("  " + id + open + "\"" + words.replace("\"", "'") + "\"" + close);
            return id;
        }

        void edge(String from, String label, String to) {
            lines.add("  " + from + (label.isEmpty() ? " --> " : " -- \"" + label.replace("\"", "'") + "\" --> ") + to);
        }

        /** @return the last node of the line that the steps make, from which the flow continues */
        String steps(String from, String label, Object steps) {
            String last = from;
            String next = label;
            for (Object each : (List<?>) steps) {
                Map.Entry<?, ?> step = map(each).entrySet().iterator().next();
                last = step(last, next, (String) step.getKey(), map(step.getValue()));
                next = "";
            }
            return last;
        }

        private String step(String from, String label, String kind, Map<?, ?> step) {
            switch (kind) {
                case "to" -> {
                    return linked(from, label, node("([", uri(step), "])"));
                }
                case "choice" -> {
                    String choice = linked(from, label, node("{", "choice", "}"));
                    for (Object when : (List<?>) step.get("when")) {
                        steps(choice, expression(map(when)), map(when).get("steps"));
                    }
                    steps(choice, "otherwise", map(step.get("otherwise")).get("steps"));
                    return choice;
                }
                case "filter", "split" -> {
                    String node = linked(from, label, node("{", kind + " " + expression(step), "}"));
                    steps(node, kind.equals("filter") ? "if so" : "each", step.get("steps"));
                    return node;
                }
                case "bean", "process" -> {
                    String method = step.get("method") == null
                            ? ""
                            : "." + step.get("method").toString().replaceFirst("\\(.*", "");
                    return linked(from, label, node("[", step.get("ref") + method, "]"));
                }
                case "setBody" -> {
                    return linked(from, label, node("[", "body = " + expression(step), "]"));
                }
                case "setProperty" -> {
                    return linked(from, label, node("[", step.get("name") + " = " + expression(step), "]"));
                }
                case "stop" -> {
                    return linked(from, label, node("([", "nothing", "])"));
                }
                default -> throw new AssertionError("say how a picture shows the step " + kind);
            }
        }

        private String linked(String from, String label, String node) {
            edge(from, label, node);
            return node;
        }

        String text() {
            return String.join("\n", lines) + "\n```\n";
        }
    }

    private static Map<?, ?> map(Object yaml) {
        return (Map<?, ?>) yaml;
    }

    private static String uri(Map<?, ?> step) {
        Object name = step.get("parameters") instanceof Map<?, ?> parameters
                ? parameters.get("name") != null ? parameters.get("name") : parameters.get("timerName")
                : null;
        return step.get("uri") + (name == null ? "" : ":" + name);
    }

    private static String expression(Map<?, ?> step) {
        Map<?, ?> expression = map(step.get("expression"));
        Map<?, ?> language = map(expression.values().iterator().next());
        return language.get("expression") == null
                ? language.get("ref") + "." + language.get("method")
                : language.get("expression").toString();
    }

    private static String route(Map<?, ?> route) {
        Chart chart = new Chart();
        Map<?, ?> from = map(route.get("from"));
        chart.steps(chart.node("([", uri(from), "])"), "", from.get("steps"));
        Object policy = route.get("routeConfigurationId");
        return "## " + route.get("id") + "\n\n" + route.get("description")
                + (policy == null ? "" : " Failures: [" + policy + "](#" + policy + ").") + "\n\n" + chart.text();
    }

    private static String policy(Map<?, ?> policy) {
        Chart chart = new Chart();
        for (Object each : (List<?>) policy.get("onException")) {
            Map<?, ?> on = map(map(each).get("onException"));
            String exception = on.get("exception").toString().replaceAll("[\\[\\]]|\\w+\\.", "");
            String node = chart.node("{{", exception, "}}");
            if (on.get("retryWhile") != null) {
                Map<?, ?> method = map(map(on.get("retryWhile")).get("method"));
                String asked = method.get("ref") + "."
                        + method.get("method").toString().replaceFirst("\\(.*", "");
                chart.edge(
                        node,
                        "again after " + map(on.get("redeliveryPolicy")).get("redeliveryDelay") + " ms while",
                        chart.node("[", asked, "]"));
            } else {
                chart.steps(node, "", on.get("steps"));
            }
        }
        return "## " + policy.get("id") + "\n\n" + policy.get("description") + "\n\n" + chart.text();
    }

    private static String page() throws IOException {
        StringBuilder page = new StringBuilder("# Routes\n\nThe shipped routes, drawn from the files in"
                + " [`routes/`](../routes). [Extending routes](extending-routes.md) says how to change them.\n");
        try (Stream<Path> files = Files.list(Path.of("routes"))) {
            for (Path file : files.sorted().toList()) {
                for (Object each :
                        (List<?>) new Load(LoadSettings.builder().build()).loadFromString(Files.readString(file))) {
                    Map.Entry<?, ?> one = map(each).entrySet().iterator().next();
                    page.append('\n')
                            .append(
                                    one.getKey().equals("route")
                                            ? route(map(one.getValue()))
                                            : policy(map(one.getValue())));
                }
            }
        }
        return page.toString();
    }

    @Test
    void the_page_shows_each_route_as_its_file_has_it() throws IOException {
        if (Boolean.getBoolean("docs.write")) {
            Files.writeString(PAGE, page());
        } else {
            assertThat(Files.readString(PAGE))
                    .as("run this test with -Ddocs.write=true")
                    .isEqualTo(page());
        }
    }
}
