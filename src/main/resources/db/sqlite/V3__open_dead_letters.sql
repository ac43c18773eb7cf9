-- How many are open is asked again and again while the process is watched.
CREATE INDEX dead_letter_open ON dead_letter (state) WHERE state = 'open';
