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
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** Reads a mapping from YAML; {@code mapping/hubspot.yaml} at the top of the project explains the form. */
public final class MappingFile {

    /** What a file may hold; {@code mapping/mapping.schema.json} tells editors the same. */
    static final Set<String> PARTS = Set.of(
            "key",
            "company-key",
            "default-country",
            "lookup",
            "only-if",
            "block-list",
            "salutations",
            "fields",
            "gone",
            "steps");

    /** What a step may hold. */
    static final Set<String> STEP_PARTS =
            Set.of("find", "found", "found-id", "create", "update", "delete", "id", "fields");

    /** Which editors of Windows put before UTF-8. */
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private final String file;
    private final Path folder;
    private final MappingNodes nodes;

    /** @param folder of the files that it names */
    private MappingFile(String file, Path folder) {
        this.file = file;
        this.folder = folder;
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
            Mapping mapping = parse(
                    folder.resolve("mapping"),
                    own.isEmpty() ? file : "mapping/" + own.get(0).getFileName(),
                    own.isEmpty()
                            ? file + " as it was shipped"
                            : own.get(0).toAbsolutePath().normalize().toString(),
                    in.readAllBytes());
            if (!kind.equals("rest") && !mapping.steps().isEmpty()) {
                throw new MappingException(mapping.file() + ", steps: only for contacts.crm.kind=rest; take them out");
            }
            return mapping;
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

    /** @param folder of the files that it names */
    public static Mapping parse(Path folder, String file, String text) {
        return parse(folder, file, file, text.getBytes(StandardCharsets.UTF_8));
    }

    public static Mapping parse(String file, String text) {
        return parse(Path.of("mapping"), file, text);
    }

    /** @param file for messages */
    private static Mapping parse(Path folder, String file, String origin, byte[] bytes) {
        MappingFile reader = new MappingFile(file, folder);
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
        List<LookupFile> lookups = lookups(parts.get("lookup"));
        FieldParser parser = new FieldParser(nodes, sources(lookups, parts.get("lookup")));
        String country = parts.containsKey("default-country")
                ? parser.region(parts.get("default-country"), "default-country")
                : null;
        Map<String, String> salutations = new HashMap<>();
        if (parts.containsKey("salutations")) {
            nodes.entries(parts.get("salutations"), "salutations", null)
                    .forEach((written, meant) -> salutations.put(plain(written), nodes.text(meant, written)));
        }
        List<FieldMapping> fields = fields(parser, nodes.required(parts, "fields", root), key, country);
        Map<String, Node> steps =
                parts.containsKey("steps") ? nodes.entries(parts.get("steps"), "steps", null) : Map.of();
        Map<String, List<FieldMapping>> ofSteps = new LinkedHashMap<>();
        steps.forEach((name, node) -> {
            Node own = nodes.entries(node, name, STEP_PARTS).get("fields");
            ofSteps.put(name, own == null ? List.of() : fields(parser, own, null, country));
        });
        List<Mapping.Flag> gone = new ArrayList<>();
        if (parts.containsKey("gone")) {
            nodes.entries(parts.get("gone"), "gone", null).forEach((name, node) -> {
                refuseKey(name, key, node);
                gone.add(parser.flag(name, node));
            });
        }
        FieldCondition onlyIf = parser.condition(parts.get("only-if"), "only-if");
        Set<String> used = Stream.concat(
                        Stream.concat(Stream.of(fields), ofSteps.values().stream())
                                .flatMap(List::stream)
                                .flatMap(FieldMapping::sources),
                        onlyIf.wanted().keySet().stream())
                .collect(Collectors.toSet());
        String companyKey =
                parts.containsKey("company-key") ? nodes.text(parts.get("company-key"), "company-key") : null;
        List<Lookup> known = lookups.stream().map(lookup -> lookup.read(used)).toList();
        return new Mapping(
                file,
                origin,
                key,
                companyKey,
                fields,
                gone,
                salutations,
                country,
                onlyIf,
                blockList(parts.get("block-list")),
                known,
                steps.entrySet().stream()
                        .map(step -> step(
                                step.getKey(),
                                step.getValue(),
                                new Mapping(
                                        file,
                                        origin,
                                        "",
                                        null,
                                        ofSteps.get(step.getKey()),
                                        List.of(),
                                        salutations,
                                        country,
                                        FieldCondition.NONE,
                                        BlockList.NONE,
                                        known,
                                        List.of())))
                        .toList());
    }

    /** @param key that no field may have; null for none */
    private List<FieldMapping> fields(FieldParser parser, Node all, String key, String country) {
        List<FieldMapping> fields = new ArrayList<>();
        nodes.entries(all, "fields", null).forEach((name, node) -> {
            refuseKey(name, key, node);
            FieldMapping field = parser.field(name, node);
            if (country == null
                    && field.country().fixed() == null
                    && field.transforms().stream().anyMatch(FieldTransform::isOfNumbers)) {
                throw nodes.wrong(
                        node,
                        name,
                        "e164 needs to know the country of numbers that begin with neither + nor 00: put"
                                + " default-country: DE, or another in two capitals, at the top of the file");
            }
            fields.add(field);
        });
        return fields;
    }

    private MappingStep step(String name, Node node, Mapping record) {
        if (!name.matches("[A-Za-z]+") || FieldSource.names().contains(name)) {
            throw nodes.wrong(node, name, "the name of a step has only letters, and is none of a field of JTL");
        }
        Map<String, String> texts = new TreeMap<>();
        nodes.entries(node, name, STEP_PARTS).forEach((part, text) -> {
            if (!part.equals("fields")) {
                texts.put(part, nodes.text(text, name));
            }
        });
        return new MappingStep(name, texts, nodes.place(node, name), record);
    }

    /** One file, or several. */
    private List<LookupFile> lookups(Node node) {
        List<Node> files =
                node == null ? List.of() : node instanceof SequenceNode list ? list.getValue() : List.of(node);
        return files.stream()
                .map(each -> {
                    String name = nodes.text(each, "lookup");
                    return LookupFile.parse("mapping/" + name, bytes(each, "lookup", name));
                })
                .toList();
    }

    /** Names of all that a contact has. */
    private Set<String> sources(List<LookupFile> lookups, Node node) {
        Set<String> sources = Arrays.stream(FieldSource.values())
                .map(FieldSource::toString)
                .collect(Collectors.toCollection(LinkedHashSet::new));
        for (LookupFile lookup : lookups) {
            for (String name : lookup.columns().keySet()) {
                if (!sources.add(name)) {
                    throw nodes.wrong(
                            node,
                            "lookup",
                            "the column \"" + name + "\" of " + lookup.file()
                                    + " is also one of a file before it: give it another name");
                }
            }
        }
        return sources;
    }

    private BlockList blockList(Node node) {
        if (node == null) {
            return BlockList.NONE;
        }
        String name = nodes.text(node, "block-list");
        return BlockList.parse("mapping/" + name, text("mapping/" + name, bytes(node, "block-list", name)));
    }

    /** Of a file that the mapping file names. */
    private byte[] bytes(Node node, String part, String name) {
        Path named = folder.resolve(name);
        try {
            return Files.readAllBytes(named);
        } catch (IOException e) {
            throw nodes.wrong(
                    node,
                    part,
                    named.toAbsolutePath().normalize() + " cannot be read ("
                            + e.getClass().getSimpleName()
                            + "): put the file there, or correct its name, which is looked for beside the mapping file");
        }
    }

    private void refuseKey(String name, String key, Node node) {
        if (name.equals(key)) {
            throw nodes.wrong(node, name, "this is the key, which is filled by itself: take it out here");
        }
    }
}
