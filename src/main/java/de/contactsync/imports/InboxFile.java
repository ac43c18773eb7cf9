package de.contactsync.imports;

import java.nio.file.Path;

/**
 * A key file that came into the inbox.
 *
 * @param path where it is: in the inbox, or in its folder of files that were taken from there
 * @param name for people: the path it came by
 */
public record InboxFile(Path path, Path name) {

    @Override
    public String toString() {
        return FileNames.shown(name);
    }
}
