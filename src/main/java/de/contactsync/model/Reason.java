package de.contactsync.model;

/** Why a key became a dead letter, as the column {@code dead_letter.reason} has it. */
public enum Reason {
    /** The record of the source is not a contact key. */
    INVALID_KEY("invalid-key"),
    /** JTL knows no such contact. */
    NOT_FOUND("not-found"),
    /** JTL refused this one key. */
    REJECTED("rejected"),
    /** JTL's answer is not the contact that was asked for. */
    CONTRACT_VIOLATION("contract-violation"),
    /** JTL, or a CRM, kept failing for this key while it answered others. */
    RETRIES_EXHAUSTED("retries-exhausted"),
    /** A sink refused the contact. */
    SINK_REJECTED("sink-rejected");

    private final String code;

    Reason(String code) {
        this.code = code;
    }

    /** @throws IllegalArgumentException when no reason has this code */
    public static Reason of(String code) {
        for (Reason reason : values()) {
            if (reason.code.equals(code)) {
                return reason;
            }
        }
        throw new IllegalArgumentException("no reason of a dead letter: " + code);
    }

    /** Where such a key fails, as the column {@code dead_letter.stage} has it. */
    public String stage() {
        return switch (this) {
            case INVALID_KEY -> "key";
            case NOT_FOUND, REJECTED, CONTRACT_VIOLATION, RETRIES_EXHAUSTED -> "jtl";
            case SINK_REJECTED -> "sink:database";
        };
    }

    public String code() {
        return code;
    }
}
