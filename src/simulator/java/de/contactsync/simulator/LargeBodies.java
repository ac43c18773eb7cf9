package de.contactsync.simulator;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;

/** Bodies that a client without a limit takes into its memory. */
final class LargeBodies {

    private static final int HUGE_BYTES = 64 << 20;
    private static final int BOMB_BYTES = 256 << 20;
    private static final byte[] FILLING = filling();

    private LargeBodies() {}

    /** Made once, when it is first asked for: that takes about a second. */
    static Buffer bomb() {
        return Bomb.BODY;
    }

    private static final class Bomb {
        private static final Buffer BODY = make();

        private static Buffer make() {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
                gzip.write("{\"department\":\"".getBytes(StandardCharsets.US_ASCII));
                for (int written = 0; written < BOMB_BYTES; written += FILLING.length) {
                    gzip.write(FILLING);
                }
                gzip.write("\"}".getBytes(StandardCharsets.US_ASCII));
            } catch (IOException e) {
                throw new UncheckedIOException("a byte array takes everything", e);
            }
            return Buffer.buffer(bytes.toByteArray());
        }
    }

    /** Writes only as fast as the client reads. */
    record Huge(int status, String id) implements Response {

        @Override
        public void send(HttpServerRequest request) {
            HttpServerResponse response = request.response()
                    .setStatusCode(status)
                    .setChunked(true)
                    .putHeader("Content-Type", "application/json; charset=utf-8");
            response.write("{\"id\":\"" + id + "\",\"department\":\"");
            fill(response, 0);
        }

        private static void fill(HttpServerResponse response, int from) {
            int written = from;
            while (written < HUGE_BYTES && !response.closed()) {
                if (response.writeQueueFull()) {
                    int next = written;
                    response.drainHandler(drained -> fill(response, next));
                    return;
                }
                response.write(Buffer.buffer(FILLING));
                written += FILLING.length;
            }
            if (!response.ended() && !response.closed()) {
                response.end("\"}");
            }
        }
    }

    private static byte[] filling() {
        byte[] filling = new byte[64 << 10];
        Arrays.fill(filling, (byte) 'x');
        return filling;
    }
}
