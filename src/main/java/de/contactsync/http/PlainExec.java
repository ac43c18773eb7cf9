package de.contactsync.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.classic.ExecChainHandler;
import org.apache.hc.client5.http.classic.ExecRuntime;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.io.EofSensorInputStream;
import org.apache.hc.core5.http.io.EofSensorWatcher;
import org.apache.hc.core5.http.io.entity.HttpEntityWrapper;
import org.apache.hc.core5.net.URIAuthority;

/**
 * Takes the place of HttpClient's protocol step where there is no proxy. That step looks after logins, for which it
 * parses the path of every call; here each request carries its credentials, and a challenge is for the caller.
 */
final class PlainExec implements ExecChainHandler {

    @Override
    public ClassicHttpResponse execute(ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
            throws IOException, HttpException {
        if (request.getScheme() == null) {
            request.setScheme(scope.route.getTargetHost().getSchemeName());
        }
        if (request.getAuthority() == null) {
            request.setAuthority(new URIAuthority(scope.route.getTargetHost()));
        }
        try {
            ClassicHttpResponse response = chain.proceed(request, scope);
            HttpEntity entity = response.getEntity();
            if (entity != null && entity.isStreaming()) {
                response.setEntity(new Body(entity, scope.execRuntime));
            }
            return response;
        } catch (IOException | HttpException | RuntimeException e) {
            scope.execRuntime.discardEndpoint();
            throw e;
        }
    }

    /** Returns the connection to the pool once it has been read, and closes it otherwise. */
    private static final class Body extends HttpEntityWrapper implements EofSensorWatcher {

        private final ExecRuntime connection;

        Body(HttpEntity entity, ExecRuntime connection) {
            super(entity);
            this.connection = connection;
        }

        @Override
        public boolean isRepeatable() {
            return false;
        }

        @Override
        public InputStream getContent() throws IOException {
            return new EofSensorInputStream(super.getContent(), this);
        }

        @Override
        public void writeTo(OutputStream out) throws IOException {
            try (InputStream in = getContent()) {
                in.transferTo(out);
            }
        }

        @Override
        public boolean eofDetected(InputStream wrapped) throws IOException {
            release(wrapped);
            return false;
        }

        @Override
        public boolean streamClosed(InputStream wrapped) throws IOException {
            release(wrapped);
            return false;
        }

        @Override
        public boolean streamAbort(InputStream wrapped) {
            connection.discardEndpoint();
            return false;
        }

        /** Reads what is left, if anything. */
        private void release(InputStream wrapped) throws IOException {
            try {
                wrapped.close();
                connection.releaseEndpoint();
            } finally {
                // Does nothing to one that was released.
                connection.discardEndpoint();
            }
        }
    }
}
