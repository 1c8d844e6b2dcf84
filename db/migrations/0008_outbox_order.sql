-- The outbox is read topic by topic in the order of its ids. Without an index that has both, a plan made
-- while the table was small sorted all that waited, and all that had left and was not vacuumed yet.
ALTER TABLE outbox
    DROP CONSTRAINT outbox_pkey,
    ADD PRIMARY KEY (topic, id);
