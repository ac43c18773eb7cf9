package de.contactsync.crm.mapping;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A text with values in it, of which what stands around a value that is missing goes with it: its label, the brackets
 * around it and what separates it from the one before. Values with no more than blanks between them are one phrase and
 * share what stands around them: of {@code "Name: {firstName} {lastName}, Tel. {phoneNumber}"} remains {@code "Name:
 * Groß"}.
 *
 * @param end of the whole, such as an exclamation mark
 */
record Phrases(List<Phrase> phrases, String end) {

    /** What a value stands for, or several in brackets. */
    private sealed interface Unit {

        /** Empty when there is none. */
        String fill(UnaryOperator<String> values);
    }

    private record Value(String name) implements Unit {

        @Override
        public String fill(UnaryOperator<String> values) {
            String value = values.apply(name);
            return value == null || Blanks.trim(value).isEmpty() ? "" : value;
        }
    }

    private record Bracketed(String open, Phrases inner, String close) implements Unit {

        @Override
        public String fill(UnaryOperator<String> values) {
            String filled = inner.fill(values);
            return filled.isEmpty() ? "" : open + filled + close;
        }
    }

    /**
     * @param separator from the phrase before
     * @param label     before its first unit
     * @param blanks    before each unit but the first
     * @param suffix    behind its last unit
     */
    private record Phrase(String separator, String label, List<Unit> units, List<String> blanks, String suffix) {

        String fill(UnaryOperator<String> values) {
            StringBuilder filled = new StringBuilder();
            for (int i = 0; i < units.size(); i++) {
                String value = units.get(i).fill(values);
                if (!value.isEmpty()) {
                    filled.append(filled.isEmpty() ? "" : blanks.get(i - 1)).append(value);
                }
            }
            return filled.isEmpty() ? "" : label + filled + suffix;
        }
    }

    /** Text, or the name of a value. */
    record Part(String text, String name) {}

    /** What stands between two phrases: the end of the one, what separates them, and the beginning of the other. */
    private record Between(String suffix, String separator, String label) {

        private static final Pattern NO_WORD = Pattern.compile("[^\\p{L}\\p{N}()\\[\\]<>\"]+");
        private static final Pattern SEPARATING = Pattern.compile("[,;|/·•&+\\p{Pd}\\n]");
        private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}()\\[\\]<>\"]");
        /** "Tel. " and "Fax: " say what follows, while "of " connects two values. */
        private static final Pattern LABEL = Pattern.compile("(?s).*[:.=#]\\s*");

        static Between of(String text) {
            Matcher run = separator(text);
            if (run != null) {
                return new Between(text.substring(0, run.start()), run.group(), text.substring(run.end()));
            }
            Matcher word = WORD.matcher(text);
            return word.find() && LABEL.matcher(text).matches()
                    ? new Between("", text.substring(0, word.start()), text.substring(word.start()))
                    : new Between("", text, "");
        }

        /** Not within a word, as in "c/o". */
        static Matcher separator(String text) {
            Matcher run = NO_WORD.matcher(text);
            while (run.find()) {
                boolean outside = run.start() == 0
                        || run.end() == text.length()
                        || run.group().matches("(?s).*\\s.*");
                if (outside && SEPARATING.matcher(run.group()).find()) {
                    return run;
                }
            }
            return null;
        }

        static boolean hasWord(String text) {
            return WORD.matcher(text).find();
        }
    }

    private static final String OPENING = "([<\"";
    private static final String CLOSING = ")]>\"";

    static Phrases of(List<Part> parts) {
        // A character each, and each value one for itself.
        List<Part> tokens = new ArrayList<>();
        for (Part part : parts) {
            if (part.name != null) {
                tokens.add(part);
            } else {
                part.text.chars().forEach(c -> tokens.add(new Part(String.valueOf((char) c), null)));
            }
        }
        return ofTokens(tokens);
    }

    private static Phrases ofTokens(List<Part> tokens) {
        List<Unit> units = new ArrayList<>();
        List<String> texts = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < tokens.size(); i++) {
            int close = close(tokens, i);
            Unit unit = tokens.get(i).name != null
                    ? new Value(tokens.get(i).name)
                    : close < 0
                            ? null
                            : new Bracketed(
                                    tokens.get(i).text, ofTokens(tokens.subList(i + 1, close)), tokens.get(close).text);
            if (unit == null) {
                text.append(tokens.get(i).text);
            } else {
                texts.add(text.toString());
                text.setLength(0);
                units.add(unit);
                i = Math.max(i, close);
            }
        }
        texts.add(text.toString());
        return of(units, texts);
    }

    /** Of a bracket with values in it where it ends; -1 when it is none. */
    private static int close(List<Part> tokens, int open) {
        int bracket = tokens.get(open).name != null ? -1 : OPENING.indexOf(tokens.get(open).text);
        boolean values = false;
        int depth = 0;
        for (int i = open; bracket >= 0 && i < tokens.size(); i++) {
            String text = tokens.get(i).text;
            values |= tokens.get(i).name != null;
            if (i > open && CLOSING.substring(bracket, bracket + 1).equals(text) && --depth == 0) {
                return values ? i : -1;
            }
            depth += OPENING.substring(bracket, bracket + 1).equals(text) ? 1 : 0;
        }
        return -1;
    }

    private static Phrases of(List<Unit> units, List<String> texts) {
        List<Phrase> phrases = new ArrayList<>();
        String separator = "";
        String label = texts.get(0);
        for (int first = 0; first < units.size(); ) {
            int last = first;
            while (last + 1 < units.size() && isOne(units.get(last), texts.get(last + 1), units.get(last + 1))) {
                last++;
            }
            Between next = last + 1 < units.size() ? Between.of(texts.get(last + 1)) : end(texts.get(last + 1));
            phrases.add(new Phrase(
                    separator,
                    label,
                    List.copyOf(units.subList(first, last + 1)),
                    List.copyOf(texts.subList(first + 1, last + 1)),
                    next.suffix));
            separator = next.separator;
            label = next.label;
            first = last + 1;
        }
        return new Phrases(List.copyOf(phrases), separator + label);
    }

    private static boolean isOne(Unit unit, String between, Unit next) {
        return unit instanceof Value && next instanceof Value && between.matches("\\h*");
    }

    /** Words behind the last value are about it, all else is about the whole. */
    private static Between end(String text) {
        return Between.separator(text) != null
                ? Between.of(text)
                : Between.hasWord(text) ? new Between(text, "", "") : new Between("", "", text);
    }

    /** Empty when none of the values is there. */
    String fill(UnaryOperator<String> values) {
        StringBuilder filled = new StringBuilder();
        for (Phrase phrase : phrases) {
            String text = phrase.fill(values);
            if (!text.isEmpty()) {
                filled.append(filled.isEmpty() ? "" : phrase.separator).append(text);
            }
        }
        return filled.isEmpty() ? "" : filled.append(end).toString();
    }
}
