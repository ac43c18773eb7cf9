package de.contactsync.model;

/** What a sink said to one {@link Delivery}. */
public sealed interface DeliveryResult {

    /** @param remoteId the contact's id in the sink, null when it told none */
    record Accepted(String remoteId) implements DeliveryResult {}

    /** It will not take it as it is. */
    record Refused(Outcome.Failed why) implements DeliveryResult {}

    /** It has the contact, and refuses to link it to its company. @param remoteId as of {@link Accepted} */
    record Unlinked(String remoteId, Outcome.Failed why) implements DeliveryResult {}

    /**
     * It has the contact, and not its e-mail address, which is another's there: sent again whenever JTL reports it.
     *
     * @param remoteId as of {@link Accepted}
     */
    record WithoutEmail(String remoteId, Outcome.Failed why) implements DeliveryResult {}

    /** It said nothing, or was not asked: the delivery stays pending. */
    record Unsent() implements DeliveryResult {}
}
