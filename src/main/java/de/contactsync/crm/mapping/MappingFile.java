package de.contactsync.crm.mapping;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** Reads a mapping from YAML; {@code mapping/hubspot.yaml} at the top of the project explains the form. */
public final class MappingFile {

    /** What JSON has without quotes. */
    private static final Set<Tag> LITERAL = Set.of(Tag.BOOL, Tag.INT, Tag.FLOAT);

    /** What a file may hold, and what a field may hold; {@code mapping/mapping.schema.json} tells editors the same. */
    static final Set<String> PARTS = Set.of("key", "company-key", "default-country", "salutations", "fields", "gone");

    static final Set<String> FIELD_PARTS = Set.of(
            "from",
            "template",
            "constant",
            "transform",
            "value-map",
            "default",
            "max-length",
            "overwrite-with-empty",
            "write",
            "when",
            "split",
            "type");

    /** What {@code split} may hold. */
    static final Set<String> SPLIT_PARTS = Set.of("at", "take");

    /** Which editors of Windows put before UTF-8. */
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private final String file;
    private final MappingNodes nodes;

    private MappingFile(String file) {
        this.file = file;
        this.nodes = new MappingNodes(file);
    }

    /**
     * @param folder whose {@code mapping/KIND.yaml}, or {@code .yml}, is read; where there is none, the one that was
     *               shipped
     * @throws MappingException when it cannot be used
     */
    public static Mapping read(Path folder, String kind) {
        String file = "mapping/" + kind + ".yaml";
        List<Path> own = own(folder.resolve("mapping"), kind);
        if (own.size() > 1) {
            throw new MappingException("there are " + own.get(0) + " and " + own.get(1) + ": keep one of them");
        }
        try (InputStream in =
                own.isEmpty() ? MappingFile.class.getResourceAsStream("/" + file) : Files.newInputStream(own.get(0))) {
            return parse(
                    own.isEmpty() ? file : "mapping/" + own.get(0).getFileName(),
                    own.isEmpty()
                            ? file + " as it was shipped"
                            : own.get(0).toAbsolutePath().normalize().toString(),
                    in.readAllBytes());
        } catch (IOException e) {
            throw new MappingException(own.get(0) + " cannot be read: " + e.getMessage());
        }
    }

