package de.contactsync.simulator;

import java.util.UUID;

/** The ids of a contact, as they stand in the path of a call for it. */
public record RequestedKey(UUID customerId, UUID contactId) {}
