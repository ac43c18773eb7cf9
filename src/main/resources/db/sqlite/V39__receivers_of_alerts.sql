-- Whom an alert was written for, also when the channel has told it: only who was told that something is wrong is told that it has
-- ended. NULL where the channel has given it up, or it ended before it was told.
ALTER TABLE alert ADD COLUMN receiver TEXT;
