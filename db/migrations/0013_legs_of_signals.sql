-- How a signal went is asked for by the tenant who sent it: without an index that read every leg that
-- there ever was.
CREATE INDEX copy_legs_signal ON copy_legs (signal_id);
