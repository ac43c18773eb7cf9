package de.contactsync.imports;

import de.contactsync.keyfile.KeyFile;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Names made from the names of key files, which may be as long as a file system allows, or hold bytes of no character.
 */
public final class FileNames {

    /** Bytes that a name may have on all usual file systems. */
    private static final int LONGEST = 255;

    private static final String READ_ONLY =
            "its file system is read-only: mount it for writing, or use a folder elsewhere";

    private static final String DRAFT = ".tmp";

    private FileNames() {}

    /**
     * The name as UTF-8, whatever the locale of this process, so that all processes read the same: {@link #in} makes
     * the same name of it again. Bytes of a name that is not UTF-8 become {@code _}.
     */
    static String text(Path file) {
        String text = file.getFileName().toString();
        if (isAscii(text)) {
            return text;
        }
        // A URI has the bytes of the name; its text has what the locale made of them.
        String path = file.getFileName().toUri().getRawPath();
        String name = path.substring(path.lastIndexOf('/', path.length() - 2) + 1);
        ByteBuffer bytes = bytesOf(name.endsWith("/") ? name.substring(0, name.length() - 1) : name);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes.duplicate()).toString();
        } catch (CharacterCodingException e) {
            StringBuilder plain = new StringBuilder(bytes.remaining());
            while (bytes.hasRemaining()) {
                byte b = bytes.get();
                plain.append(b >= ' ' && b < 127 ? (char) b : '_');
            }
            return plain.toString();
        }
    }

    private static ByteBuffer bytesOf(String encoded) {
        ByteBuffer bytes = ByteBuffer.allocate(encoded.length());
        for (int i = 0; i < encoded.length(); i++) {
            if (encoded.charAt(i) == '%') {
                bytes.put((byte) Integer.parseInt(encoded, i + 1, i + 3, 16));
                i += 2;
            } else {
                bytes.put((byte) encoded.charAt(i));
            }
        }
        return bytes.flip();
    }

    /** @param name as {@link #text} gives it; it becomes UTF-8 also where the locale has no such characters */
    static Path in(Path folder, String name) {
        if (isAscii(name)) {
            return folder.resolve(name);
        }
        StringBuilder uri = new StringBuilder(folder.toUri().toString());
        if (uri.charAt(uri.length() - 1) != '/') {
            uri.append('/');
        }
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            uri.append(String.format("%%%02X", b));
        }
        return Path.of(URI.create(uri.toString()));
    }

    private static boolean isAscii(String text) {
        return text.chars().allMatch(c -> c < 128);
    }

    /**
     * {@code a.csv.gz} with {@code .x} added is {@code a.x.csv.gz}, a file of the same kind; shortened where it is too
     * long.
     */
    static String with(String addition, String name) {
        return with(addition, name, LONGEST);
    }

    private static String with(String addition, String name, int longest) {
        int ending = name.length() - ending(name).length();
        String rest = addition + name.substring(ending);
        return shortened(name.substring(0, ending), longest - bytes(rest)) + rest;
    }

    /** Of a file that belongs beside the key file {@code file}, or beside the place where it will be. */
    static Path beside(Path file, String suffix) {
        String name = text(file);
        // The draft has to fit as well.
        int longest = LONGEST - bytes(suffix) - bytes("." + DRAFT);
        String fitting =
                bytes(name) <= longest ? name : with("~" + String.format("%08x", name.hashCode()), name, longest);
        return in(file.toAbsolutePath().getParent(), fitting + suffix);
    }

    /** Of what is given the name of {@code target} once it is written whole. */
    static Path draft(Path target) {
        return in(
                target.toAbsolutePath().getParent(),
                "." + shortened(text(target), LONGEST - bytes("." + DRAFT)) + DRAFT);
    }

    private static String ending(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        int end = lower.endsWith(".gz") ? name.length() - 3 : name.length();
        int dot = name.lastIndexOf('.', end - 1);
        return dot <= 0 ? name.substring(end) : name.substring(dot);
    }

    private static String shortened(String text, int bytes) {
        int end = text.length();
        while (bytes(text.substring(0, end)) > bytes) {
            end = text.offsetByCodePoints(end, -1);
        }
        return text.substring(0, end);
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    /** For people: a name may hold line feeds and control characters, which a log or a terminal would obey. */
    public static String shown(Path path) {
        return KeyFile.shown(path.toString());
    }

    /** Why something could not be done with a file, in words; the file itself is not named. */
    public static String reason(Throwable failure) {
        if (failure instanceof NoSuchFileException) {
            return "it is no longer there";
        }
        if (failure instanceof AccessDeniedException) {
            return "this program's user has no permission: grant it with chmod or chown";
        }
        if (failure instanceof IOException
                && String.valueOf(failure.getMessage()).contains("Read-only file system")) {
            return READ_ONLY;
        }
        if (failure instanceof IOException
                && String.valueOf(failure.getMessage()).contains("No space left on device")) {
            return "its file system is full: free some space";
        }
        if (failure instanceof IOException
                && String.valueOf(failure.getMessage()).contains("Disk quota exceeded")) {
            return "the disk quota of this program's user is exhausted: free some space, or have the quota raised";
        }
        if (failure instanceof AtomicMoveNotSupportedException) {
            return "both must be on the same file system";
        }
        if (failure instanceof FileAlreadyExistsException) {
            return "another file has its name";
        }
        String reason = failure instanceof FileSystemException e && e.getReason() != null
                ? e.getReason()
                : failure.getMessage();
        return reason == null ? failure.getClass().getSimpleName() : KeyFile.shown(reason);
    }

    /** As the other, of what could not be done in a folder: missing permissions and a read-only system look alike. */
    static String reasonIn(Path folder, IOException failure) {
        try {
            return failure instanceof AccessDeniedException
                            && Files.isDirectory(folder)
                            && Files.getFileStore(folder).isReadOnly()
                    ? READ_ONLY
                    : reason(failure);
        } catch (IOException e) {
            return reason(failure);
        }
    }

    /** Whether something is there under this name, also a link that leads nowhere. */
    static boolean isTaken(Path place) {
        return Files.exists(place, LinkOption.NOFOLLOW_LINKS);
    }
}
