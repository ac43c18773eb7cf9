package de.contactsync.crm.mapping;

import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryResult;
import java.util.function.UnaryOperator;

/**
 * Which contacts are sent.
 *
 * @param file      the mapping file, for messages
 * @param onlyIf    what must hold for them
 * @param blockList who is not sent all the same
 */
record ContactFilter(String file, FieldCondition onlyIf, BlockList blockList) {

    /** Of a step: whoever is sent is also followed. */
    static final ContactFilter NONE = new ContactFilter(null, FieldCondition.NONE, BlockList.NONE);

    /** Null when it is sent, as far as this says. @param contact what it has, by name */
    DeliveryResult.LeftOut leftOut(Delivery delivery, UnaryOperator<String> contact) {
        int blocked = blockList.line(delivery);
        if (blocked > 0) {
            return new DeliveryResult.LeftOut("block-list", blockList.file() + " line " + blocked);
        }
        String broken = onlyIf.broken(contact);
        return broken == null ? null : new DeliveryResult.LeftOut("only-if", file + ", " + broken);
    }
}
