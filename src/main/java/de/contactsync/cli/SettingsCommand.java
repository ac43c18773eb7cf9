package de.contactsync.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import de.contactsync.app.ExitCode;
import de.contactsync.config.SettingsOverview;
import de.contactsync.config.SettingsOverview.Entry;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "settings",
        description = "Shows each setting with its value, where that comes from, its default and its meaning. Secrets"
                + " are hidden. Changes nothing.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class)
final class SettingsCommand implements Callable<Integer> {

    private static final int WIDTH = 100;
    private static final String INDENT = "    ";

    /** Schemas, for editors. */
    enum Schema {
        application("/schema/application.schema.json"),
        mapping("/mapping/mapping.schema.json");

        private final String resource;

        Schema(String resource) {
            this.resource = resource;
        }
    }

    @Parameters(
            arity = "0..*",
            paramLabel = "TEXT",
            description = "Only settings whose name contains one of these texts.")
    private List<String> texts = List.of();

    @Option(names = "--set", description = "Only settings that are set.")
    private boolean onlySet;

    @Option(names = "--json", description = "Print one JSON object per setting.")
    private boolean json;

    @Option(
            names = "--schema",
            paramLabel = "FILE",
            description = "Print a JSON Schema for editors instead, of application.properties or of mapping files:"
                    + " ${COMPLETION-CANDIDATES}.")
    private Schema schema;

    @Override
    public Integer call() throws IOException {
        if (schema != null) {
            try (InputStream in = SettingsCommand.class.getResourceAsStream(schema.resource)) {
                System.out.print(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            }
            return ExitCode.ALL_STORED;
        }
        SettingsOverview settings = SettingsOverview.load();
        String section = "";
        for (Entry entry : settings.entries()) {
            if (onlySet && entry.isDefault()
                    || !texts.isEmpty() && texts.stream().noneMatch(entry.key()::contains)) {
                continue;
            }
            if (!json && !entry.section().equals(section)) {
                System.out.println((section.isEmpty() ? "" : "\n") + "# " + entry.section() + "\n");
                section = entry.section();
            }
            System.out.println(json ? json(entry) : text(entry));
        }
        settings.problems().forEach(System.err::println);
        return settings.problems().isEmpty() ? ExitCode.ALL_STORED : ExitCode.USAGE;
    }

    private static String text(Entry entry) {
        String origin = entry.isDefault()
                ? entry.value() == null ? "not set" : "default"
                : entry.source()
                        + (entry.defaultValue() == null
                                ? ""
                                : entry.defaultValue().equals(entry.value())
                                        ? ", as the default"
                                        : ", default " + entry.defaultValue());
        StringBuilder text = new StringBuilder(entry.key())
                .append(entry.value() == null ? "" : " = " + entry.value())
                .append("  (")
                .append(origin)
                .append(')');
        wrap(text, entry.meaning());
        if (entry.allowed() != null) {
            wrap(text, "Allowed: " + entry.allowed() + ".");
        }
        return text.toString();
    }

    private static void wrap(StringBuilder text, String words) {
        int column = WIDTH + 1;
        for (String word : words.split(" ")) {
            if (column + word.length() > WIDTH) {
                text.append('\n').append(INDENT);
                column = INDENT.length();
            } else {
                text.append(' ');
                column++;
            }
            text.append(word);
            column += word.length();
        }
    }

    private static String json(Entry entry) throws IOException {
        StringWriter out = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
            json.writeStartObject();
            json.writeStringField("key", entry.key());
            json.writeStringField("value", entry.value());
            json.writeStringField("source", entry.source());
            json.writeStringField("default", entry.defaultValue());
            json.writeStringField("allowed", entry.allowed());
            json.writeStringField("meaning", entry.meaning());
            json.writeBooleanField("secret", entry.secret());
            json.writeStringField("section", entry.section());
            json.writeEndObject();
        }
        return out.toString();
    }
}
