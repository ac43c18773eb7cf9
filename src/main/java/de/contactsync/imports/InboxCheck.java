package de.contactsync.imports;

import de.contactsync.model.ProcessingHaltedException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** What the watched folder has to permit, tried with a file of our own that is removed again. */
public final class InboxCheck {

    /** Begins with a dot, so that no process takes it for a key file. */
    private static final String TRIAL = ".check-";

    private InboxCheck() {}

    /**
     * Makes a file in the folder and moves it on as a key file would be.
     *
     * @return what was done, for people
     * @throws ProcessingHaltedException when files could not be taken from there
     */
    public static String run(Path given) {
        Path inbox = given.toAbsolutePath();
        List<Path> made = new ArrayList<>();
        try {
            Path there = inbox;
            while (!Files.exists(there) && there.getParent() != null) {
                there = there.getParent();
            }
            if (!there.equals(inbox)) {
                Path trial = file(there, made);
                return FileNames.shown(inbox) + " is made by run; " + FileNames.shown(trial.getParent())
                        + " was tried: a file was made in it and deleted";
            }
            try (DirectoryStream<Path> files = Files.newDirectoryStream(inbox)) {
                files.iterator().hasNext();
            }
            Path trial = file(inbox, made);
            List<String> moves = new ArrayList<>();
            for (String name : List.of(WorkFolder.NAME, FinishedFiles.DONE, FinishedFiles.FAILED)) {
                Path folder = inbox.resolve(name);
                if (!Files.isDirectory(folder)) {
                    FileMove.makeFolder(folder);
                    made.add(folder);
                }
                Path place = folder.resolve(trial.getFileName());
                made.add(place);
                FileMove.rename(trial, place);
                moves.add((Files.getFileStore(folder).equals(Files.getFileStore(trial.getParent()))
                                ? "renamed into "
                                : "copied to another file system into ")
                        + name);
                trial = place;
            }
            return FileNames.shown(inbox) + " was read; a file was made in it, " + String.join(", ", moves)
                    + " and deleted";
        } catch (IOException e) {
            String at = e instanceof FileSystemException failure && failure.getFile() != null
                    ? FileNames.shown(Path.of(failure.getFile())) + ": "
                    : "";
            throw new ProcessingHaltedException(
                    "the folder " + FileNames.shown(inbox)
                            + " (contacts.file.directory) cannot be used: " + at + FileNames.reason(e)
                            + "; check its permissions, those of .work, .done and .failed in it, and its free space",
                    e);
        } finally {
            remove(made);
        }
    }

    private static Path file(Path folder, List<Path> made) throws IOException {
        Path trial = Files.createTempFile(folder, TRIAL, null);
        made.add(trial);
        Files.writeString(trial, "tried by check\n");
        return trial;
    }

    /** The last first: what is in a folder before the folder, which stays when a process has begun to use it. */
    private static void remove(List<Path> made) {
        Collections.reverse(made);
        made.forEach(WorkFolder::removeIfEmpty);
    }
}
