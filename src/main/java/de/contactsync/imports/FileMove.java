package de.contactsync.imports;

import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Moves that never replace a file and that end, also across file systems; cut off, they are given again. */
final class FileMove {

    private FileMove() {}

    /**
     * Moves by a rename, or where {@code place} is on another file system makes a durable copy there. The name is
     * reserved first by an empty file, for which only one can win.
     *
     * @return false when it was copied: the file is still there
     * @throws FileAlreadyExistsException when another file is there; an empty one is taken for a reservation
     */
    static boolean move(Path file, Path place) throws IOException {
        makeFolder(place.getParent());
        try {
            Files.createFile(place);
        } catch (FileAlreadyExistsException e) {
            if (!Files.isRegularFile(place, LinkOption.NOFOLLOW_LINKS) || Files.size(place) > 0) {
                throw e;
            }
        }
        try {
            try {
                Files.move(file, place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                return true;
            } catch (AtomicMoveNotSupportedException e) {
                copy(file, place);
                return false;
            }
        } catch (IOException e) {
            // An empty file under the name of one that is done would be taken for it.
            if (Files.exists(place) && Files.size(place) == 0) {
                Files.delete(place);
            }
            throw e;
        }
    }

    private static void copy(Path file, Path place) throws IOException {
        Path draft = FileNames.draft(place);
        try {
            Files.copy(file, draft, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
            AtomicFileWriter.publish(draft, place);
        } finally {
            // Half a copy would fill the file system that had no room for the whole one.
            Files.deleteIfExists(draft);
        }
    }

    /** To a name that is the caller's alone: what has it is replaced. Across file systems the file is copied. */
    static void rename(Path file, Path place) throws IOException {
        try {
            Files.move(file, place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException e) {
            copy(file, place);
            Files.delete(file);
        }
    }

    /**
     * Also where the folder is a link to one, which {@link Files#createDirectories} takes for something else up to Java
     * 18.
     */
    static void makeFolder(Path folder) throws IOException {
        String obstacle = obstacle(folder);
        if (obstacle != null) {
            throw new FileSystemException(folder.toString(), null, obstacle);
        }
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(folder);
        }
    }

    /** Why no folder can have this name; null when it has one, or one could be made. */
    static String obstacle(Path folder) {
        if (Files.isDirectory(folder) || !FileNames.isTaken(folder)) {
            return null;
        }
        return Files.isSymbolicLink(folder) && !Files.exists(folder)
                ? "it is a dangling symbolic link: mount or create the folder that it points to, or delete it"
                : "it is not a folder: delete it or give it another name";
    }

    /** Gives a file back the name it had. False when another has the name by now, or the file system has no links. */
    static boolean putBack(Path file, Path name) {
        try {
            // Unlike a rename, a link replaces nothing.
            Files.createLink(name, file);
            Files.delete(file);
            return true;
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }
}
