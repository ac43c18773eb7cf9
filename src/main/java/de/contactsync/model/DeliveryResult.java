package de.contactsync.model;

/** What a sink said to one {@link Delivery}. */
public sealed interface DeliveryResult {

    /** @param remoteId the contact's id in the sink, null when its answer had none */
    record Accepted(String remoteId) implements DeliveryResult {}

    /** It will not take it as it is. */
    record Refused(Outcome.Failed why) implements DeliveryResult {}

    /**
     * It has the contact, and refuses what belongs to it.
     *
     * @param remoteId as of {@link Accepted}
     * @param part     what that is: {@link #COMPANY}, or the step by which it is sent
     */
    record Unlinked(String remoteId, String part, Outcome.Failed why) implements DeliveryResult {

        /** The link to its company. */
        public static final String COMPANY = "company";

        public Unlinked(String remoteId, Outcome.Failed why) {
            this(remoteId, COMPANY, why);
        }
    }

    /**
     * It has the contact, and not its e-mail address, which is another's there: sent again whenever JTL reports it.
     *
     * @param remoteId as of {@link Accepted}
     * @param unlinked why it is not linked to its company either, as of {@link Unlinked}; null when it is or need not be
     */
    record WithoutEmail(String remoteId, Outcome.Failed why, Outcome.Failed unlinked) implements DeliveryResult {

        /** Linked as it is to be. */
        public WithoutEmail(String remoteId, Outcome.Failed why) {
            this(remoteId, why, null);
        }
    }

    /** It has no record of the contact, or none of its own: there was nothing to delete or flag. */
    record Absent() implements DeliveryResult {}

    /**
     * It is not written, and what the sink has of it, if anything, stays as it is.
     *
     * @param by    the setting or rule that says so, for people
     * @param where it says so, without the contact's data; null where there is no more to say
     */
    record LeftOut(String by, String where) implements DeliveryResult {

        public LeftOut(String by) {
            this(by, null);
        }

        /** For people. */
        public String text() {
            return where == null ? by : by + " (" + where + ")";
        }
    }

    /**
     * It answered what concerns everything as a rule, such as HTTP 403, and may concern the contact: the delivery stays
     * pending unless what becomes of others shows that.
     */
    record Unexpected(Outcome.Failed why) implements DeliveryResult {}

    /**
     * It said nothing, or was not asked: the delivery stays pending.
     *
     * @param tried whether the sink may have got it
     */
    record Unsent(boolean tried) implements DeliveryResult {

        /** One that the sink may have got. */
        public Unsent() {
            this(true);
        }
    }
}
