package de.contactsync.persistence;

/**
 * What {@code NAME.errors.csv} says of a dead letter. Each text may be null but {@code position} and {@code reason}.
 */
public record DeadLetter(
        String position,
        String tenantId,
        String customerId,
        String contactId,
        String rawKey,
        String reason,
        Integer httpStatus,
        String errorCode,
        String errorMessage) {}
