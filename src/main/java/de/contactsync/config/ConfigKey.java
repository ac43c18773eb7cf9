package de.contactsync.config;

import java.util.Locale;

/** Every key of ours with its default; {@code application.properties} at the top of the project explains each. */
public enum ConfigKey {
    BASE_URL("jtl.base-url", "https://api.jtl-cloud.com/erp"),
    TENANT_ID("jtl.tenant-id"),
    RUN_AS("jtl.run-as"),
    COMPANY_ID("jtl.company-id"),
    AUTH("jtl.auth", "client-credentials"),
    CONCURRENCY("jtl.concurrency", "32"),
    CONNECT_TIMEOUT("jtl.connect-timeout", "5s"),
    RESPONSE_TIMEOUT("jtl.response-timeout", "30s"),
    MAX_ATTEMPTS("jtl.max-attempts", "5"),
    QUOTA_RESERVE("jtl.quota-reserve", "0%"),
    REFUSAL_PAUSE("jtl.refusal-pause", "1h"),
    BULK_READ("jtl.bulk-read", "auto"),
    RATE("jtl.rate"),
    PATH_STYLE("jtl.path-style", "version"),
    API_VERSION("jtl.api-version"),
    APP_ID("jtl.app.id", "jtl-contact-sync/v1"),
    APP_VERSION("jtl.app.version", "1.0.0"),
    APP_SCOPE("jtl.app.scope"),
    FINGERPRINT("jtl.certificate-fingerprint"),
    TOKEN_ENDPOINT("jtl.oauth.token-endpoint", "https://auth.jtl-cloud.com/oauth2/token"),
    CLIENT_ID("jtl.oauth.client-id"),
    CLIENT_SECRET("jtl.oauth.client-secret"),
    SCOPE("jtl.oauth.scope", "customers.read"),
    AUTHORIZATION_ENDPOINT("jtl.oauth.authorization-endpoint", "https://auth.jtl-cloud.com/oauth2/auth"),
    REVOCATION_ENDPOINT("jtl.oauth.revocation-endpoint"),
    ISSUER("jtl.oauth.issuer"),
    REDIRECT_URI("jtl.oauth.redirect-uri", "http://127.0.0.1:8765/callback"),
    SECRET_KEY("contacts.secret-key"),
    SECRET_KEY_PREVIOUS("contacts.secret-key-previous"),
    PROXY("contacts.proxy"),
    PROXY_USERNAME("contacts.proxy.username"),
    PROXY_PASSWORD("contacts.proxy.password"),
    PROXY_BYPASS("contacts.proxy.bypass"),
    TRUST_STORE("contacts.trust-store"),
    TRUST_STORE_PASSWORD("contacts.trust-store.password"),
    SOURCES("contacts.sources", "file"),
    SINKS("contacts.sinks", "database"),
    FILE_DIRECTORY("contacts.file.directory", "inbox"),
    FILE_VIA("contacts.file.via", "direct"),
    FILE_SETTLE("contacts.file.settle", "5s"),
    FILE_OUTPUT("contacts.file.output", "csv"),
    QUEUE_URL("contacts.queue.url"),
    QUEUE_USERNAME("contacts.queue.username"),
    QUEUE_PASSWORD("contacts.queue.password"),
    QUEUE_TRUST_STORE("contacts.queue.trust-store"),
    QUEUE_TRUST_STORE_PASSWORD("contacts.queue.trust-store-password"),
    QUEUE_KEY_STORE("contacts.queue.key-store"),
    QUEUE_KEY_STORE_PASSWORD("contacts.queue.key-store-password"),
    QUEUE_TRANSACTIONS("contacts.queue.transactions", "true"),
    QUEUE_NAME("contacts.queue.name", "contact-keys"),
    QUEUE_CONSUMERS("contacts.queue.consumers", "8"),
    QUEUE_OUTPUT("contacts.queue.output", "contacts-enriched"),
    QUEUE_DEAD_LETTER("contacts.queue.dead-letter", "contacts-dead-letter"),
    QUEUE_DIRECTORY("contacts.queue.directory", "data/broker"),
    QUEUE_PORT("contacts.queue.port", "off"),
    QUEUE_MAX_DISK_USAGE("contacts.queue.max-disk-usage", "90"),
    TIMER_SCHEDULE("contacts.timer.schedule"),
    TIMER_ZONE("contacts.timer.zone"),
    TIMER_RUN_NOW("contacts.timer.run-now", "false"),
    TIMER_KEYS("contacts.timer.keys", "known"),
    TIMER_MAX_AGE("contacts.timer.max-age", "0s"),
    TIMER_CHANGED_SINCE("contacts.timer.changed-since"),
    TIMER_FULL_EVERY("contacts.timer.full-every", "7d"),
    TIMER_FILE("contacts.timer.file"),
    TIMER_SQL_QUERY("contacts.timer.sql.query"),
    TIMER_SQL_URL("contacts.timer.sql.url"),
    TIMER_SQL_USERNAME("contacts.timer.sql.username"),
    TIMER_SQL_PASSWORD("contacts.timer.sql.password"),
    KAFKA_BROKERS("contacts.kafka.brokers"),
    KAFKA_TOPIC("contacts.kafka.topic", "contact-keys"),
    KAFKA_GROUP("contacts.kafka.group", "jtl-contact-sync"),
    KAFKA_OUTPUT("contacts.kafka.output", "contacts-enriched"),
    KAFKA_DEAD_LETTER("contacts.kafka.dead-letter", "contacts-dead-letter"),
    KAFKA_SECURITY_PROTOCOL("contacts.kafka.security-protocol", "PLAINTEXT"),
    KAFKA_SASL_MECHANISM("contacts.kafka.sasl-mechanism", "PLAIN"),
    KAFKA_USERNAME("contacts.kafka.username"),
    KAFKA_PASSWORD("contacts.kafka.password"),
    KAFKA_TRUST_STORE("contacts.kafka.trust-store"),
    KAFKA_TRUST_STORE_PASSWORD("contacts.kafka.trust-store-password"),
    HTTP_TOKEN("contacts.http.token"),
    HTTP_HOST("contacts.http.host", "127.0.0.1"),
    HTTP_PORT("contacts.http.port", "9877"),
    HTTP_OPEN("contacts.http.open", "false"),
    HTTP_RATE("contacts.http.rate", "50"),
    DATABASE_URL("contacts.database.url", "jdbc:sqlite:data/contacts.db"),
    DATABASE_USERNAME("contacts.database.username"),
    DATABASE_PASSWORD("contacts.database.password"),
    CHUNK_SIZE("contacts.chunk-size", "500"),
    CRM_NAME("contacts.crm.name", "crm"),
    CRM_ON_MISSING("contacts.crm.on-missing", "create"),
    CRM_MODE("contacts.crm.mode", "upsert"),
    CRM_MATCH("contacts.crm.match", "key"),
    CRM_REVIEW_FILE("contacts.crm.review-file", "crm-review.csv"),
    CRM_KIND("contacts.crm.kind", "hubspot"),
    CRM_BASE_URL("contacts.crm.base-url"),
    CRM_CONNECT_TIMEOUT("contacts.crm.connect-timeout", "5s"),
    CRM_RESPONSE_TIMEOUT("contacts.crm.response-timeout", "75s"),
    CRM_API_VERSION("contacts.crm.api-version"),
    CRM_OBJECT("contacts.crm.object", "Contact"),
    CRM_TOKEN("contacts.crm.token"),
    CRM_TOKEN_ENDPOINT("contacts.crm.oauth.token-endpoint"),
    CRM_CLIENT_ID("contacts.crm.oauth.client-id"),
    CRM_CLIENT_SECRET("contacts.crm.oauth.client-secret"),
    CRM_SCOPE("contacts.crm.oauth.scope"),
    CRM_GRANT("contacts.crm.oauth.grant", "client-credentials"),
    CRM_CLIENT_AUTH("contacts.crm.oauth.client-auth", "basic"),
    CRM_PARAMETERS("contacts.crm.oauth.parameters"),
    CRM_REFRESH_TOKEN("contacts.crm.oauth.refresh-token"),
    CRM_OAUTH_USERNAME("contacts.crm.oauth.username"),
    CRM_OAUTH_PASSWORD("contacts.crm.oauth.password"),
    CRM_CREATE_PROPERTY("contacts.crm.create-property", "false"),
    CRM_EMAIL_CONFLICT("contacts.crm.on-email-conflict", "dead-letter"),
    CRM_COMPANY("contacts.crm.company", "none"),
    CRM_FULL("contacts.crm.full", "false"),
    REST_MODE("contacts.crm.rest.mode"),
    REST_WRITE("contacts.crm.rest.write"),
    REST_FIND("contacts.crm.rest.find"),
    REST_FIND_BY_EMAIL("contacts.crm.rest.find-by-email"),
    REST_FOUND("contacts.crm.rest.found", "#"),
    REST_FOUND_ID("contacts.crm.rest.found-id", "/id"),
    REST_FOUND_KEY("contacts.crm.rest.found-key"),
    REST_FOUND_NONE("contacts.crm.rest.found-none", "204"),
    REST_GONE("contacts.crm.rest.gone", "404,410"),
    REST_READ("contacts.crm.rest.read"),
    REST_READ_KEY("contacts.crm.rest.read-key"),
    REST_MERGED_INTO("contacts.crm.rest.merged-into"),
    REST_FIND_LAG("contacts.crm.rest.find-lag", "0s"),
    REST_CREATE("contacts.crm.rest.create"),
    REST_EXISTS("contacts.crm.rest.exists", "409"),
    REST_UPDATE("contacts.crm.rest.update"),
    REST_DELETE("contacts.crm.rest.delete"),
    REST_STEPS("contacts.crm.rest.steps"),
    REST_CHECK("contacts.crm.rest.check"),
    REST_HEADERS("contacts.crm.rest.headers"),
    REST_AUTH("contacts.crm.rest.auth", "bearer"),
    REST_AUTH_HEADER("contacts.crm.rest.auth-header"),
    REST_LOGIN("contacts.crm.rest.login"),
    REST_LOGIN_TOKEN("contacts.crm.rest.login-token"),
    REST_RENEW("contacts.crm.rest.renew"),
    REST_USERNAME("contacts.crm.rest.username"),
    REST_PASSWORD("contacts.crm.rest.password"),
    REST_KEY("contacts.crm.rest.key", "{tenantId}/{contactId}"),
    REST_EMPTY("contacts.crm.rest.empty", "omit"),
    REST_NULL("contacts.crm.rest.null", "omit"),
    REST_CLEAR("contacts.crm.rest.clear", "null"),
    REST_BATCH_SIZE("contacts.crm.rest.batch-size", "100"),
    REST_LINGER("contacts.crm.rest.linger", "2s"),
    REST_RESULTS("contacts.crm.rest.results"),
    REST_RESULT_KEY("contacts.crm.rest.result-key"),
    REST_SUCCESS("contacts.crm.rest.success"),
    REST_ID("contacts.crm.rest.id", "/id"),
    REST_CODE("contacts.crm.rest.code", "/code,/error/code"),
    REST_MESSAGE("contacts.crm.rest.message", "/message,/error/message"),
    REST_RETRY("contacts.crm.rest.retry", "408,423,425,5xx"),
    REST_QUOTA("contacts.crm.rest.quota", "429"),
    REST_REJECT("contacts.crm.rest.reject", "400,409,413,414,422"),
    REST_HALT("contacts.crm.rest.halt"),
    REST_RATE("contacts.crm.rest.rate"),
    REST_ACCEPTS("contacts.crm.rest.accepts", "application/json"),
    REST_CONTENT_TYPE("contacts.crm.rest.content-type", "application/json"),
    REST_IN_FLIGHT("contacts.crm.rest.in-flight", "1"),
    REST_WAIT_HEADERS("contacts.crm.rest.wait-headers"),
    ON_GONE("contacts.on-gone", "keep"),
    MAX_GONE_SHARE("contacts.max-gone-share", "5%"),
    MAX_WAIT("contacts.max-wait", "10m"),
    ROUTE_TIMEOUT("contacts.route-timeout", "30s"),
    DEAD_LETTER_WITH_KEY("contacts.dead-letter.with-key", "false"),
    ALERT_MAIL("contacts.alert.mail"),
    ALERT_MAIL_FROM("contacts.alert.mail.from"),
    ALERT_MAIL_HOST("contacts.alert.mail.host"),
    ALERT_MAIL_PORT("contacts.alert.mail.port", "587"),
    ALERT_MAIL_TLS("contacts.alert.mail.tls", "starttls"),
    ALERT_MAIL_USERNAME("contacts.alert.mail.username"),
    ALERT_MAIL_PASSWORD("contacts.alert.mail.password"),
    ALERT_WEBHOOK("contacts.alert.webhook"),
    ALERT_AFTER("contacts.alert.after", "15m"),
    ALERT_SILENCE("contacts.alert.silence"),
    ALERT_DEAD_LETTERS("contacts.alert.dead-letters", "5%"),
    RETENTION_DEAD_LETTERS("contacts.retention.dead-letters"),
    RETENTION_RUNS("contacts.retention.runs"),
    LOG_FORMAT("contacts.log.format", "text"),
    TRACING_ENDPOINT("contacts.tracing.endpoint"),
    STATUS_HOST("contacts.status.host", "127.0.0.1"),
    STATUS_PORT("contacts.status.port", "9876"),
    STATUS_OPEN("contacts.status.open", "false"),
    STATUS_ALLOWED_HOSTS("contacts.status.allowed-hosts");

    private final String key;
    private final String defaultValue;

    ConfigKey(String key) {
        this(key, null);
    }

    ConfigKey(String key, String defaultValue) {
        this.key = key;
        this.defaultValue = defaultValue;
    }

    String key() {
        return key;
    }

    /** Null where there is none. */
    String defaultValue() {
        return defaultValue;
    }

    boolean isSecret() {
        return this == ALERT_WEBHOOK
                || key.endsWith("password")
                || key.endsWith("secret")
                || this == SECRET_KEY
                || this == SECRET_KEY_PREVIOUS
                || key.endsWith("token") && this != REST_LOGIN_TOKEN;
    }

    /** Whether it is free text that some people write a secret into, such as a header with an API key. */
    boolean mayHoldSecret() {
        return this == REST_HEADERS || this == REST_AUTH_HEADER || this == REST_LOGIN || this == CRM_PARAMETERS;
    }

    /** Whether an empty value says something else than no value: no scope is sent then. */
    boolean emptyHasMeaning() {
        return this == SCOPE;
    }

    /** {@code jtl.base-url} is {@code JTL_BASE_URL} in the environment. */
    String environmentName() {
        return key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }
}
