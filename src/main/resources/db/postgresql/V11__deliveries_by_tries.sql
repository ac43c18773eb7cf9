-- What was tried least is sent first, so that a contact which the CRM fails on does not stop the others.

DROP INDEX delivery_pending;
CREATE INDEX delivery_pending ON delivery (sink, attempts, pending_since) WHERE state = 'pending';
