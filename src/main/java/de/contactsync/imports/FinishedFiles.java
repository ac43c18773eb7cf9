package de.contactsync.imports;

import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;

/** Where files go that are finished, or cannot be read. */
final class FinishedFiles {

    static final String DONE = ".done";
    static final String FAILED = ".failed";

    private static final DateTimeFormatter NAME_TIME = DateTimeFormatter.ofPattern("uuuuMMdd-HHmmss-SSS");

    private final Path folder;
    private final Clock clock;

    /** @param folder the watched one */
    FinishedFiles(Path folder, Clock clock) {
        this.folder = folder;
        this.clock = clock;
    }

    /** Where a file of this name can go: a file of an earlier day in the same place is never overwritten. */
    Path placeIn(String done, Path file) {
        String name = FileNames.text(file);
        String time = "." + NAME_TIME.format(clock.instant().atZone(ZoneId.systemDefault()));
        Path places = folder.resolve(done);
        Path place = FileNames.in(places, name);
        for (int i = 1; FileNames.isTaken(place); i++) {
            place = FileNames.in(places, FileNames.with(i == 1 ? time : time + "-" + i, name));
        }
        return place;
    }

    /** How the database names a place: the inbox may be another path tomorrow, or on another host. */
    static String nameOf(Path place) {
        return place.getParent().getFileName() + "/" + FileNames.text(place);
    }

    /** @param name as {@link #nameOf} gives it, or the absolute path that older versions wrote down */
    Path place(String name) {
        String[] parts = name.split("/");
        return FileNames.in(folder.resolve(parts[parts.length - 2]), parts[parts.length - 1]);
    }
}
