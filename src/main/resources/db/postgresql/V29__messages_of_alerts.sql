-- When a message with alerts went out, so that no more than some of them do in an hour, also over restarts. In microseconds since
-- 1970 by the clock of the database.
CREATE TABLE alert_message (
    channel TEXT NOT NULL,
    sent_at BIGINT NOT NULL
);
CREATE INDEX alert_message_by_time ON alert_message (channel, sent_at);
