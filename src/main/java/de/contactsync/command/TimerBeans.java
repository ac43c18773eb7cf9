package de.contactsync.command;

import de.contactsync.jtl.CustomerWalk;
import de.contactsync.jtl.JtlCalls;
import de.contactsync.ledger.Database;
import de.contactsync.ledger.KeyLists;
import de.contactsync.ledger.RunLedger;
import de.contactsync.ledger.ScheduledRuns;
import de.contactsync.source.Passes;
import de.contactsync.source.TimerRuns;
import java.time.Clock;

/** What the route source-timer names. */
final class TimerBeans {

    private TimerBeans() {}

    static void bind(
            Platform platform, Settings settings, Database database, RunLedger ledger, Passes passes,
            JtlCalls calls, Clock clock) {
        platform.bind("timerRuns", new TimerRuns(settings.timer(), new ScheduledRuns(database, ledger, clock),
                new KeyLists(database, ledger), ledger, passes,
                new CustomerWalk(calls)::page, clock));
    }
}
