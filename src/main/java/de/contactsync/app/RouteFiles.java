package de.contactsync.app;

import de.contactsync.config.ConfigurationException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Which route files are loaded: those of the program, and those of the folder {@code routes} in the working directory.
 * A file there that has the name of one of the program's takes its place.
 */
final class RouteFiles {

    /** Of files that people take for routes, and that are not loaded. */
    private static final Pattern NOT_LOADED = Pattern.compile("(?i)(.+?)(\\.camel)?\\.(yaml|yml|xml)");

    private final Path folder;
    /** The content of each, by its name. */
    private final SortedMap<String, String> own;
    /** Files beside them that are not loaded. */
    private final SortedSet<String> others;

    private RouteFiles(Path folder, SortedMap<String, String> own, SortedSet<String> others) {
        this.folder = folder;
        this.own = own;
        this.others = others;
    }

    /** @throws ConfigurationException when a file cannot be read, or its name not be passed on to Camel */
    static RouteFiles in(Path workingDirectory) throws IOException {
        Path folder = workingDirectory.resolve("routes");
        SortedMap<String, String> own = new TreeMap<>();
        SortedSet<String> others = new TreeSet<>();
        if (Files.isDirectory(folder)) {
            List<Path> files;
            try (Stream<Path> listed = Files.list(folder)) {
                files = listed.toList();
            }
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (name.endsWith(ShippedRoutes.ENDING)) {
                    own.put(name, read(file));
                } else {
                    others.add(name);
                }
            }
        }
        return new RouteFiles(folder, own, others);
    }

    private static String read(Path file) {
        String place = "routes/" + file.getFileName();
        if (!file.getFileName().toString().matches("[A-Za-z0-9._-]+")) {
            throw problem(place + ": give the file a name of letters, digits, dots, hyphens and underscores");
        }
        if (Files.isDirectory(file)) {
            throw problem(place + " is a folder: give it a name without " + ShippedRoutes.ENDING
                    + ", and put route files into routes/ itself");
        }
        ByteBuffer bytes;
        try {
            bytes = ByteBuffer.wrap(Files.readAllBytes(file));
        } catch (IOException e) {
            throw problem(
                    place + " cannot be read: " + e + ". Make it readable for this user, or remove it from the folder");
        }
        CharBuffer text = CharBuffer.allocate(bytes.remaining());
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        CoderResult decoded = decoder.decode(bytes, text, true);
        text.flip();
        if (decoded.isError()) {
            // Camel would put another character there.
            throw problem(
                    place + ", line " + (1 + text.chars().filter(c -> c == '\n').count()) + ": 0x"
                            + Integer.toHexString(bytes.get() & 0xFF).toUpperCase(Locale.ROOT)
                            + " is not UTF-8: save the file in UTF-8");
        }
        return text.toString().replaceFirst("^\uFEFF", "");
    }

    private static ConfigurationException problem(String words) {
        return new ConfigurationException(List.of(words));
    }

    /**
     * What Camel is to load, in its own syntax. It parses each file twice before it looks at the precondition in it, so
     * the program's own are left out where that is false.
     *
     * @param wanted     by names without the ending
     * @param properties that preconditions name
     */
    String patterns(Predicate<String> wanted, Properties properties) throws IOException {
        List<String> patterns = new ArrayList<>();
        for (String name : ShippedRoutes.NAMES) {
            if (wanted.test(name)
                    && !isOwn(name)
                    && !ShippedRoutes.isSwitchedOff(ShippedRoutes.text(name), properties)) {
                patterns.add("classpath:routes/" + name + ShippedRoutes.ENDING);
            }
        }
        own.keySet().stream()
                .filter(name -> wanted.test(name.substring(0, name.length() - ShippedRoutes.ENDING.length())))
                .map(name -> "file:" + folder.resolve(name))
                .forEach(patterns::add);
        return String.join(",", patterns);
    }

    /** Whether there is a file of that name, without the ending, in the folder. */
    boolean isOwn(String name) {
        return own.containsKey(name + ShippedRoutes.ENDING);
    }

    /** That file. */
    Path own(String name) {
        return folder.resolve(name + ShippedRoutes.ENDING);
    }

    /** Of the first line of that file that begins with these words; 0 when there is none. */
    int lineOf(String name, String words) {
        List<String> lines = text(name).lines().toList();
        return 1
                + IntStream.range(0, lines.size())
                        .filter(i -> lines.get(i).strip().startsWith(words))
                        .findFirst()
                        .orElse(-1);
    }

    private String text(String name) {
        return own.get(name + ShippedRoutes.ENDING);
    }

    /** Whether there are files in the folder. */
    boolean isAny() {
        return !own.isEmpty();
    }

    /** Whether a file in the folder takes the place of that one of the program, and is another. */
    boolean isChanged(String name) throws IOException {
        return isOwn(name) && !ShippedRoutes.steps(text(name)).equals(ShippedRoutes.steps(ShippedRoutes.text(name)));
    }

    /** Where routes of this id are, for people; those of the user first. */
    List<String> placesOf(String routeId) {
        Pattern id = Pattern.compile("\\s*(?:- )?id:\\s*[\"']?" + Pattern.quote(routeId) + "[\"']?\\s*");
        List<String> places = new ArrayList<>();
        try {
            own.forEach((name, text) -> {
                List<String> lines = text.lines().toList();
                IntStream.range(0, lines.size())
                        .filter(i -> id.matcher(lines.get(i)).matches())
                        .forEach(i -> places.add("routes/" + name + ", line " + (i + 1)));
            });
            for (String name : ShippedRoutes.NAMES) {
                if (!isOwn(name)
                        && ShippedRoutes.text(name)
                                .lines()
                                .anyMatch(line -> id.matcher(line).matches())) {
                    places.add("the program's routes/" + name + ShippedRoutes.ENDING);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return places;
    }

    /** What the user is to know about the files, although the program can start. */
    List<String> warnings() throws IOException {
        List<String> warnings = new ArrayList<>(outdated());
        if (Files.exists(folder) && !Files.isDirectory(folder)) {
            warnings.add("routes is a file and is ignored: put route files into a folder of that name");
        }
        for (String name : others) {
            Matcher taken = NOT_LOADED.matcher(name);
            if (taken.matches()) {
                warnings.add("routes/" + name + " is not loaded: "
                        + (taken.group(3).equalsIgnoreCase("xml")
                                ? "only YAML routes are loaded: rewrite it as routes/"
                                : "rename it to routes/")
                        + taken.group(1) + ShippedRoutes.ENDING + ", or remove it from the folder");
            }
        }
        return warnings;
    }

    /** What to say about files that were copied from another version of the program than this. */
    private List<String> outdated() throws IOException {
        List<String> outdated = new ArrayList<>();
        for (String name : ShippedRoutes.NAMES) {
            if (!isOwn(name)) {
                continue;
            }
            String file = "routes/" + name + ShippedRoutes.ENDING;
            int copied = ShippedRoutes.version(text(name));
            int current = ShippedRoutes.version(ShippedRoutes.text(name));
            if (copied > current) {
                outdated.add(
                        file + " says that it is version " + copied + " of this route, and the program has version "
                                + current + ": use the program that it belongs to, or copy the program's " + file
                                + " and change it");
            } else if (copied < current) {
                outdated.add(file + " was copied from "
                        + (copied == 0 ? "an unknown version" : "version " + copied)
                        + " of this route, and the program has version " + current
                        + ": compare it with the program's " + file + ", take over its changes, and set \"# version: "
                        + current + "\" in your copy");
            }
        }
        return outdated;
    }
}
