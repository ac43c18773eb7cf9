package de.contactsync.outbox;

import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryReport;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.Outcome;
import de.contactsync.persistence.ChunkStore;
import de.contactsync.persistence.WithoutEmail;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** Writes down in the table {@code delivery}, and in the dead letters, what a sink said of what it was sent. */
final class DeliveryRecorder {

    private static final String ACCEPTED =
            "UPDATE delivery SET content_hash = ?, refused_hash = NULL, remote_id = coalesce(?, remote_id),"
                    + " delivered_at = ?, attempts = 0, claimed_by = NULL, claimed_at = NULL,"
                    + " state = CASE WHEN wanted_hash = ? THEN 'delivered' ELSE 'pending' END" + DeliveryRows.OWN;

    /** What the sink has of it is not touched. A try that had no answer is still to be reckoned with, this was none. */
    private static final String LEFT_OUT =
            "UPDATE delivery SET left_out = ?, refused_hash = NULL, attempts = attempts - 1,"
                    + " claimed_by = NULL, claimed_at = NULL,"
                    + " state = CASE WHEN wanted_hash = ? THEN 'delivered' ELSE 'pending' END" + DeliveryRows.OWN;

    /**
     * Which record it was is forgotten: back at JTL, the contact is looked for by its key, and what was deleted is not
     * written to. Where JTL has it again already, it is sent next.
     */
    private static final String REMOVED =
            "UPDATE delivery SET content_hash = NULL, refused_hash = NULL, remote_id = NULL, field_hashes = NULL,"
                    + " delivered_at = ?,"
                    + " attempts = 0,"
                    + " claimed_by = NULL, claimed_at = NULL,"
                    + " state = CASE WHEN wanted_hash IS NULL THEN 'gone' ELSE 'pending' END" + DeliveryRows.OWN;

    /** A refused hash that no contact has stands for the taking back. */
    private static final String REFUSED =
            "UPDATE delivery SET refused_hash = coalesce(?, ''), attempts = 0, claimed_by = NULL, claimed_at = NULL,"
                    + " state = CASE WHEN wanted_hash IS NOT DISTINCT FROM ? THEN 'failed' ELSE 'pending' END"
                    + DeliveryRows.OWN;

    /** Accepted, and refused as well. */
    private static final String UNLINKED =
            "UPDATE delivery SET content_hash = ?, refused_hash = ?, remote_id = coalesce(?, remote_id),"
                    + " delivered_at = ?,"
                    + " attempts = 0, claimed_by = NULL, claimed_at = NULL,"
                    + " state = CASE WHEN wanted_hash IS NOT DISTINCT FROM ? THEN 'failed' ELSE 'pending' END"
                    + DeliveryRows.OWN;

    /** Accepted, but for its address: whenever it is stored it is sent again. */
    private static final String WITHOUT_EMAIL =
            "UPDATE delivery SET content_hash = ?, refused_hash = ?, remote_id = coalesce(?, remote_id),"
                    + " delivered_at = coalesce(?, delivered_at),"
                    + " attempts = 0, claimed_by = NULL, claimed_at = NULL,"
                    + " state = CASE WHEN wanted_hash = ? THEN 'delivered' ELSE 'pending' END" + DeliveryRows.OWN;

    private static final String UNTRIED = "UPDATE delivery SET attempts = attempts - 1" + DeliveryRows.OWN;

    private static final String SET_ASIDE = "UPDATE delivery SET attempts = attempts + 1" + DeliveryRows.OWN;

    /** @param remoteId as of {@link DeliveryResult.Accepted} */
    private record Taken(Delivery delivery, String remoteId) {}

    private final DeliveryRows rows;
    private final DeliveryDeadLetters letters;

    DeliveryRecorder(DeliveryRows rows, DeliveryDeadLetters letters) {
        this.rows = rows;
        this.letters = letters;
    }

    /** In the order in which chunks are written, so that no two transactions wait for each other. */
    static List<Delivery> ordered(Collection<Delivery> deliveries) {
        return deliveries.stream()
                .sorted(Comparator.comparing(Delivery::key, ChunkStore.ORDER))
                .toList();
    }

