-- What closed a part of a position without an order of ours: a liquidation, or the owner by hand. Booked
-- with the leg whose refusal made us look; it is no part of what that leg executed.
ALTER TABLE leg_fills ADD COLUMN is_foreign boolean NOT NULL DEFAULT false;
