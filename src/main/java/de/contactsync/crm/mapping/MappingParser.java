package de.contactsync.crm.mapping;

import de.contactsync.model.TenantNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** Makes a mapping of the nodes of its file, and of the files that it names. */
final class MappingParser {

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

    private final String file;
    private final Path folder;
    private final TenantNames tenants;
    private final MappingNodes nodes;

    /**
     * @param file   for messages
     * @param folder of the files that it names
     */
    MappingParser(String file, Path folder, TenantNames tenants) {
        this.file = file;
        this.folder = folder;
        this.tenants = tenants;
        this.nodes = new MappingNodes(file);
    }

    /** @param origin as of {@link Mapping#origin} */
    Mapping parse(Node root, String origin) {
        Map<String, Node> parts = nodes.entries(root, "the file", PARTS);
        String key = nodes.text(nodes.required(parts, "key", root), "key");
        List<LookupFile> lookups = lookups(parts.get("lookup"));
        FieldParser parser = new FieldParser(nodes, sources(lookups, parts.get("lookup")), tenants);
        String country = parts.containsKey("default-country")
                ? parser.region(parts.get("default-country"), "default-country")
                : null;
        Map<String, String> salutations = new HashMap<>();
        if (parts.containsKey("salutations")) {
            nodes.entries(parts.get("salutations"), "salutations", null)
                    .forEach((written, meant) -> salutations.put(Blanks.plain(written), nodes.text(meant, written)));
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
        Mapping alone = new Mapping(
                file,
                origin,
                key,
                companyKey,
                fields,
                gone,
                new FieldTransforms(salutations, country),
                Lookups.of(lookups.stream()
                        .map(lookup -> lookup.read(used, tenants))
                        .toList()),
                new ContactFilter(file, onlyIf, blockList(parts.get("block-list"))),
                List.of());
        return alone.with(steps.entrySet().stream()
                .map(step -> step(step.getKey(), step.getValue(), alone.ofStep(ofSteps.get(step.getKey()))))
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
        return BlockList.parse(
                "mapping/" + name, MappingFile.text("mapping/" + name, bytes(node, "block-list", name)), tenants);
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
                            + "): put the file there, or correct its name, which is looked for beside the mapping"
                            + " file");
        }
    }

    private void refuseKey(String name, String key, Node node) {
        if (name.equals(key)) {
            throw nodes.wrong(node, name, "this is the key, which is filled by itself: remove it here");
        }
    }
}