    /** What it was sent that changed meanwhile stays pending, as does what is unsent. */
    DeliveryCounts record(Connection connection, DeliveryReport sent, Object now) throws SQLException {
        List<Integer> order = IntStream.range(0, sent.receipts().size())
                .boxed()
                .sorted(Comparator.comparing(
                        i -> sent.batch().deliveries().get(i).key(), ChunkStore.ORDER))
                .toList();
        long delivered = 0;
        long removed = 0;
        long refused = 0;
        long withoutEmail = 0;
        long leftOut = 0;
        long notThere = 0;
        // One contact under two customers is one record.
        Set<String> counted = new HashSet<>();
        // All of a batch as a rule; not past one of the others, which would change the order of the locks.
        List<Taken> taken = new ArrayList<>();
        for (int i : order) {
            Delivery delivery = sent.batch().deliveries().get(i);
            DeliveryResult result = sent.receipts().get(i);
            if (isTaken(result) && delivery.gone()) {
                delivered += accepted(connection, taken, counted, now);
                taken.clear();
                boolean done = result instanceof DeliveryResult.Accepted;
                int updated = removed(connection, delivery, done ? now : null);
                removed += done ? updated : 0;
                notThere += done ? 0 : updated;
                continue;
            }
            if (result instanceof DeliveryResult.Accepted accepted) {
                taken.add(new Taken(delivery, accepted.remoteId()));
                continue;
            }
            delivered += accepted(connection, taken, counted, now);
            taken.clear();
            if (result instanceof DeliveryResult.LeftOut left) {
                leftOut += leftOut(connection, delivery, left.text(), counted);
            } else if (result instanceof DeliveryResult.Refused refusal) {
                refused += refused(connection, delivery, refusal.why(), now);
            } else if (result instanceof DeliveryResult.Unlinked unlinked) {
                refused += unlinked(connection, delivery, unlinked, now);
            } else if (result instanceof DeliveryResult.WithoutEmail without) {
                int updated = withoutEmail(connection, delivery, without, now);
                withoutEmail += updated;
                delivered += delivery.lacksOnlyEmail() ? 0 : updated;
            }
        }
        delivered += accepted(connection, taken, counted, now);
        // The try that the claim has counted was not made.
        rows.updateOwn(
                connection,
                UNTRIED,
                order.stream()
                        .filter(i -> sent.receipts().get(i) instanceof DeliveryResult.Unsent unsent && !unsent.tried())
                        .map(i -> sent.batch().deliveries().get(i))
                        .toList());
        // Others of the batch, which may never have been sent, are to be tried before these.
        rows.updateOwn(connection, SET_ASIDE, ordered(sent.setAside()));
        return new DeliveryCounts(delivered, refused, removed, withoutEmail, leftOut, notThere);
    }

    private static boolean isTaken(DeliveryResult result) {
        return result instanceof DeliveryResult.Accepted || result instanceof DeliveryResult.Absent;
    }

    /**
     * All by one round trip.
     *
     * @param counted contacts that were counted before, whatever their customer
     * @return how many more no other process has taken over meanwhile
     */
    private int accepted(Connection connection, List<Taken> taken, Set<String> counted, Object now)
            throws SQLException {
        if (taken.isEmpty()) {
            return 0;
        }
        int[] updated;
        try (PreparedStatement statement = connection.prepareStatement(ACCEPTED)) {
            for (Taken one : taken) {
                String hash = one.delivery.hash();
                statement.setString(1, hash);
                statement.setString(2, one.remoteId);
                statement.setObject(3, now);
                statement.setString(4, hash);
                rows.bindOwn(statement, 5, one.delivery.key());
                statement.addBatch();
            }
            updated = statement.executeBatch();
        }
        int accepted = 0;
        for (int i = 0; i < updated.length; i++) {
            accepted += isFirst(taken.get(i).delivery, counted) ? updated[i] : 0;
            closeLetters(connection, updated[i], taken.get(i).delivery);
        }
        letters.closeOfFormerCustomers(
                connection, taken.stream().map(one -> one.delivery.key()).toList());
        return accepted;
    }

