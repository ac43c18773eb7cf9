package de.contactsync.simulator;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * How the simulator behaves. Values out of range are refused with an IllegalArgumentException that names them.
 *
 * @param host          address to listen on, 127.0.0.1 unless set
 * @param port          0, the default, for a free one
 * @param clientId      what the token endpoint accepts, {@code demo} unless set
 * @param clientSecret  what the token endpoint accepts, {@code demo} unless set
 * @param tokenLifetime 1 s or longer, told to clients in whole seconds; 1 h unless set
 * @param latency       wait before each answer of the API, none unless set
 * @param quota         for all calls of the API together; null, the default, for none and no X-RateLimit headers
 * @param notFoundShare share of contacts that do not exist, 0 to 1, 0 unless set; which ones depends on ids and seed
 * @param revision      state of the data, 0 unless set; each step up changes {@code changedShare} of the contacts
 * @param changedShare  0 to 1, 0.1 unless set
 * @param pascalCase    names in JSON as JTL-Wawi's API v1 writes them: {@code FirstName}, {@code ErrorCode}
 * @param contacts      all contacts there are; empty, the default, for any ids, but then no lists of a customer's
 *                      contacts are available, as with an older JTL-Wawi
 * @param faults        the first that fits a call counts
 * @param seed          other seed, other contacts and other faults
 * @param countKeys     whether calls per key are counted, which takes some 100 bytes of memory for each key
 * @param wawi          how the JTL-Wawi on its owner's server behaves
 * @param keyStore      PKCS#12 with the key of the server, which then speaks TLS; null, the default, for none
 * @param keyStorePassword of it
 * @param nanoTime      monotonic time in nanoseconds, for token lifetimes and the quota
 */
public record SimulatorOptions(
        String host,
        int port,
        String clientId,
        String clientSecret,
        Duration tokenLifetime,
        Duration latency,
        Quota quota,
        double notFoundShare,
        int revision,
        double changedShare,
        boolean pascalCase,
        Set<RequestedKey> contacts,
        List<Fault> faults,
        long seed,
        boolean countKeys,
        Wawi wawi,
        Path keyStore,
        String keyStorePassword,
        LongSupplier nanoTime) {

    public SimulatorOptions {
        Objects.requireNonNull(nanoTime, "nanoTime");
        contacts = Set.copyOf(contacts);
        faults = List.copyOf(faults);
        require(!host.isBlank(), "host is empty");
        require(port >= 0 && port <= 65535, "port " + port + " is none of 0 to 65535");
        require(!clientId.isEmpty(), "client id is empty");
        require(!clientSecret.isEmpty(), "client secret is empty");
        require(tokenLifetime.toSeconds() >= 1, "token lifetime " + tokenLifetime + " is shorter than 1s");
        require(!latency.isNegative(), "latency " + latency + " is negative");
        require(notFoundShare >= 0 && notFoundShare <= 1, "not-found share " + notFoundShare + " is not in 0 to 1");
        require(revision >= 0, "revision " + revision + " is less than 0");
        require(changedShare >= 0 && changedShare <= 1, "changed share " + changedShare + " is not in 0 to 1");
    }

    /** A JTL in its best mood: every contact exists, no quota, no faults. */
    public static SimulatorOptions defaults() {
        return builder().build();
    }

    public static Builder builder() {
        return new Builder();
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }

    /** Collects options; {@link #build()} checks them. */
    public static final class Builder {
        private final List<Fault> faults = new ArrayList<>();
        private String host = "127.0.0.1";
        private int port;
        private String clientId = "demo";
        private String clientSecret = "demo";
        private Duration tokenLifetime = Duration.ofHours(1);
        private Duration latency = Duration.ZERO;
        private Quota quota;
        private double notFoundShare;
        private int revision;
        private double changedShare = 0.1;
        private boolean pascalCase;
        private Set<RequestedKey> contacts = Set.of();
        private long seed = 1;
        private boolean countKeys;
        private Wawi wawi = Wawi.ACCEPTING;
        private Path keyStore;
        private String keyStorePassword;
        private LongSupplier nanoTime = System::nanoTime;

        private Builder() {}

        public Builder host(String value) {
            host = value;
            return this;
        }

        public Builder port(int value) {
            port = value;
            return this;
        }

        public Builder client(String id, String secret) {
            clientId = id;
            clientSecret = secret;
            return this;
        }

        public Builder tokenLifetime(Duration value) {
            tokenLifetime = value;
            return this;
        }

        public Builder latency(Duration value) {
            latency = value;
            return this;
        }

        public Builder quota(Quota value) {
            quota = value;
            return this;
        }

        public Builder notFoundShare(double value) {
            notFoundShare = value;
            return this;
        }

        public Builder revision(int value) {
            revision = value;
            return this;
        }

        public Builder changedShare(double value) {
            changedShare = value;
            return this;
        }

        public Builder pascalCase(boolean value) {
            pascalCase = value;
            return this;
        }

        public Builder contacts(Collection<RequestedKey> value) {
            contacts = Set.copyOf(value);
            return this;
        }

        /** Adds a rule behind those that are there. */
        public Builder fault(Fault value) {
            faults.add(value);
            return this;
        }

        public Builder seed(long value) {
            seed = value;
            return this;
        }

        public Builder countKeys(boolean value) {
            countKeys = value;
            return this;
        }

        public Builder wawi(Wawi value) {
            wawi = value;
            return this;
        }

        /** Speaks TLS, with that key. */
        public Builder tls(Path pkcs12, String password) {
            keyStore = pkcs12;
            keyStorePassword = password;
            return this;
        }

        public Builder nanoTime(LongSupplier value) {
            nanoTime = value;
            return this;
        }

        public SimulatorOptions build() {
            return new SimulatorOptions(
                    host,
                    port,
                    clientId,
                    clientSecret,
                    tokenLifetime,
                    latency,
                    quota,
                    notFoundShare,
                    revision,
                    changedShare,
                    pascalCase,
                    contacts,
                    faults,
                    seed,
                    countKeys,
                    wawi,
                    keyStore,
                    keyStorePassword,
                    nanoTime);
        }
    }
}
