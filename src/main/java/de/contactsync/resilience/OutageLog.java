package de.contactsync.resilience;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says what goes out of reach and comes back. A file may name thousands of tenants whose JTL-Wawi is switched off: the
 * first few are named, from then on only their number is told, each time that it has doubled or halved. Thread-safe.
 */
final class OutageLog {

    private static final Logger LOG = LoggerFactory.getLogger(Breaker.class);

    /** Tenants that are named while no more than these are away. */
    private static final int NAMED = 10;

    private final boolean work;
    private int tenants;
    /** Away when their number was told last; {@link #NAMED} while each is named. */
    private int told = NAMED;

    /** @param work whether there is any that waits for what is out of reach; without it, nothing is said */
    OutageLog(boolean work) {
        this.work = work;
    }

    /** @param line for whoever reads the log */
    synchronized void opened(boolean tenant, String line) {
        if (!work) {
            LOG.debug("{}", line);
        } else if (!tenant || ++tenants <= NAMED && told == NAMED) {
            LOG.warn("{}", line);
        } else if (tenants >= 2 * told || tenants == NAMED + 1 && told == NAMED) {
            told = tenants;
            LOG.warn(
                    "{} tenants are out of reach; the latest: {}. Further ones are counted, not named: the health body"
                            + " names those that have been away for longest",
                    tenants,
                    line);
        }
    }

    /** @param line for whoever reads the log */
    synchronized void closed(boolean tenant, String line) {
        if (!work) {
            LOG.debug("{}", line);
        } else if (!tenant || --tenants < NAMED && told == NAMED) {
            LOG.info("{}", line);
        } else {
            fewer();
        }
    }

    /** An outage that nobody asks about any more. */
    synchronized void forgotten(boolean tenant) {
        if (work && tenant) {
            tenants--;
            fewer();
        }
    }

    private void fewer() {
        if (told > NAMED && tenants <= told / 2) {
            told = Math.max(NAMED, tenants);
            LOG.info("{} tenants are still out of reach", tenants);
        }
    }
}
