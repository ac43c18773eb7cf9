import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.Random;
import java.util.UUID;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Writes key files, and works out figures from what {@code bench/run} leaves in a run's folder. */
public final class Figures {

    private static final Pattern CPU = Pattern.compile("(\\d+)m([\\d.]+)s");
    private static final Pattern PAUSE = Pattern.compile("Pause .*\\d+M->(\\d+)M\\(");
    private static final String HEADER = String.format(
            "%-22s %8s %9s %9s %8s %9s %8s %8s %8s %7s",
            "run", "wall s", "keys/s", "running/s", "CPU s", "CPU/1000", "RSS MB", "heap MB", "rows", "tokens");

    /** @param running calls per second in the middle half of the run; NaN when it was too short to tell */
    private record Run(String name, long keys, double wall, double running, double cpu, long rows) {

        double cpuPerThousand() {
            return cpu / keys * 1_000;
        }
    }

    private record Sample(double time, long calls, long tokens) {}

    public static void main(String[] arguments) throws Exception {
        switch (arguments[0]) {
            case "keys" -> keys(Integer.parseInt(arguments[1]), Path.of(arguments[2]));
            case "header" -> System.out.println(HEADER);
            case "row" -> System.exit(row(Path.of(arguments[1])) ? 0 : 1);
            case "empty" -> empty(arguments[1]);
            case "lists" -> lists(Integer.parseInt(arguments[1]), Path.of(arguments[2]));
            case "ratios" -> ratios(List.of(arguments).subList(1, arguments.length));
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    /** The same keys for the same count, always. */
    private static void keys(int count, Path file) throws IOException {
        if (Files.exists(file)) {
            return;
        }
        Path part = file.resolveSibling(file.getFileName() + ".part");
        Random random = new Random(count);
        try (BufferedWriter out = Files.newBufferedWriter(part)) {
            out.write("customerId,contactId\n");
            for (int i = 0; i < count; i++) {
                out.write(uuid(random) + "," + uuid(random) + "\n");
            }
        }
        Files.move(part, file);
    }

    /** Four contacts of each customer, one behind the other. */
    private static void lists(int count, Path file) throws IOException {
        if (Files.exists(file)) {
            return;
        }
        Path part = file.resolveSibling(file.getFileName() + ".part");
        Random random = new Random(count);
        try (BufferedWriter out = Files.newBufferedWriter(part)) {
            out.write("customerId,contactId\n");
            for (int i = 0; i < count; i += 4) {
                UUID customer = uuid(random);
                for (int j = i; j < Math.min(count, i + 4); j++) {
                    out.write(customer + "," + uuid(random) + "\n");
                }
            }
        }
        Files.move(part, file);
    }

    /** Takes away all there is in the database, a PostgreSQL of the benchmark's own. */
    private static void empty(String url) throws Exception {
        try (Connection connection = DriverManager.getConnection(url)) {
            connection.createStatement().execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
        }
    }

    private static UUID uuid(Random random) {
        return new UUID(random.nextLong() & ~0xF000L | 0x4000L, random.nextLong() >>> 2 | 1L << 63);
    }

    /** @return whether all keys became rows */
    private static boolean row(Path folder) throws Exception {
        Run run = read(folder);
        List<Sample> samples = samples(folder);
        System.out.println(String.format(
                Locale.ROOT,
                "%-22s %8.1f %9.0f %9.0f %8.2f %9.4f %8s %8s %8d %7d",
                run.name,
                run.wall,
                run.keys / run.wall,
                run.running,
                run.cpu,
                run.cpuPerThousand(),
                rss(folder),
                peakHeap(folder),
                run.rows,
                samples.get(samples.size() - 1).tokens - samples.get(0).tokens));
        if (run.rows != run.keys) {
            System.out.println("FAILED: " + run.rows + " rows of " + run.keys + " keys, see " + folder);
        }
        return run.rows == run.keys;
    }

    /** Folders of the yardstick and of import by turns. */
    private static void ratios(List<String> folders) throws Exception {
        List<Double> cpu = new ArrayList<>();
        List<Double> fromStart = new ArrayList<>();
        List<Double> running = new ArrayList<>();
        for (int i = 0; i < folders.size(); i += 2) {
            Run yardstick = read(Path.of(folders.get(i)));
            Run product = read(Path.of(folders.get(i + 1)));
            cpu.add(product.cpu / yardstick.cpu);
            fromStart.add(product.keys / product.wall / (yardstick.keys / yardstick.wall));
            running.add(product.running / yardstick.running);
        }
        print("import / yardstick, CPU       ", cpu);
        print("import / yardstick, keys/s    ", fromStart);
        print("import / yardstick, running/s ", running);
    }

    private static void print(String what, List<Double> ratios) {
        StringBuilder line = new StringBuilder(what);
        ratios.forEach(ratio -> line.append(String.format(Locale.ROOT, " %.2f", ratio)));
        List<Double> sorted = ratios.stream().sorted().toList();
        double median = (sorted.get((sorted.size() - 1) / 2) + sorted.get(sorted.size() / 2)) / 2;
        System.out.println(line.append(String.format(Locale.ROOT, ", median %.2f", median)));
    }

    private static Run read(Path folder) throws Exception {
        Properties facts = facts(folder);
        long keys = Long.parseLong(facts.getProperty("keys"));
        double wall = Double.parseDouble(facts.getProperty("ended")) - Double.parseDouble(facts.getProperty("began"));
        return new Run(
                folder.getFileName().toString(), keys, wall, running(samples(folder), keys), cpu(folder), rows(folder));
    }

    private static Properties facts(Path folder) throws IOException {
        Properties facts = new Properties();
        try (Reader in = Files.newBufferedReader(folder.resolve("facts"))) {
            facts.load(in);
        }
        return facts;
    }

    private static List<Sample> samples(Path folder) throws IOException {
        List<Sample> samples = new ArrayList<>();
        for (String line : Files.readAllLines(folder.resolve("samples"))) {
            int blank = line.indexOf(' ');
            JsonNode stats = new ObjectMapper().readTree(line.substring(blank + 1));
            samples.add(new Sample(
                    Double.parseDouble(line.substring(0, blank)),
                    stats.get("contactRequests").asLong(),
                    stats.get("tokenRequests").asLong()));
        }
        return samples;
    }

    private static double running(List<Sample> samples, long keys) {
        long before = samples.get(0).calls;
        List<Sample> middle = samples.stream()
                .filter(sample -> sample.calls - before >= keys / 4 && sample.calls - before <= keys * 3 / 4)
                .toList();
        if (middle.size() < 2) {
            return Double.NaN;
        }
        Sample first = middle.get(0);
        Sample last = middle.get(middle.size() - 1);
        return (last.calls - first.calls) / (last.time - first.time);
    }

    /** User and system, from the second line of {@code times}: that of the children, here the one process. */
    private static double cpu(Path folder) throws IOException {
        double seconds = 0;
        for (MatchResult time : CPU.matcher(
                        Files.readAllLines(folder.resolve("times")).get(1))
                .results()
                .toList()) {
            seconds += Double.parseDouble(time.group(1)) * 60 + Double.parseDouble(time.group(2));
        }
        return seconds;
    }

    private static String rss(Path folder) throws IOException {
        Path file = folder.resolve("rss");
        return Files.exists(file)
                ? Long.toString(Long.parseLong(Files.readString(file).strip().replace("rss=", "")) / 1024)
                : "-";
    }

    /** The most that was still there after a collection. */
    private static String peakHeap(Path folder) throws IOException {
        return PAUSE.matcher(Files.readString(folder.resolve("gc.log")))
                .results()
                .map(pause -> Integer.parseInt(pause.group(1)))
                .max(Integer::compare)
                .map(Object::toString)
                .orElse("-");
    }

    /** Counted once, as the next run begins with an empty database. */
    private static long rows(Path folder) throws Exception {
        Path counted = folder.resolve("rows");
        if (!Files.exists(counted)) {
            Files.writeString(counted, Long.toString(count(folder)));
        }
        return Long.parseLong(Files.readString(counted));
    }

    private static long count(Path folder) throws Exception {
        String url = facts(folder).getProperty("database", "jdbc:sqlite:" + folder.resolve("contacts.db"));
        try (Connection connection = DriverManager.getConnection(url);
                ResultSet count = connection.createStatement().executeQuery("SELECT count(*) FROM contact")) {
            count.next();
            return count.getLong(1);
        }
    }
}
