-- Statistics taken while nothing was open say that nothing ever is, and a partial index of what is
-- open is then free to be read whole, whatever its key: each follower's plan read every open leg
-- there was. So each of these indexes has words of its own for what is open, and only queries that
-- have its key say them.
UPDATE copy_legs SET ended_at = created_at
 WHERE ended_at IS NULL AND state IN ('filled', 'rejected', 'alarmed');
UPDATE copies SET ended_at = created_at
 WHERE ended_at IS NULL AND status IN ('filled', 'refused', 'rejected', 'alarmed');
ALTER TABLE copy_legs ADD CONSTRAINT copy_legs_ended
    CHECK ((ended_at IS NULL) = (state IN ('armed', 'unknown', 'working')));
ALTER TABLE copies ADD CONSTRAINT copies_ended
    CHECK ((ended_at IS NULL) = (status IN ('waiting', 'open')));

DROP INDEX copy_legs_open, copy_legs_open_subscription, copies_waiting;
CREATE INDEX copy_legs_unsent ON copy_legs (signal_id) WHERE state = 'armed' AND attempt = 1;
CREATE INDEX copy_legs_going ON copy_legs (subscription_id) WHERE ended_at IS NULL;
CREATE INDEX copies_going ON copies (subscription_id) WHERE ended_at IS NULL;
-- By signal there is copies_open, of status IN ('waiting', 'open').
