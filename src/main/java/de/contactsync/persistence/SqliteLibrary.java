package de.contactsync.persistence;

import de.contactsync.model.ProcessingHaltedException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.sqlite.SQLiteJDBCLoader;
import org.sqlite.util.LibraryLoaderUtil;
import org.sqlite.util.OSInfo;

/**
 * The native library, which is unpacked into the temporary folder and loaded from there. By us and not by SQLite's
 * driver, which reads what it wrote once more byte by byte, a tenth of a second of each start, and leaves the file
 * there when the process is killed.
 */
public final class SqliteLibrary {

    /** Bytes; the library has about as many. */
    private static final int SIZE = 2 * 1024 * 1024;

    /** Where the driver looks before it unpacks its own. */
    private static final String FOLDER = "org.sqlite.lib.path";

    private static final String FILE = "org.sqlite.lib.name";

    private static boolean loaded;

    private SqliteLibrary() {}

    /** @throws ProcessingHaltedException when it cannot be loaded; says why, and what to do */
    public static synchronized void require() {
        try {
            if (!loaded && System.getProperty(FOLDER) == null) {
                unpackAndLoad();
            }
            loaded = SQLiteJDBCLoader.initialize();
        } catch (Exception | LinkageError e) {
            throw new ProcessingHaltedException(
                    (isHere() ? unusable(temporary()) : missing())
                            + "; only keys from messages need no SQLite, if the database is PostgreSQL"
                            + " (contacts.database.url)",
                    e);
        }
    }

    /**
     * Loads it and tries the folder, to which large key files spill over as well.
     *
     * @return what was done, for people
     * @throws ProcessingHaltedException when it cannot be loaded, or the folder is full
     */
    public static String check() {
        require();
        Path folder = Path.of(System.getProperty("java.io.tmpdir"));
        Path trial = null;
        try {
            trial = Files.createTempFile(folder, "check", null);
            Files.write(trial, new byte[SIZE]);
            return folder + " (java.io.tmpdir): SQLite's library, which finds duplicates in key files, was loaded from"
                    + " it; a file of 2 MiB was made in it and deleted";
        } catch (IOException e) {
            throw new ProcessingHaltedException(
                    "the temporary folder " + folder + " (java.io.tmpdir) cannot be written to, or is full ("
                            + e.getMessage() + "): make room, or name another one by java -Djava.io.tmpdir=FOLDER"
                            + " -jar …",
                    e);
        } finally {
            if (trial != null) {
                trial.toFile().delete();
            }
        }
    }

    private static boolean isHere() {
        return System.getProperty(FOLDER) != null || SQLiteJDBCLoader.class.getResource(resource()) != null;
    }

    private static String resource() {
        return LibraryLoaderUtil.getNativeLibResourcePath() + "/" + LibraryLoaderUtil.getNativeLibName();
    }

    private static String missing() {
        return "SQLite's library for this system (" + OSInfo.getNativeLibFolderPathForCurrentOS() + ") is missing:"
                + " those for macOS, Windows on x86-64 and Alpine are in jtl-contact-sync-extras-VERSION.jar, which belongs"
                + " in the folder of jtl-contact-sync.jar; there is none for other systems";
    }

    private static String unusable(Path folder) {
        return "SQLite's library cannot be loaded from the temporary folder " + folder + " (java.io.tmpdir): "
                + trouble(folder) + ". Name another one by java -Djava.io.tmpdir=FOLDER -jar …";
    }

    private static void unpackAndLoad() throws Exception {
        String name = LibraryLoaderUtil.getNativeLibName();
        try (InputStream library = SQLiteJDBCLoader.class.getResourceAsStream(resource())) {
            if (library == null) {
                // The driver looks further, and says where.
                return;
            }
            Path unpacked = Files.createTempFile(temporary(), "sqlite-", "-" + name);
            try {
                Files.copy(library, unpacked, StandardCopyOption.REPLACE_EXISTING);
                System.setProperty(FOLDER, unpacked.getParent().toString());
                System.setProperty(FILE, unpacked.getFileName().toString());
                SQLiteJDBCLoader.initialize();
            } finally {
                System.clearProperty(FOLDER);
                System.clearProperty(FILE);
                // Windows keeps what is loaded until the process ends.
                if (!unpacked.toFile().delete()) {
                    unpacked.toFile().deleteOnExit();
                }
            }
        }
    }

    private static Path temporary() {
        return Path.of(System.getProperty("org.sqlite.tmpdir", System.getProperty("java.io.tmpdir")));
    }

    /** What keeps a library from being unpacked into a folder and loaded from there. */
    static String trouble(Path folder) {
        if (!Files.isDirectory(folder)) {
            return "there is no such folder";
        }
        Path trial = null;
        try {
            trial = Files.createTempFile(folder, "check", ".sh");
            Files.write(trial, new byte[SIZE]);
            trial.toFile().setExecutable(true);
            return Files.isExecutable(trial)
                    ? "the library does not fit this system"
                    : "it is mounted noexec, so no library can be loaded from it";
        } catch (IOException e) {
            return "it cannot be written to, or is full (" + e.getMessage() + ")";
        } finally {
            if (trial != null) {
                trial.toFile().delete();
            }
        }
    }
}
