package de.contactsync.app;

import de.contactsync.config.Settings;
import de.contactsync.config.TenantSettings;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.RefreshTokens;
import de.contactsync.persistence.Database;
import de.contactsync.persistence.NoDatabaseException;
import de.contactsync.persistence.ProcessId;
import de.contactsync.persistence.RefreshTokenTable;
import de.contactsync.persistence.SecretTable;
import de.contactsync.persistence.SecretVault;
import de.contactsync.resilience.BreakerRegistry;
import java.util.function.Supplier;

/** Where secrets are kept that JTL gave out. Opens the database when it is first asked. Thread-safe. */
public final class SecretStore implements AutoCloseable {

    private final Supplier<Database> open;
    private final SecretVault vault;
    private final boolean closes;
    private Database database;

    private SecretStore(Supplier<Database> open, SecretVault vault, boolean closes) {
        this.open = open;
        this.vault = vault;
        this.closes = closes;
    }

    static SecretStore of(Database database, SecretVault vault) {
        return new SecretStore(() -> database, vault, false);
    }

    /** For a command that stores a secret: makes the tables where there are none. */
    public static SecretStore create(Settings settings, BreakerRegistry breakers) {
        SecretVault vault = new SecretVault(settings.database(), settings.secretKeys());
        vault.requireUsable();
        return new SecretStore(() -> Database.open(settings.database(), breakers, settings.maxWait()), vault, true);
    }

    /** For a command that needs what is stored, and neither makes nor changes tables. */
    public static SecretStore existing(Settings settings, BreakerRegistry breakers) {
        return existing(settings, settings.others().orElse(null), breakers);
    }

    /**
     * The same for what one tenant needs.
     *
     * @param tenant null: no particular one
     */
    public static SecretStore existing(Settings settings, TenantSettings tenant, BreakerRegistry breakers) {
        return new SecretStore(
                () -> {
                    requireTables(settings, tenant, breakers);
                    return Database.open(settings.database(), breakers, settings.maxWait());
                },
                new SecretVault(settings.database(), settings.secretKeys()),
                true);
    }

    private static void requireTables(Settings settings, TenantSettings tenant, BreakerRegistry breakers) {
        try {
            Database.openToRead(settings.database(), breakers).close();
        } catch (NoDatabaseException e) {
            throw new ProcessingHaltedException(
                    (tenant == null ? "" : notYet(tenant)) + "The database "
                            + settings.database().shownUrl()
                            + " contains nothing yet. If it should, check contacts.database.url and the working"
                            + " directory",
                    e);
        } catch (ProcessingHaltedException e) {
            throw new ProcessingHaltedException("Logins and registrations cannot be read: " + e.getMessage(), e);
        }
    }

    private static String notYet(TenantSettings tenant) {
        return switch (tenant.jtl().auth()) {
            case WAWI_APP ->
                "This app is not registered with the JTL-Wawi at "
                        + tenant.jtl().baseUrl() + ": run the command " + tenant.command("register") + ". ";
            case AUTHORIZATION_CODE ->
                "Nobody is logged in at JTL: log in with the command " + tenant.command("login") + ". ";
            case CLIENT_CREDENTIALS -> "";
        };
    }

    private synchronized Database database() {
        if (database == null) {
            database = open.get();
        }
        return database;
    }

    /** @throws ProcessingHaltedException when the database cannot be used */
    public SecretTable table() {
        return new SecretTable(database(), vault);
    }

    /**
     * Of a login.
     *
     * @param whenNone what a person is to do while there is none
     */
    public RefreshTokens refreshTokens(String name, String whenNone) {
        return new RefreshTokens() {
            private RefreshTokenTable kept;

            private synchronized RefreshTokenTable kept() {
                if (kept == null) {
                    kept = RefreshTokenTable.ofLogin(
                            database(), vault, name, ProcessId.self().toString(), whenNone);
                }
                return kept;
            }

            @Override
            public Turn claim(String unwanted) {
                RefreshTokens tokens;
                try {
                    tokens = kept();
                } catch (ProcessingHaltedException e) {
                    // There is no database that a login could be in.
                    return new Turn.None(e.getMessage());
                }
                return tokens.claim(unwanted);
            }

            @Override
            public void release(String rotated, Access access) {
                kept().release(rotated, access);
            }

            @Override
            public void refused() {
                kept().refused();
            }
        };
    }

    @Override
    public synchronized void close() {
        if (closes && database != null) {
            database.close();
        }
    }
}
