package de.contactsync.imports;

import de.contactsync.keyfile.KeyFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
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

    private static final String DRAFT = ".tmp";

    private FileNames() {}

    /** The name as text from which the same name can be made again: what is not a character here becomes {@code _}. */
    static String text(Path file) {
        Path name = file.getFileName();
        String text = name.toString();
        try {
            if (name.equals(Path.of(text))) {
                return text;
            }
        } catch (InvalidPathException e) {
            return replaced(text);
        }
        return replaced(text);
    }

    private static String replaced(String text) {
        StringBuilder plain = new StringBuilder(text.length());
        text.codePoints().forEach(c -> plain.appendCodePoint(c >= ' ' && c < 127 ? c : '_'));
        return plain.toString();
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
        return file.resolveSibling(fitting + suffix);
    }

    /** Of what is given the name of {@code target} once it is written whole. */
    static Path draft(Path target) {
        return target.resolveSibling("." + shortened(text(target), LONGEST - bytes("." + DRAFT)) + DRAFT);
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
            return "this program's user has no permission";
        }
        if (failure instanceof FileAlreadyExistsException) {
            return "another file has its name";
        }
        String reason = failure instanceof FileSystemException e && e.getReason() != null
                ? e.getReason()
                : failure.getMessage();
        return reason == null ? failure.getClass().getSimpleName() : KeyFile.shown(reason);
    }

    /** Whether something is there under this name, also a link that leads nowhere. */
    static boolean isTaken(Path place) {
        return Files.exists(place, LinkOption.NOFOLLOW_LINKS);
    }
}
