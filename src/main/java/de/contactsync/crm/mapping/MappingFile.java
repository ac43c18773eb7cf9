package de.contactsync.crm.mapping;

import de.contactsync.model.TenantNames;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;

/** Reads a mapping from YAML; {@code mapping/hubspot.yaml} at the top of the project explains the form. */
public final class MappingFile {

    /** Which editors of Windows put before UTF-8. */
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private MappingFile() {}

    /**
     * @param folder whose {@code mapping/KIND.yaml}, or {@code .yml}, is read; where there is none, the one that was
     *               shipped
     * @param tenants that it may name by their names
     * @throws MappingException when it cannot be used
     */
    public static Mapping read(Path folder, String kind, TenantNames tenants) {
        String file = "mapping/" + kind + ".yaml";
        List<Path> own = own(folder.resolve("mapping"), kind);
        if (own.size() > 1) {
            throw new MappingException("there are " + own.get(0) + " and " + own.get(1) + ": keep one of them");
        }
        try (InputStream in =
                own.isEmpty() ? MappingFile.class.getResourceAsStream("/" + file) : Files.newInputStream(own.get(0))) {
            Mapping mapping = parse(
                    folder.resolve("mapping"),
                    own.isEmpty() ? file : "mapping/" + own.get(0).getFileName(),
                    own.isEmpty()
                            ? file + " as it was shipped"
                            : own.get(0).toAbsolutePath().normalize().toString(),
                    in.readAllBytes(),
                    tenants);
            if (!kind.equals("rest") && !mapping.steps().isEmpty()) {
                throw new MappingException(mapping.file() + ", steps: only for contacts.crm.kind=rest; take them out");
            }
            return mapping;
        } catch (IOException e) {
            throw new MappingException(own.get(0) + " cannot be read: " + e.getMessage());
        }
    }

    /** Whatever the case of their names: on some systems it makes no difference, on others the file was passed over. */
    private static List<Path> own(Path folder, String kind) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName()
                            .toString()
                            .toLowerCase(Locale.ROOT)
                            .matches(Pattern.quote(kind) + "\\.ya?ml"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new MappingException(folder + " cannot be read: " + e.getMessage());
        }
    }

    /** @param folder of the files that it names */
    public static Mapping parse(Path folder, String file, String text, TenantNames tenants) {
        return parse(folder, file, file, text.getBytes(StandardCharsets.UTF_8), tenants);
    }

    /** One that names no other files and no tenants. */
    public static Mapping parse(String file, String text) {
        return parse(Path.of("mapping"), file, text, TenantNames.only(null));
    }

    /** @param file for messages */
    private static Mapping parse(Path folder, String file, String origin, byte[] bytes, TenantNames tenants) {
        String text = text(file, bytes);
        try {
            Node root = new Compose(LoadSettings.builder().setLabel(file).build())
                    .composeString(text)
                    .orElseThrow(() -> new MappingException(file + " is empty: copy the one that was shipped"));
            return new MappingParser(file, folder, tenants).parse(root, origin);
        } catch (MarkedYamlEngineException e) {
            throw new MappingException(file
                    + e.getProblemMark().map(MappingNodes::line).orElse("") + ": not valid YAML: " + e.getProblem());
        } catch (YamlEngineException e) {
            throw new MappingException(file + ": not valid YAML: " + e.getMessage());
        }
    }

    /** In UTF-8: anything else would get into the CRM with broken umlauts. */
    static String text(String file, byte[] bytes) {
        ByteBuffer read = ByteBuffer.wrap(bytes);
        CharBuffer text = CharBuffer.allocate(bytes.length);
        CoderResult result = StandardCharsets.UTF_8.newDecoder().decode(read, text, true);
        if (result.isError()) {
            int line = 1;
            for (int i = 0; i < read.position(); i++) {
                line += bytes[i] == '\n' ? 1 : 0;
            }
            throw new MappingException(file + " line " + line + ": there is a character that is not UTF-8, perhaps an"
                    + " umlaut in Windows-1252 (ANSI): save the file as UTF-8");
        }
        String decoded = text.flip().toString();
        return decoded.startsWith(BYTE_ORDER_MARK) ? decoded.substring(1) : decoded;
    }
}
