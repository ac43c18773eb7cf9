package de.contactsync.http;

import org.apache.hc.client5.http.auth.AuthScope;
import org.apache.hc.client5.http.auth.UsernamePasswordCredentials;
import org.apache.hc.client5.http.impl.auth.BasicCredentialsProvider;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.routing.DefaultProxyRoutePlanner;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.protocol.HttpContext;

/**
 * An HTTP proxy that connects us to servers (CONNECT, RFC 9110, section 9.3.6); TLS is spoken with the server behind
 * it.
 *
 * @param username null where the proxy wants none
 * @param bypass   servers that are reached without it
 */
public record ForwardProxy(String host, int port, String username, String password, ProxyBypass bypass) {

    void configure(HttpClientBuilder builder) {
        HttpHost proxy = new HttpHost("http", host, port);
        builder.setRoutePlanner(new DefaultProxyRoutePlanner(proxy) {
            @Override
            protected HttpHost determineProxy(HttpHost target, HttpContext context) {
                return bypass.includes(target.getHostName(), target.getPort()) ? null : proxy;
            }
        });
        if (username != null) {
            BasicCredentialsProvider credentials = new BasicCredentialsProvider();
            credentials.setCredentials(
                    new AuthScope(proxy),
                    new UsernamePasswordCredentials(username, password == null ? new char[0] : password.toCharArray()));
            builder.setDefaultCredentialsProvider(credentials);
        }
    }

    /** Without the password. */
    @Override
    public String toString() {
        return host + ":" + port;
    }
}
