package de.contactsync.simulator;

import java.util.UUID;

/** The ids in the path of a contact call. */
public record CalledKey(UUID customerId, UUID contactId) {}
