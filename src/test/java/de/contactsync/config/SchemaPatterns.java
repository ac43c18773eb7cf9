package de.contactsync.config;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a JSON Schema says of values and names of settings, as regular expressions that Java and ECMAScript share. What a
 * value may be comes from the words in which its parser refuses others.
 */
final class SchemaPatterns {

    private static final Pattern CHOICE = Pattern.compile("[\\w-]+(, [\\w-]+)* or [\\w-]+|one of [\\w-]+(, [\\w-]+)*");
    private static final Pattern RANGE = Pattern.compile("a whole number from (\\d+) to (\\d+)(, or off)?");
    private static final Pattern PERCENTAGE = Pattern.compile("a percentage from (\\d+)% to (\\d+)%");
    private static final String DURATION = "\\d{1,9}(ms|s|m|h|d)";
    private static final String UUID = "[\\s=\"'{(]*[0-9A-Fa-f]{8}(-?[0-9A-Fa-f]{4}){3}-?[0-9A-Fa-f]{12}[\\s\"')}]*";
    private static final String THIS_MACHINE = "http://(localhost|127(\\.\\d{1,3}){3}|\\[::1\\])(:\\d{1,5})?";

    private SchemaPatterns() {}

    /** Empty where other values are possible. */
    static List<String> choices(SettingDoc doc) {
        String allowed = String.valueOf(doc.allowed()).replaceAll("\\s*\\([^)]*\\)", "");
        return CHOICE.matcher(allowed).matches()
                ? List.of(allowed.replaceFirst("^one of ", "").split(", | or "))
                : List.of();
    }

    /** Null where any text may be. */
    static String value(SettingDoc doc) {
        String allowed = String.valueOf(doc.allowed());
        Matcher range = RANGE.matcher(allowed);
        Matcher percentage = PERCENTAGE.matcher(allowed);
        if (range.matches()) {
            return number(Integer.parseInt(range.group(1)), Integer.parseInt(range.group(2)))
                    + (range.group(3) == null ? "" : "|off");
        } else if (percentage.matches()) {
            return number(Integer.parseInt(percentage.group(1)), Integer.parseInt(percentage.group(2))) + "%";
        } else if (allowed.startsWith("a duration such as")) {
            return DURATION;
        } else if (allowed.startsWith("calls per period")) {
            return "\\d+/" + DURATION;
        } else if (allowed.startsWith("a uuid such as")) {
            return UUID;
        } else if (allowed.equals("a number or a uuid")) {
            return "\\d{1,18}|" + UUID;
        } else if (allowed.startsWith("an address such as http")) {
            return "https://[^\\s/?#@]+(/[^\\s?#]*)?|" + THIS_MACHINE + "(/[^\\s?#]*)?";
        } else if (allowed.startsWith("an address that begins with https://")) {
            return "https://[^\\s@#]+|" + THIS_MACHINE + "([/?][^\\s#]*)?";
        } else if (allowed.startsWith("any of ")) {
            String name = "("
                    + allowed.substring("any of ".length())
                            .replaceAll(", | and ", "|")
                            .replace("NAME", "[a-z0-9-]+") + ")";
            return name + "( *, *" + name + ")*";
        }
        return null;
    }

    /** The whole numbers from 0 or 1 to another, also with zeros before them. */
    static String number(int from, int most) {
        List<String> alternatives = new ArrayList<>();
        if (from == 0) {
            alternatives.add("0");
        } else if (from != 1) {
            throw new IllegalArgumentException("from " + from);
        }
        String to = Integer.toString(most);
        if (to.length() > 1) {
            alternatives.add("[1-9]" + digits(to.length() - 2, true));
        }
        for (int i = 0; i < to.length(); i++) {
            char lowest = i == 0 ? '1' : '0';
            if (to.charAt(i) > lowest) {
                alternatives.add(to.substring(0, i)
                        + "[" + lowest + "-" + (char) (to.charAt(i) - 1) + "]"
                        + digits(to.length() - i - 1, false));
            }
        }
        alternatives.add(to);
        return "0*(" + String.join("|", alternatives) + ")";
    }

    private static String digits(int count, boolean orFewer) {
        return count == 0 ? "" : "\\d{" + (orFewer ? "0," : "") + count + "}";
    }

    /** Names that are Camel's, or free for the routes of users. */
    static String otherNames() {
        return "^(?!"
                + Stream.of(
                                anyCase("jtl") + "([.\\s]|$)",
                                anyCase("contacts") + "([.\\s]|$)",
                                "(JTL|CONTACTS)_",
                                anyCase("camel") + "[._](" + anyCase("management") + "|" + anyCase("server") + ")[._-]",
                                misspelt("jtl"),
                                misspelt("contacts"))
                        .collect(Collectors.joining("|"))
                + ")";
    }

    /** The settings with a letter wrong in the word that they begin with. */
    private static String misspelt(String word) {
        Set<String> words = new LinkedHashSet<>();
        for (int i = 0; i <= word.length(); i++) {
            String rest = word.substring(Math.min(i + 1, word.length()));
            words.add(word.substring(0, i) + rest);
            words.add(word.substring(0, i) + "[^.]" + rest);
            words.add(word.substring(0, i) + "[^.]" + word.substring(i));
        }
        words.remove(word);
        return "(" + String.join("|", words) + ")\\.("
                + Stream.of(ConfigKey.values())
                        .map(ConfigKey::key)
                        .filter(key -> key.startsWith(word + "."))
                        .map(key -> key.substring(word.length() + 1).replace(".", "\\."))
                        .collect(Collectors.joining("|"))
                + ")$";
    }

    private static String anyCase(String word) {
        return word.chars()
                .mapToObj(letter -> "[" + Character.toString(Character.toUpperCase(letter)) + (char) letter + "]")
                .collect(Collectors.joining());
    }
}
