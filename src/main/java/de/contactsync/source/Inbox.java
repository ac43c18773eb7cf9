package de.contactsync.source;

import de.contactsync.keys.KeyFile;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The watched folder: which of its files are ready to be read, and where they go afterwards. Thread-safe. */
public final class Inbox {

    static final String DONE = ".done";
    static final String FAILED = ".failed";

    private static final Logger LOG = LoggerFactory.getLogger(Inbox.class);

    /** A second look this much later shows whether a file that seems complete is touched after all. */
    private static final Duration SECOND_LOOK = Duration.ofMillis(400);

    private static final DateTimeFormatter NAME_TIME = DateTimeFormatter.ofPattern("uuuuMMdd-HHmmss-SSS");

    /** Size and times of a file, and when it was first seen like this. */
    private record Look(FileFingerprint.Stamp stamp, FileTime changed, long nanoTime) {

        boolean sameAs(Look other) {
            return stamp.equals(other.stamp) && changed.equals(other.changed);
        }
    }

    private final Path folder;
    private final Duration settle;
    private final Clock clock;
    private final LongSupplier nanoTime;
    private final Map<Path, Look> looks = new ConcurrentHashMap<>();
    private final Set<Path> refused = ConcurrentHashMap.newKeySet();
    private final Map<Path, Long> asideUntil = new ConcurrentHashMap<>();

    public Inbox(FileSettings settings, Clock clock) {
        this(settings.directory(), settings.settle(), clock, System::nanoTime);
    }

    Inbox(Path folder, Duration settle, Clock clock, LongSupplier nanoTime) {
        this.folder = folder;
        this.settle = settle;
        this.clock = clock;
        this.nanoTime = nanoTime;
    }

    Path folder() {
        return folder;
    }

    /** Whether {@code file} is a key file that lies complete in the inbox. */
    public boolean isReady(Path given) {
        Path file = key(given);
        String name = file.getFileName().toString();
        if (isReport(name) || isAside(file)) {
            return false;
        }
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            if (KeyFile.understands(name)) {
                refuse(file, "only plain files are read, no folders, symbolic links or pipes");
            }
            return false;
        }
        try {
            if (KeyFile.understands(name)) {
                return isAtRest(file);
            }
            // Perhaps the name of a file on its way; one that stays is waited for by somebody.
            if (isAtRest(file)) {
                refuse(file, "a key file ends in .csv, .tsv, .txt, .ndjson, .jsonl or .json, with or without .gz");
            }
            return false;
        } catch (IOException e) {
            // Gone between two looks: whoever took it away knows what became of it.
            looks.remove(file);
            return false;
        }
    }

    /** Since when the file has been waiting that came first; null when none waits. */
    public static Instant oldest(Path directory) throws IOException {
        Instant oldest = null;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (KeyFile.understands(name) && !isReport(name)
                        && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                    Instant came = came(file);
                    oldest = oldest == null || came != null && came.isBefore(oldest) ? came : oldest;
                }
            }
        } catch (NoSuchFileException e) {
            // The folder is made when it is first watched.
            return null;
        }
        return oldest;
    }

    /** Written or renamed, whichever was later; null when it has gone meanwhile. */
    private static Instant came(Path file) throws IOException {
        try {
            Instant written = Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS).toInstant();
            Instant renamed = statusChange(file).toInstant();
            return written.isAfter(renamed) ? written : renamed;
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    /** Leaves a file alone for a while, so that it holds up no others. */
    void setAside(Path file, Duration time) {
        asideUntil.put(key(file), nanoTime.getAsLong() + time.toNanos());
    }

    private boolean isAside(Path file) {
        Long until = asideUntil.get(file);
        if (until != null && until - nanoTime.getAsLong() <= 0) {
            asideUntil.remove(file);
            return false;
        }
        return until != null;
    }

    /** Where a file of this name can go: a file of an earlier day in the same place is never overwritten. */
    Path placeIn(String folder, Path file) {
        Path name = file.getFileName();
        Path place = file.resolveSibling(folder).resolve(name);
        String time = "." + NAME_TIME.format(clock.instant().atZone(ZoneId.systemDefault()));
        for (int i = 1; Files.exists(place, LinkOption.NOFOLLOW_LINKS); i++) {
            place = place.resolveSibling(withinName(name.toString(), i == 1 ? time : time + "-" + i));
        }
        return place;
    }

    /** In front of the endings, so that the copy is still a file of the same kind. */
    private static String withinName(String name, String addition) {
        int dot = name.indexOf('.', 1);
        return dot < 0 ? name + addition : name.substring(0, dot) + addition + name.substring(dot);
    }

    /** Moves without ever replacing a file. */
    void move(Path file, Path place) throws IOException {
        Files.createDirectories(place.getParent());
        if (Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(place.toString());
        }
        Files.move(file, place, StandardCopyOption.ATOMIC_MOVE);
        looks.remove(key(file));
    }

    /** Camel names a file by the inbox as it is configured, others by its absolute path. */
    private static Path key(Path file) {
        return file.toAbsolutePath().normalize();
    }

    private static boolean isReport(String name) {
        return name.endsWith(ErrorReport.SUFFIX) || name.endsWith(".error.txt") || ContactFile.isOne(name);
    }

    /**
     * Written and then left alone for a while; or renamed into the folder, which shows in a status change later than
     * the last write, and unchanged at a second look.
     */
    private boolean isAtRest(Path file) throws IOException {
        long now = nanoTime.getAsLong();
        FileFingerprint.Stamp stamp = FileFingerprint.Stamp.of(file);
        Look look = looks.merge(
                file, new Look(stamp, statusChange(file), now), (old, fresh) -> old.sameAs(fresh) ? old : fresh);
        Duration unchanged = Duration.ofNanos(now - look.nanoTime);
        Duration sinceWrite = Duration.ofMillis(clock.millis() - stamp.modifiedMillis());
        boolean renamedIn = stamp.size() > 0 && look.changed.toMillis() > stamp.modifiedMillis();
        return sinceWrite.compareTo(settle) >= 0
                || unchanged.compareTo(settle) >= 0
                || renamedIn && unchanged.compareTo(SECOND_LOOK) >= 0;
    }

    /** The time of the last change of name, owner or content; the epoch where the file system does not know it. */
    private static FileTime statusChange(Path file) throws IOException {
        try {
            return (FileTime) Files.getAttribute(file, "unix:ctime", LinkOption.NOFOLLOW_LINKS);
        } catch (UnsupportedOperationException | IllegalArgumentException e) {
            return FileTime.fromMillis(0);
        }
    }

    /** Said once for each file. */
    private void refuse(Path file, String reason) {
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS) && refused.add(file)) {
            LOG.warn("{} is left alone: {}", file, reason);
        }
    }
}