    /** Whatever the case of their names: on some systems it makes no difference, on others the file was passed over. */
    private static List<Path> own(Path folder, String kind) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName()
                            .toString()
                            .toLowerCase(Locale.ROOT)
                            .matches(Pattern.quote(kind) + "\\.ya?ml"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new MappingException(folder + " cannot be read: " + e.getMessage());
        }
    }

    public static Mapping parse(String file, String text) {
        return parse(file, file, text.getBytes(StandardCharsets.UTF_8));
    }

    /** @param file for messages */
    private static Mapping parse(String file, String origin, byte[] bytes) {
        MappingFile reader = new MappingFile(file);
        String text = text(file, bytes);
        try {
            Node root = new Compose(LoadSettings.builder().setLabel(file).build())
                    .composeString(text)
                    .orElseThrow(() -> new MappingException(file + " is empty: copy the one that was shipped"));
            return reader.mapping(root, origin);
        } catch (MarkedYamlEngineException e) {
            throw new MappingException(file
                    + e.getProblemMark().map(MappingNodes::line).orElse("") + ": not valid YAML: " + e.getProblem());
        } catch (YamlEngineException e) {
            throw new MappingException(file + ": not valid YAML: " + e.getMessage());
        }
    }

    /** In UTF-8: anything else would get into the CRM with broken umlauts. */
    private static String text(String file, byte[] bytes) {
        ByteBuffer read = ByteBuffer.wrap(bytes);
        CharBuffer text = CharBuffer.allocate(bytes.length);
        CoderResult result = StandardCharsets.UTF_8.newDecoder().decode(read, text, true);
        if (result.isError()) {
            int line = 1;
            for (int i = 0; i < read.position(); i++) {
                line += bytes[i] == '\n' ? 1 : 0;
            }
            throw new MappingException(file + " line " + line + ": there is a character that is not UTF-8, perhaps an"
                    + " umlaut in Windows-1252 (ANSI): save the file as UTF-8");
        }
        String decoded = text.flip().toString();
        return decoded.startsWith(BYTE_ORDER_MARK) ? decoded.substring(1) : decoded;
    }

    /** As salutations are looked up: in lower case, without blanks around it and without a dot at its end. */
    static String plain(String salutation) {
        return salutation.strip().toLowerCase(Locale.ROOT).replaceFirst("\\.$", "");
    }

    private Mapping mapping(Node root, String origin) {
        Map<String, Node> parts = nodes.entries(root, "the file", PARTS);
        String key = nodes.text(nodes.required(parts, "key", root), "key");
        String country = country(parts.get("default-country"));
        Map<String, String> salutations = new HashMap<>();
        if (parts.containsKey("salutations")) {
            nodes.entries(parts.get("salutations"), "salutations", null)
                    .forEach((written, meant) -> salutations.put(plain(written), nodes.text(meant, written)));
        }
        List<FieldMapping> fields = new ArrayList<>();
        nodes.entries(nodes.required(parts, "fields", root), "fields", null).forEach((name, node) -> {
            refuseKey(name, key, node);
            FieldMapping field = field(name, node);
            if (country == null && field.transforms().contains(FieldTransform.E164)) {
                throw nodes.wrong(
                        node,
                        name,
                        "e164 needs to know the country of numbers that begin with neither + nor 00: put"
                                + " default-country: DE, or another in two capitals, at the top of the file");
            }
            fields.add(field);
        });
        List<Mapping.Flag> gone = new ArrayList<>();
        if (parts.containsKey("gone")) {
            nodes.entries(parts.get("gone"), "gone", null).forEach((name, node) -> {
                refuseKey(name, key, node);
                gone.add(flag(name, node));
            });
        }
        String companyKey =
                parts.containsKey("company-key") ? nodes.text(parts.get("company-key"), "company-key") : null;
        return new Mapping(file, origin, key, companyKey, fields, gone, salutations, country);
    }

    /** Null when the file names none. */
    private String country(Node node) {
        if (node == null) {
            return null;
        }
        String country = nodes.text(node, "default-country");
        if (!PhoneNumbers.knows(country)) {
            throw nodes.wrong(node, "default-country", "expected a country in two capitals, such as DE");
        }
        return country;
    }

    /** A value, or {@code gone} and {@code back} with one each. */
    private Mapping.Flag flag(String name, Node node) {
        if (!(node instanceof MappingNode)) {
            return new Mapping.Flag(constant(name, node), null);
        }
        Map<String, Node> values = nodes.entries(node, name, Set.of("gone", "back"));
        if (values.size() != 2) {
            throw nodes.wrong(node, name, "expected gone and back, with a value each");
        }
        return new Mapping.Flag(constant(name, values.get("gone")), constant(name, values.get("back")));
    }

    private FieldMapping constant(String name, Node node) {
        return FieldMapping.constant(name, value("constant", node, name), LITERAL.contains(node.getTag()));
    }

    private void refuseKey(String name, String key, Node node) {
        if (name.equals(key)) {
            throw nodes.wrong(node, name, "this is the key, which is filled by itself: take it out here");
        }
    }

    private FieldMapping field(String name, Node node) {
        Map<String, Node> parts = nodes.entries(node, name, FIELD_PARTS);
        List<String> given = Stream.of("from", "template", "constant")
                .filter(parts::containsKey)
                .toList();
        if (given.size() != 1) {
            throw nodes.wrong(node, name, "expected one of from, template and constant");
        }
        List<Template> values = values(given.get(0), parts.get(given.get(0)), name);
        Template value = values.get(0);
        for (String ofValues : List.of("value-map", "default", "max-length", "split", "type")) {
            if (value.names().isEmpty() && parts.containsKey(ofValues)) {
                throw nodes.wrong(
                        parts.get(ofValues), name, "a constant is always the same: take " + ofValues + " out here");
            }
        }
        ValueType type =
                parts.containsKey("type") ? nodes.one(ValueType.values(), parts.get("type"), name) : ValueType.TEXT;
        ValueMap valueMap = valueMap(parts.get("value-map"), name);
        for (String result : valueMap.results()) {
            requireFit(type, result, parts.get("value-map"), name);
        }
        if (parts.containsKey("default")) {
            requireFit(type, nodes.text(parts.get("default"), name), parts.get("default"), name);
        }
        return new FieldMapping(
                name,
                value,
                values.subList(1, values.size()),
                given.contains("constant")
                        && LITERAL.contains(parts.get("constant").getTag()),
                transforms(parts.get("transform"), name),
                clears(parts.get("overwrite-with-empty"), name),
                valueMap,
                parts.containsKey("default") ? nodes.text(parts.get("default"), name) : null,
                maxLength(parts.get("max-length"), name),
                parts.containsKey("write")
                        ? nodes.one(WritePolicy.values(), parts.get("write"), name)
                        : WritePolicy.ALWAYS,
                condition(parts.get("when"), name),
                split(parts.get("split"), name),
                type);
    }

    private void requireFit(ValueType type, String value, Node node, String name) {
        if (!type.fits(value)) {
            throw nodes.wrong(
                    node, name, "\"" + value + "\" cannot be sent as type: " + type + "; correct one of the two");
        }
    }

    private FieldCondition condition(Node node, String name) {
        if (node == null) {
            return FieldCondition.NONE;
        }
        Map<String, Set<String>> values = new HashMap<>();
        Map<String, Node> conditions = nodes.entries(node, name, FieldSource.names());
        if (conditions.isEmpty()) {
            throw nodes.wrong(node, name, "expected when to have a condition, such as {department: [Einkauf]}");
        }
        conditions.forEach((source, wanted) -> {
            List<Node> list = wanted instanceof SequenceNode several ? several.getValue() : List.of(wanted);
            if (list.isEmpty() || list.stream().anyMatch(MappingNodes::isNull)) {
                throw nodes.wrong(wanted, name, "expected at least one value behind " + source + ", or \"*\" for any");
            }
            values.put(
                    source,
                    list.stream().map(each -> plain(nodes.text(each, name))).collect(Collectors.toSet()));
        });
        return new FieldCondition(values);
    }

    private Split split(Node node, String name) {
        if (node == null) {
            return Split.NONE;
        }
        Map<String, Node> parts = nodes.entries(node, name, SPLIT_PARTS);
        if (!parts.keySet().equals(SPLIT_PARTS)) {
            throw nodes.wrong(node, name, "expected split to have at and take, such as {at: \",\", take: first}");
        }
        if (!(parts.get("at") instanceof ScalarNode at) || at.getValue().isEmpty()) {
            throw nodes.wrong(parts.get("at"), name, "expected at to be what stands between the parts, such as \",\"");
        }
        String take = nodes.text(parts.get("take"), name);
        if (!take.matches("first|last|[1-9]\\d?")) {
            throw nodes.wrong(
                    parts.get("take"), name, "expected take to be first, last, or a number from 1 to 99, not " + take);
        }
        return new Split(
                at.getValue(), take.equals("first") ? 1 : take.equals("last") ? Split.LAST : Integer.parseInt(take));
    }

    /** Of {@code from} a list may be given. */
    private List<Template> values(String kind, Node node, String name) {
        if (!kind.equals("from") || !(node instanceof SequenceNode list)) {
            return List.of(value(kind, node, name));
        }
        if (list.getValue().isEmpty()) {
            throw nodes.wrong(node, name, "expected at least one of " + Arrays.toString(FieldSource.values()));
        }
        return list.getValue().stream().map(each -> value(kind, each, name)).toList();
    }

    private Template value(String kind, Node node, String name) {
        if (kind.equals("constant")) {
            return Template.text(nodes.text(node, name));
        }
        if (kind.equals("from")) {
            return Template.parse("{" + nodes.one(FieldSource.values(), node, name) + "}", FieldSource.names());
        }
        try {
            return Template.parseStrictly(nodes.text(node, name), FieldSource.names());
        } catch (IllegalArgumentException e) {
            throw nodes.wrong(node, name, e.getMessage());
        }
    }

    private List<FieldTransform> transforms(Node node, String name) {
        if (node == null) {
            return List.of();
        }
        List<Node> given = node instanceof SequenceNode list ? list.getValue() : List.of(node);
        return given.stream()
                .map(each -> nodes.one(FieldTransform.values(), each, name))
                .toList();
    }

    private ValueMap valueMap(Node node, String name) {
        if (node == null) {
            return ValueMap.NONE;
        }
        Map<String, String> values = new HashMap<>();
        nodes.entries(node, name, null).forEach((written, meant) -> {
            String plain = plain(written);
            if (values.containsKey(plain)) {
                throw nodes.wrong(
                        meant, name, "\"" + written + "\" stands here twice, since case and a dot do not count");
            }
            values.put(plain, MappingNodes.isNull(meant) ? null : nodes.text(meant, name));
        });
        return new ValueMap(values);
    }

    private int maxLength(Node node, String name) {
        if (node == null) {
            return 0;
        }
        String text = nodes.text(node, name);
        if (!text.matches("[1-9]\\d{0,5}")) {
            throw nodes.wrong(node, name, "expected max-length to be a number of characters such as 40, not " + text);
        }
        return Integer.parseInt(text);
    }

    private boolean clears(Node node, String name) {
        if (node == null) {
            return false;
        }
        String text = nodes.text(node, name);
        if (!text.equals("true") && !text.equals("false")) {
            throw nodes.wrong(node, name, "expected overwrite-with-empty to be true or false, not " + text);
        }
        return text.equals("true");
    }
}
