package de.contactsync.crm.mapping;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * Reads the nodes of a mapping file; what is wrong with one names file and line.
 *
 * @param file for messages
 */
record MappingNodes(String file) {

    /** Also as YAML 1.1 writes it. */
    static boolean isNull(Node node) {
        return Tag.NULL.equals(node.getTag())
                || node instanceof ScalarNode scalar
                        && scalar.isPlain()
                        && scalar.getValue().equals("~");
    }

    <T> T one(T[] known, Node node, String name) {
        String text = text(node, name);
        return Arrays.stream(known)
                .filter(each -> each.toString().equals(text))
                .findFirst()
                .orElseThrow(() -> wrong(
                        node, name, "\"" + text + "\" is not known here, expected one of " + Arrays.toString(known)));
    }

    /** @param known names, or null for any */
    Map<String, Node> entries(Node node, String what, Set<String> known) {
        if (!(node instanceof MappingNode mapping)) {
            throw wrong(node, what, "expected names with something behind each, as in the file that was shipped");
        }
        Map<String, Node> entries = new LinkedHashMap<>();
        for (NodeTuple tuple : mapping.getValue()) {
            String name = text(tuple.getKeyNode(), what);
            if (known != null && !known.contains(name)) {
                throw wrong(
                        tuple.getKeyNode(),
                        what,
                        "\"" + name + "\" is not known here, expected any of "
                                + String.join(", ", known.stream().sorted().toList()));
            }
            if (entries.put(name, tuple.getValueNode()) != null) {
                throw wrong(tuple.getKeyNode(), what, "\"" + name + "\" occurs twice here");
            }
        }
        return entries;
    }

    Node required(Map<String, Node> parts, String name, Node within) {
        if (!parts.containsKey(name)) {
            throw wrong(within, "the file", name + " is missing");
        }
        return parts.get(name);
    }

    String text(Node node, String what) {
        if (!(node instanceof ScalarNode scalar) || scalar.getValue().isBlank()) {
            throw wrong(node, what, "expected a text");
        }
        return scalar.getValue();
    }

    MappingException wrong(Node node, String what, String expected) {
        return new MappingException(place(node, what) + ": " + expected);
    }

    String place(Node node, String what) {
        return file + node.getStartMark().map(MappingNodes::line).orElse("") + ", " + what;
    }

    static String line(Mark mark) {
        return " line " + (mark.getLine() + 1);
    }
}
