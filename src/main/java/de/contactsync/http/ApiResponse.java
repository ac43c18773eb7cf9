package de.contactsync.http;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;

/**
 * An answer, whose body is read as it comes: whoever takes it closes it.
 *
 * @param body empty where there is none
 */
public record ApiResponse(ClassicHttpResponse head, InputStream body) {

    /** What a server only announces must not cost memory. */
    private static final int LONGEST_AT_ONCE = 16 * 1024;

    static ApiResponse of(ClassicHttpResponse response) throws IOException {
        InputStream content =
                response.getEntity() == null ? null : response.getEntity().getContent();
        return new ApiResponse(response, content == null ? InputStream.nullInputStream() : content);
    }

    /** The body to its end. */
    public byte[] readAll() throws IOException {
        long length = head.getEntity() == null ? 0 : head.getEntity().getContentLength();
        if (length < 0 || length > LONGEST_AT_ONCE) {
            return body.readAllBytes();
        }
        byte[] bytes = new byte[(int) length];
        int read = body.readNBytes(bytes, 0, bytes.length);
        return read < bytes.length ? Arrays.copyOf(bytes, read) : bytes;
    }

    public int status() {
        return head.getCode();
    }

    /** The first of that name; null when there is none. */
    public String header(String name) {
        Header first = head.getFirstHeader(name);
        return first == null ? null : first.getValue();
    }
}
