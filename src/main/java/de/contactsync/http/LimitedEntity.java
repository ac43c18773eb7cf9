package de.contactsync.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.function.Consumer;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.io.entity.HttpEntityWrapper;

/** The body of an answer, which can only be read through a {@link LimitedBodyStream}. */
final class LimitedEntity extends HttpEntityWrapper {

    private final CallLimits call;
    private final long maxBytes;
    private final Consumer<CallLimits> ended;
    private LimitedBodyStream body;

    LimitedEntity(HttpEntity entity, CallLimits call, long maxBytes, Consumer<CallLimits> ended) {
        super(entity);
        this.call = call;
        this.maxBytes = maxBytes;
        this.ended = ended;
    }

    @Override
    public boolean isRepeatable() {
        return false;
    }

    @Override
    public InputStream getContent() throws IOException {
        if (body == null) {
            body = new LimitedBodyStream(super.getContent(), call, maxBytes, ended);
        }
        return body;
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        try (InputStream in = getContent()) {
            in.transferTo(out);
        }
    }

    @Override
    public void close() throws IOException {
        getContent().close();
        super.close();
    }
}
