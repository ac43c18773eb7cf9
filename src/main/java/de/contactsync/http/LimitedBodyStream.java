package de.contactsync.http;

import java.io.IOException;
import java.io.InputStream;
import java.util.function.Consumer;

/** Counts what it hands on and watches the time. Once it has failed it stays failed. */
final class LimitedBodyStream extends InputStream {

    private final InputStream in;
    private final CallLimits call;
    private final long maxBytes;
    private final Consumer<CallLimits> ended;
    private long count;
    private boolean atEnd;
    private IOException failure;

    LimitedBodyStream(InputStream in, CallLimits call, long maxBytes, Consumer<CallLimits> ended) {
        this.in = in;
        this.call = call;
        this.maxBytes = maxBytes;
        this.ended = ended;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        if (failure != null) {
            throw failure;
        }
        if (atEnd) {
            return -1;
        }
        int n;
        try {
            n = in.read(buffer, offset, length);
        } catch (IOException | RuntimeException e) {
            throw fail(call.explain(e));
        }
        if (call.isLate(System.nanoTime())) {
            throw fail(call.late(null));
        }
        if (n < 0) {
            atEnd = true;
            ended.accept(call);
            return -1;
        }
        count += n;
        if (count > maxBytes) {
            throw fail(call.tooLarge(maxBytes));
        }
        return n;
    }

    private IOException fail(IOException e) {
        failure = e;
        call.discard();
        ended.accept(call);
        return e;
    }

    /**
     * Keeps the connection when no more than the end mark was left to read, and closes it otherwise: HttpClient would
     * read all the rest here, past the cap.
     */
    @Override
    public void close() throws IOException {
        if (failure == null && !atEnd && !endsHere()) {
            fail(new IOException("the body was closed before its end"));
        }
        in.close();
    }

    private boolean endsHere() {
        try {
            return read() < 0;
        } catch (IOException e) {
            return false;
        }
    }
}
