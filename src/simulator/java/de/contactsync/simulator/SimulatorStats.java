package de.contactsync.simulator;

import java.util.SortedMap;

/**
 * What has happened since the start.
 *
 * @param tokenRequests   calls of the token endpoint
 * @param contactRequests calls of a contact, whatever came of them
 * @param listRequests    calls of a customer's list of contacts, whatever came of them
 * @param statuses        answers of the API (not of the token endpoint) by HTTP status
 * @param unanswered      API calls that got no HTTP answer, because of a fault rule
 * @param faults          calls of contacts and lists that met a fault rule
 * @param keysAsked       different pairs of ids asked for, 0 unless {@code countKeys} is on
 * @param keysAskedAgain  those of them that were asked for more than once
 */
public record SimulatorStats(
        long tokenRequests,
        long contactRequests,
        long listRequests,
        SortedMap<Integer, Long> statuses,
        long unanswered,
        long faults,
        long keysAsked,
        long keysAskedAgain) {}
