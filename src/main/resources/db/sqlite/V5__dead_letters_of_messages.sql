-- A message that is delivered twice is still one dead letter; its position is the message's id.
CREATE UNIQUE INDEX dead_letter_of_message ON dead_letter (source, position, stage) WHERE source IN ('queue', 'kafka');
