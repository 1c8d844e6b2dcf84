-- How a signal went is asked for by the tenant who sent it, and what of a plan is still to be sent by
-- the conductor that takes it up: without an index both read every leg that there ever was.
CREATE INDEX copy_legs_signal ON copy_legs (signal_id);
