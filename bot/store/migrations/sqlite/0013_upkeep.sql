-- What upkeep looks for twice a minute is found without reading everything that was ever stored.

CREATE INDEX inbox_words ON inbox (handled_at) WHERE body_sealed IS NOT NULL;
CREATE INDEX outbox_words ON outbox (updated_at) WHERE body_sealed IS NOT NULL;
CREATE INDEX notices_words ON notices (updated_at) WHERE body_sealed IS NOT NULL;
CREATE INDEX conversations_idle ON conversations (updated_at) WHERE address_hash IS NOT NULL;
CREATE INDEX unanswered_asked ON unanswered (asked_at);
CREATE INDEX unanswered_conversation ON unanswered (conversation_id);
CREATE INDEX inbox_old ON inbox (received_at) WHERE handled_at IS NULL;
CREATE INDEX outbox_due ON outbox (due_at) WHERE delivery IN ('queued', 'sending');
CREATE INDEX conversations_erasing ON conversations (id) WHERE erasing AND address_hash IS NOT NULL;
