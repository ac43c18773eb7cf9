-- What JTL answered since a chunk was asked for; there are few such answers while it is written.
CREATE INDEX dead_letter_answer_by_time ON dead_letter (asked_at)
    WHERE reason IN ('not-found', 'sink-rejected') AND asked_at > 0;
