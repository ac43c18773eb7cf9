package de.contactsync.crm.mapping;

import de.contactsync.model.TenantNames;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * Reads what a mapping file says of single fields, and conditions.
 *
 * @param sources names of what a contact has, in the order in which messages list them
 * @param tenants that it may name by their names
 */
record FieldParser(MappingNodes nodes, Set<String> sources, TenantNames tenants) {

    private static final String TENANT = FieldSource.TENANT_ID.toString();

    /** What JSON has without quotes. */
    private static final Set<Tag> LITERAL = Set.of(Tag.BOOL, Tag.INT, Tag.FLOAT);

    /** What a field may hold; {@code mapping/mapping.schema.json} tells editors the same. */
    static final Set<String> PARTS = Set.of(
            "from",
            "template",
            "constant",
            "transform",
            "value-map",
            "default",
            "max-length",
            "too-long",
            "country",
            "overwrite-with-empty",
            "write",
            "when",
            "split",
            "type");

    /** What {@code split} may hold. */
    static final Set<String> SPLIT_PARTS = Set.of("at", "take");

    /** A value, or {@code gone} and {@code back} with one each. */
    Mapping.Flag flag(String name, Node node) {
        if (!(node instanceof MappingNode)) {
            return new Mapping.Flag(constant(name, node), null);
        }
        Map<String, Node> values = nodes.entries(node, name, Set.of("gone", "back"));
        if (values.size() != 2) {
            throw nodes.wrong(node, name, "expected gone and back, with a value each");
        }
        return new Mapping.Flag(constant(name, values.get("gone")), constant(name, values.get("back")));
    }

    FieldMapping constant(String name, Node node) {
        return FieldMapping.constant(name, value("constant", node, name), LITERAL.contains(node.getTag()));
    }

    FieldMapping field(String name, Node node) {
        Map<String, Node> parts = nodes.entries(node, name, PARTS);
        List<String> given = Stream.of("from", "template", "constant")
                .filter(parts::containsKey)
                .toList();
        if (given.size() != 1) {
            throw nodes.wrong(node, name, "expected one of from, template and constant");
        }
        List<Template> values = values(given.get(0), parts.get(given.get(0)), name);
        Template value = values.get(0);
        for (String ofValues : List.of("value-map", "default", "max-length", "too-long", "country", "split", "type")) {
            if (value.names().isEmpty() && parts.containsKey(ofValues)) {
                throw nodes.wrong(
                        parts.get(ofValues), name, "a constant is always the same: take " + ofValues + " out here");
            }
        }
        ValueType type =
                parts.containsKey("type") ? nodes.one(ValueType.values(), parts.get("type"), name) : ValueType.TEXT;
        ValueMap valueMap = valueMap(parts.get("value-map"), name, value.names().equals(Set.of(TENANT)));
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
                tooLong(parts, name),
                country(parts.get("country"), name),
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

    /** @param node null for none */
    FieldCondition condition(Node node, String name) {
        if (node == null) {
            return FieldCondition.NONE;
        }
        Map<String, FieldCondition.Wanted> wanted = new LinkedHashMap<>();
        nodes.entries(node, name, sources).forEach((source, values) -> {
            boolean not = values instanceof MappingNode;
            wanted.put(
                    source,
                    new FieldCondition.Wanted(
                            not
                                    ? values(
                                            source,
                                            nodes.entries(values, name, Set.of("not"))
                                                    .get("not"),
                                            values,
                                            name)
                                    : values(source, values, values, name),
                            not));
        });
        if (wanted.isEmpty()) {
            throw nodes.wrong(node, name, "expected a condition, such as {department: [Einkauf]}");
        }
        return new FieldCondition(wanted);
    }

    private Set<String> values(String source, Node node, Node within, String name) {
        List<Node> list =
                node == null ? List.of() : node instanceof SequenceNode several ? several.getValue() : List.of(node);
        if (list.isEmpty() || list.stream().anyMatch(MappingNodes::isNull)) {
            throw nodes.wrong(within, name, "expected at least one value behind " + source + ", or \"*\" for any");
        }
        return list.stream()
                .map(each -> source.equals(TENANT) ? tenant(each, name) : Blanks.plain(nodes.text(each, name)))
                .collect(Collectors.toSet());
    }

    private String tenant(Node node, String name) {
        String text = nodes.text(node, name);
        return text.equals(FieldCondition.ANY)
                ? text
                : tenants.parse(text)
                        .map(UUID::toString)
                        .orElseThrow(() ->
                                nodes.wrong(node, name, "\"" + text + "\" is not a tenant: " + TenantNames.EXPECTED));
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
            throw nodes.wrong(node, name, "expected at least one of " + sources);
        }
        return list.getValue().stream().map(each -> value(kind, each, name)).toList();
    }

    private Template value(String kind, Node node, String name) {
        if (kind.equals("constant")) {
            return Template.text(nodes.text(node, name));
        }
        if (kind.equals("from")) {
            return Template.parse("{" + nodes.one(sources.toArray(String[]::new), node, name) + "}", sources);
        }
        try {
            return Template.parseStrictly(nodes.text(node, name), sources);
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

    /** @param ofTenants whether its values are those of tenants, which it may name */
    private ValueMap valueMap(Node node, String name, boolean ofTenants) {
        if (node == null) {
            return ValueMap.NONE;
        }
        Map<String, String> values = new HashMap<>();
        nodes.entries(node, name, null).forEach((written, meant) -> {
            String plain = Blanks.plain(
                    ofTenants ? tenants.id(written).map(UUID::toString).orElse(written) : written);
            if (values.containsKey(plain)) {
                throw nodes.wrong(
                        meant,
                        name,
                        "\"" + written + "\" occurs twice here, because case and a final dot do not count");
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

    private FieldMapping.TooLong tooLong(Map<String, Node> parts, String name) {
        Node node = parts.get("too-long");
        if (node == null) {
            return FieldMapping.TooLong.CUT;
        }
        if (!parts.containsKey("max-length")) {
            throw nodes.wrong(node, name, "too-long needs max-length beside it, such as max-length: 40");
        }
        return nodes.one(FieldMapping.TooLong.values(), node, name);
    }

    private FieldMapping.Country country(Node node, String name) {
        if (node == null) {
            return FieldMapping.Country.DEFAULT;
        }
        if (node instanceof MappingNode) {
            Map<String, Node> parts = nodes.entries(node, name, Set.of("from"));
            if (parts.isEmpty()) {
                throw nodes.wrong(node, name, "expected country to be as DE, or as {from: country}");
            }
            return new FieldMapping.Country(null, nodes.one(sources.toArray(String[]::new), parts.get("from"), name));
        }
        return new FieldMapping.Country(region(node, name), null);
    }

    /** Two capitals. */
    String region(Node node, String name) {
        String country = nodes.text(node, name);
        if (!PhoneNumbers.knows(country)) {
            throw nodes.wrong(node, name, "expected a country in two capitals, such as DE");
        }
        return country;
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
