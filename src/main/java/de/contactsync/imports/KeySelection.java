package de.contactsync.imports;

import de.contactsync.persistence.DatabaseSettings;
import java.nio.file.Path;
import java.time.Duration;

/** Where scheduled runs take their keys from. */
public sealed interface KeySelection {

    /** As {@code contacts.timer.keys} has it. */
    String name();

    /**
     * The contacts that we have.
     *
     * @param maxAge only those that were looked up longer ago than this
     */
    record Known(Duration maxAge) implements KeySelection {

        @Override
        public String name() {
            return "known";
        }
    }

    /**
     * The contacts of the customers that JTL lists.
     *
     * @param changedSince null: all of them each time
     */
    record Customers(ChangedSince changedSince) implements KeySelection {

        @Override
        public String name() {
            return "customers";
        }
    }

    /** The rows of a query, in any database that has a JDBC driver. */
    record Sql(DatabaseSettings database, String query) implements KeySelection {

        @Override
        public String name() {
            return "sql";
        }
    }

    /** A key file, read anew by each run. */
    record InFile(Path file) implements KeySelection {

        @Override
        public String name() {
            return "file";
        }
    }
}
