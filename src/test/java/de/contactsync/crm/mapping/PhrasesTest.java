package de.contactsync.crm.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What remains of a template when some of its values are missing. */
class PhrasesTest {

    private static final Set<String> NAMES = Set.of("a", "b", "c", "d");

    private static String joined(String template, Map<String, String> values) {
        return Template.parse(template, NAMES).join(values::get);
    }

    /** @param there the names of those that have a value, which is the name in a capital */
    private static String joined(String template, String there) {
        return joined(
                template,
                there.chars()
                        .mapToObj(c -> String.valueOf((char) c))
                        .collect(Collectors.toMap(name -> name, String::toUpperCase)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                // Of the value that is missing neither label nor bracket remains.
                "Fax: {a} ({b})            | b  | (B)",
                "Fax: {a} ({b})            | a  | Fax: A",
                "Fax: {a}, Tel: {b}        | b  | Tel: B",
                "Fax: {a}, Tel: {b}        | a  | Fax: A",
                "{a} (Fax), {b} (Tel)      | a  | A (Fax)",
                "{a} (Fax), {b} (Tel)      | b  | B (Tel)",
                "{a}, Abt. {b}, Tel. {c}   | ac | A, Tel. C",
                "{a} Abt. {b}              | b  | Abt. B",
                "{a}, {b} Team             | a  | A",
                "{a} ({b} - {c})           | ab | A (B)",
                "{a} ({b} - {c})           | ac | A (C)",
                "{a} ({b} - {c})           | a  | A",
                "{a} ({b} [{c}])           | ac | A ([C])",
                "({a}) {b}                 | b  | B",
                "\"{a}\" <{b}>             | b  | <B>",
                "\"{a}\" <{b}>             | a  | \"A\"",
                "Abteilung {a}: {b}        | b  | B",
                "mailto:{a}                | b  | ",
                // One phrase.
                "Kontakt: {a} {b}          | b  | Kontakt: B",
                "Kontakt: {a} {b}          | a  | Kontakt: A",
                "{a} {b} {c}               | ac | A C",
                "{a} {b} (JTL)             | a  | A (JTL)",
                // What connects two values needs both.
                "{a} und {b}               | b  | B",
                "{a} und {b}               | a  | A",
                "{a} c/o {b}               | b  | B",
                "{a} / {b}                 | b  | B",
                "{a}/{b}                   | ab | A/B",
                "{a} (Tel) {b}             | a  | A",
                "{a} (Tel) {b}             | b  | B",
                // Of the whole.
                "{a}, {b}!                 | a  | A!",
                "{a}, {b}, JTL             | a  | A, JTL",
                "{a}, {b}!                 | d  | ",
                // A bracket without a partner is a text.
                "1) {a}, 2) {b}            | b  | 2) B",
                "{a} :-) {b}               | a  | A"
            })
    void what_stands_around_a_missing_value_goes_with_it(String template, String there, String wanted) {
        assertThat(joined(template, there)).isEqualTo(wanted == null ? "" : wanted);
    }

    @Test
    void a_value_of_blanks_is_a_missing_one() {
        assertThat(joined("Fax: {a}, {b}", Map.of("a", " ", "b", "B"))).isEqualTo("B");
        assertThat(joined("Fax: {a}", Map.of("a", " "))).isEmpty();
        assertThat(joined("Fax: {a}", Map.of("a", "\u00a0\u200b"))).isEmpty();
    }

    private static final List<String> LABELS = List.of("", "Tel: ", "Abt. ", "(", "\"", "Nr.#");
    private static final List<String> SEPARATORS = List.of(", ", " / ", "; ", " - ", "\n", " | ");

    /** Labels and brackets of its own for each value. */
    private record Group(String name, String label) {

        String text() {
            String close = label.equals("(") ? ")" : label.equals("\"") ? "\"" : "";
            return label + "{" + name + "}" + close;
        }
    }

    /** Whatever is missing: the same as of a template in which it never stood. */
    @Test
    void a_template_without_a_value_is_one_in_which_it_never_stood() {
        Random random = new Random(13);
        for (int round = 0; round < 2_000; round++) {
            String separator = SEPARATORS.get(random.nextInt(SEPARATORS.size()));
            List<Group> groups = new ArrayList<>();
            for (String name : List.of("a", "b", "c", "d")) {
                groups.add(new Group(name, LABELS.get(random.nextInt(LABELS.size()))));
            }
            Map<String, String> values = new HashMap<>();
            NAMES.stream().sorted().filter(name -> random.nextBoolean()).forEach(name -> values.put(name, "V" + name));
            String template = text(groups, separator);
            String rest = text(
                    groups.stream()
                            .filter(group -> values.containsKey(group.name))
                            .toList(),
                    separator);

            assertThat(joined(template, values))
                    .as("%s with %s", template, values)
                    .isEqualTo(
                            values.isEmpty() ? "" : Template.parse(rest, NAMES).fill(values::get));
        }
    }

    private static String text(List<Group> groups, String separator) {
        return groups.stream().map(Group::text).collect(Collectors.joining(separator));
    }

    /** Whatever stands between the braces. */
    @Test
    void with_all_values_a_template_is_filled_as_it_stands() {
        Random random = new Random(7);
        String alphabet = "ab .,:;()[]<>\"/-|!#ß\n";
        Map<String, String> all = NAMES.stream().collect(Collectors.toMap(name -> name, name -> "V" + name));
        for (int round = 0; round < 5_000; round++) {
            StringBuilder text = new StringBuilder();
            for (String name : List.of("a", "b", "c", "d")) {
                random.ints(random.nextInt(6), 0, alphabet.length()).forEach(i -> text.append(alphabet.charAt(i)));
                text.append('{').append(name).append('}');
            }
            random.ints(random.nextInt(6), 0, alphabet.length()).forEach(i -> text.append(alphabet.charAt(i)));
            Template template = Template.parse(text.toString(), NAMES);

            assertThat(template.join(all::get)).isEqualTo(template.fill(all::get));
            assertThat(template.join(name -> null)).isEmpty();
            assertThat(template.join(name -> name.equals("c") ? "V" : "")).contains("V");
        }
    }
}
