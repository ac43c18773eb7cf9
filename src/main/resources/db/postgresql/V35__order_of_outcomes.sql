-- When the call began that ended so, as contact.asked_at; 0 where nobody was asked, or nobody noted it.
ALTER TABLE dead_letter ADD COLUMN asked_at BIGINT NOT NULL DEFAULT 0;

-- Of a key without a contact, the latest of these is what JTL told of it last.
CREATE INDEX dead_letter_answer ON dead_letter (tenant_id, customer_id, contact_id, asked_at)
    WHERE reason IN ('not-found', 'sink-rejected') AND asked_at > 0;