    private static boolean isFirst(Delivery delivery, Set<String> counted) {
        return counted.add(delivery.key().tenantId() + "/" + delivery.key().contactId());
    }

    /**
     * @param by      as of {@link DeliveryResult.LeftOut#text}
     * @param counted as of {@link #accepted}
     */
    private int leftOut(Connection connection, Delivery delivery, String by, Set<String> counted) throws SQLException {
        int updated;
        try (PreparedStatement statement = connection.prepareStatement(LEFT_OUT)) {
            statement.setString(1, by);
            statement.setString(2, delivery.hash());
            updated = update(connection, statement, 3, delivery);
        }
        return isFirst(delivery, counted) ? updated : 0;
    }

    /** @param done when it was deleted or flagged; null when there was no record */
    private int removed(Connection connection, Delivery delivery, Object done) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(REMOVED)) {
            statement.setObject(1, done);
            return update(connection, statement, 2, delivery);
        }
    }

    private int refused(Connection connection, Delivery delivery, Outcome.Failed why, Object now) throws SQLException {
        int refused;
        try (PreparedStatement statement = connection.prepareStatement(REFUSED)) {
            statement.setString(1, delivery.hash());
            statement.setString(2, delivery.hash());
            refused = update(connection, statement, 3, delivery);
        }
        if (refused == 1) {
            letters.refused(connection, delivery.key(), why, now);
        }
        return refused;
    }

    private int unlinked(Connection connection, Delivery delivery, DeliveryResult.Unlinked unlinked, Object now)
            throws SQLException {
        int updated;
        try (PreparedStatement statement = connection.prepareStatement(UNLINKED)) {
            statement.setString(1, delivery.hash());
            statement.setString(2, delivery.hash());
            statement.setString(3, unlinked.remoteId());
            statement.setObject(4, now);
            statement.setString(5, delivery.hash());
            updated = update(connection, statement, 6, delivery);
        }
        if (updated == 1) {
            letters.unlinked(connection, delivery.key(), unlinked.part(), unlinked.why(), now);
            letters.closeOfFormerCustomers(connection, List.of(delivery.key()));
        }
        return updated;
    }

    private int withoutEmail(Connection connection, Delivery delivery, DeliveryResult.WithoutEmail receipt, Object now)
            throws SQLException {
        int updated;
        try (PreparedStatement statement = connection.prepareStatement(WITHOUT_EMAIL)) {
            statement.setString(1, delivery.hash());
            statement.setString(2, WithoutEmail.of(delivery.hash()));
            statement.setString(3, receipt.remoteId());
            // Of one that lacks only its address nothing was written.
            statement.setObject(4, delivery.lacksOnlyEmail() ? null : now);
            statement.setString(5, delivery.hash());
            rows.bindOwn(statement, 6, delivery.key());
            updated = statement.executeUpdate();
        }
        if (updated == 1
                && !(delivery.lacksOnlyEmail() && letters.stillWithoutEmail(connection, delivery.key(), now))) {
            closeLetters(connection, updated, delivery);
            letters.withoutEmail(connection, delivery.key(), receipt.why(), now);
            if (receipt.unlinked() != null) {
                letters.unlinked(connection, delivery.key(), DeliveryResult.Unlinked.COMPANY, receipt.unlinked(), now);
            }
            letters.closeOfFormerCustomers(connection, List.of(delivery.key()));
        }
        return updated;
    }

    /** @return 0 when another process has taken it over meanwhile, and so will settle it */
    private int update(Connection connection, PreparedStatement statement, int parameter, Delivery delivery)
            throws SQLException {
        rows.bindOwn(statement, parameter, delivery.key());
        int updated = statement.executeUpdate();
        closeLetters(connection, updated, delivery);
        return updated;
    }

    private void closeLetters(Connection connection, int updated, Delivery delivery) throws SQLException {
        if (updated == 1 && delivery.refused()) {
            letters.close(connection, delivery.key());
        }
    }
}
