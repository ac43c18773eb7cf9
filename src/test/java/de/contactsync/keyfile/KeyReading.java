package de.contactsync.keyfile;

import de.contactsync.model.ContactKey;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.TenantNames;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;

/**
 * What reading a file gave, in short: {@code 2=7} is key number 7 at position 2, {@code 3!text} a problem at position
 * 3, {@code unreadable: text} the exception at the end.
 */
final class KeyReading {

    static final String EXPECTED = "expected a uuid such as 3f2b8c1e-7d4a-4b6f-9a0e-5c1d2e3f4a5b (36 characters)";
    static final String OR_NUMBER =
            ", or with JTL-Wawi's API 1 a whole number from 1 to 2147483647 without leading zeros";
    static final String MISPLACED_QUOTE =
            "unbalanced quote: close it within 64 KiB, before a separator or line end; escape a quote as" + " \"\"";

    private static final Pattern KEY = Pattern.compile("\\$(\\d+)");

    private KeyReading() {}

    static UUID customer(int key) {
        return new UUID(0xCAFE_0000_0000_4000L, 0x8000_0000_0000_0000L | key);
    }

    static UUID contact(int key) {
        return new UUID(0xBEEF_0000_0000_4000L, 0x8000_0000_0000_0000L | key);
    }

    static ContactKey key(int key) {
        return new ContactKey(null, customer(key), contact(key));
    }

    /** {@code $7} stands for the ids of key number 7 with a comma between them. */
    static String csv(String template) {
        return KEY.matcher(template).replaceAll(m -> {
            int key = Integer.parseInt(m.group(1));
            return customer(key) + "," + contact(key);
        });
    }

    /** {@code $7} stands for an object with key number 7. */
    static String json(String template) {
        return KEY.matcher(template).replaceAll(m -> {
            int key = Integer.parseInt(m.group(1));
            return "{\"customerId\":\"" + customer(key) + "\",\"contactId\":\"" + contact(key) + "\"}";
        });
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** A character for each byte. */
    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    static byte[] gzip(byte[] bytes) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return packed.toByteArray();
    }

    /** Where no tenant has settings of its own. */
    private static final TenantNames NO_NAMES = TenantNames.only(new UUID(7, 7));

    static List<String> read(String name, String text) {
        return read(name, utf8(text));
    }

    static List<String> read(String name, byte[] bytes) {
        return read(name, new ByteArrayInputStream(bytes));
    }

    static List<String> read(String name, InputStream bytes) {
        List<String> result = new ArrayList<>();
        try (KeyFile file = KeyFile.open(name, bytes)) {
            while (file.hasNext()) {
                result.add(shortly(file.next().orTenant(NO_NAMES)));
            }
        } catch (UnreadableKeyFileException e) {
            result.add("unreadable: " + e.getMessage());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return result;
    }

    static List<KeyEntry> entries(String name, byte[] bytes) {
        List<KeyEntry> entries = new ArrayList<>();
        try (KeyFile file = KeyFile.open(name, new ByteArrayInputStream(bytes))) {
            file.forEachRemaining(entries::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return entries;
    }

    static String shortly(KeyEntry entry) {
        if (entry instanceof KeyEntry.Invalid invalid) {
            return invalid.position() + "!" + invalid.problem();
        }
        ContactKey key = ((KeyEntry.Valid) entry).key();
        int number = (int) key.customerId().getLeastSignificantBits();
        boolean known = key.orTenant(null).equals(new ContactKey(key.tenantId(), customer(number), contact(number)));
        return entry.position() + "=" + (known ? String.valueOf(number) : key.toString());
    }
}
