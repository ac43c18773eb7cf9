package de.contactsync.persistence;

import com.zaxxer.hikari.HikariDataSource;
import de.contactsync.model.ProcessingHaltedException;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;
import org.flywaydb.core.api.MigrationState;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.configuration.FluentConfiguration;

/** Brings the tables to this program's version. */
final class Migrations {

    private final DatabaseSettings settings;
    private final Flyway flyway;

    Migrations(DatabaseSettings settings, HikariDataSource pool) {
        this.settings = settings;
        Dialect dialect = Dialect.of(settings.url());
        FluentConfiguration configuration = Flyway.configure();
        // A pooler may stand between, see Pools.
        configuration.jdbcProperties(Map.of("prepareThreshold", "0"));
        this.flyway = (dialect == Dialect.SQLITE
                        ? configuration.dataSource(pool)
                        // Without the pool's time-outs: an index of a table of millions takes its time.
                        : configuration.dataSource(settings.url(), settings.username(), settings.password()))
                .locations("classpath:" + dialect.migrations())
                // In one transaction: tables change from one version to another, or not at all.
                .group(true)
                .load();
    }

    /**
     * @param made whether there are tables of this program already
     * @throws ProcessingHaltedException when the tables are of a newer version, or were made by halves
     */
    void migrate(boolean made) {
        if (!made && flyway.migrate().initialSchemaVersion == null) {
            // As read under Flyway's lock: nobody else has made any, of whatever version.
            return;
        }
        MigrationInfoService before = flyway.info();
        requireSound(before);
        if (Stream.of(before.all()).allMatch(change -> change.getState() == MigrationState.SUCCESS)) {
            // As at nearly every start: Flyway would read all scripts again to find nothing to do.
            return;
        }
        flyway.migrate();
        requireNotNewer(flyway.info());
    }

    /** What Flyway would refuse in words of its own, or repeat. */
    private void requireSound(MigrationInfoService info) {
        for (MigrationInfo applied : info.applied()) {
            String version = "version " + applied.getVersion() + " of the tables of " + settings.shownUrl() + " ";
            if (applied.getState().isFailed()) {
                throw new ProcessingHaltedException(version + "did not succeed when it was made on "
                        + applied.getInstalledOn() + ": restore a backup from before; or, when all tables are as they"
                        + " should be, DELETE FROM flyway_schema_history WHERE NOT success, and start again");
            }
            if (applied.getState().isResolved() && !applied.isChecksumMatching()) {
                throw new ProcessingHaltedException(version + "was made by another build of this program than this one"
                        + " (its script has another checksum in flyway_schema_history): start that build, or restore a"
                        + " backup of a released version");
            }
        }
    }

    /** By itself Flyway takes tables of a newer program for its own. */
    private void requireNotNewer(MigrationInfoService info) {
        newest(Stream.of(info.applied()).filter(applied -> !applied.getState().isResolved()))
                .ifPresent(version -> {
                    throw new ProcessingHaltedException(
                            "the database " + settings.shownUrl() + " was made by a newer version of this"
                                    + " program (its tables are of version " + version + "; this program knows "
                                    + newest(Stream.of(info.all())
                                                    .filter(migration ->
                                                            migration.getState().isResolved()))
                                            .map(known -> "up to " + known)
                                            .orElse("none")
                                    + "): start that version, or name another database in contacts.database.url");
                });
    }

    private static Optional<MigrationVersion> newest(Stream<MigrationInfo> migrations) {
        return migrations.map(MigrationInfo::getVersion).max(Comparator.naturalOrder());
    }

    /**
     * Changes nothing.
     *
     * @throws ProcessingHaltedException when the tables are of another version, so that they cannot be read
     */
    void requireCurrent() {
        int pending = pending();
        if (pending > 0) {
            throw new ProcessingHaltedException("the tables of the database " + settings.shownUrl() + " are of an older"
                    + " version of this program (" + pending + (pending == 1 ? " change" : " changes")
                    + " behind), and this command changes nothing: the next command that writes, such as run or"
                    + " import, brings them to this version");
        }
    }

    /**
     * Changes nothing.
     *
     * @return how many changes of the tables are still to be made
     * @throws ProcessingHaltedException when the tables are of a newer version
     */
    int pending() {
        MigrationInfoService info = flyway.info();
        requireNotNewer(info);
        requireSound(info);
        return info.pending().length;
    }
}
