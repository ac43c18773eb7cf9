package de.contactsync.persistence;

import de.contactsync.model.ProcessingHaltedException;
import java.net.URLDecoder;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.regex.Pattern;

/** A database as its keys have it; the url is a JDBC URL without credentials. */
public record DatabaseSettings(String url, String username, String password) {

    private static final Pattern IN_MEMORY = Pattern.compile("(?i)(^|&)(mode=memory|vfs=memdb)(&|$)");

    /**
     * The file of an SQLite URL, which names it plainly or as SQLite's own URI; null where there is none, because it
     * names no file, one in memory or a resource: a database that ends with its connection.
     *
     * @see <a href="https://www.sqlite.org/uri.html">Uniform Resource Identifiers</a>
     * @throws java.nio.file.InvalidPathException when no file can have that name
     */
    public static Path sqliteFile(String url) {
        String[] parts = url.substring("jdbc:sqlite:".length()).split("\\?", 2);
        String file = parts[0];
        if (file.startsWith("file:")) {
            file = file.substring("file:".length()).replaceFirst("^//(localhost)?(?=/)", "");
            file = URLDecoder.decode(file.replace("+", "%2B"), StandardCharsets.UTF_8);
        }
        boolean kept = !file.isBlank()
                && !file.startsWith(":")
                && !(parts.length > 1 && IN_MEMORY.matcher(parts[1]).find());
        return kept ? Path.of(file).toAbsolutePath() : null;
    }

    Path sqliteFile() {
        return sqliteFile(url);
    }

    /**
     * Of SQLite, which says of all of these only that it cannot open the file.
     *
     * @throws ProcessingHaltedException when no file can have that name
     */
    void requireUsableName() {
        Path file = sqliteFile();
        if (file == null) {
            return;
        }
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw unusable(
                    file + (Files.isDirectory(file) ? " is a folder" : " is not a file"),
                    "name a file, such as jdbc:sqlite:data/contacts.db");
        }
        if (Files.isSymbolicLink(file) && !Files.exists(file)) {
            throw unusable(
                    file + " is a symbolic link that leads nowhere",
                    "mount or create its target, or name another file");
        }
        Path folder = file.getParent();
        while (folder.getParent() != null && !Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            folder = folder.getParent();
        }
        if (!Files.isDirectory(folder)) {
            throw unusable(folder + " is not a folder", "name a file elsewhere");
        }
    }

    private ProcessingHaltedException unusable(String why, String remedy) {
        return new ProcessingHaltedException(
                "the database " + shownUrl() + " cannot be used: " + why + "; " + remedy + " in contacts.database.url");
    }

    /** The URL for messages and logs: drivers take credentials in it too, so whatever looks like some is left out. */
    public String shownUrl() {
        return withoutCredentials(url);
    }

    /** For messages and logs, which a driver may fill with its URL. */
    public static String withoutCredentials(String text) {
        return text.replaceAll("//[^/@\\s]*@", "//***@").replaceAll("(?i)([?&;]\\w*password=)[^&;\\s]*", "$1***");
    }

    /** What a failure to use it comes to, for people: the innermost cause, and what to do about it. */
    ProcessingHaltedException unusable(Exception e) {
        Throwable cause = e;
        while (cause.getCause() != null && cause.getCause() != cause) {
            cause = cause.getCause();
        }
        if (cause instanceof UnknownHostException) {
            return new ProcessingHaltedException(
                    "the database " + shownUrl() + " cannot be found: the host name " + cause.getMessage()
                            + " is not known; check it in contacts.database.url, and this machine's name server",
                    e);
        }
        SQLException failure = DatabaseErrors.find(SQLException.class, e).orElseGet(SQLException::new);
        DatabaseErrors errors = Dialect.of(url).errors();
        String message = errors.message(
                withoutCredentials(String.valueOf(cause.getMessage())).replaceFirst("\\.$", ""));
        return errors.refusal(failure)
                .map(by -> new ProcessingHaltedException(
                        "the database " + shownUrl() + " refuses a row (" + by + "): take away what refuses it", e))
                .orElseGet(() -> new ProcessingHaltedException(
                        "the database " + shownUrl() + " cannot be used: " + message + "; " + errors.remedy(failure),
                        e));
    }

    /** Never the password: settings may end up in a log line. */
    @Override
    public String toString() {
        return "DatabaseSettings[" + shownUrl() + "]";
    }
}
